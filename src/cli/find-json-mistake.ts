/** Where a text stops being JSON. Lines and columns count from 1, columns in characters. */
export interface JsonMistake {
  readonly line: number;
  readonly column: number;
  /** What is wrong there: `expected a comma or }`. */
  readonly problem: string;
}

const BLANKS = /[ \t\n\r]*/y;
const TOKEN =
  /[{}[\]:,]|"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null)\b/y;

type Expected = 'value' | 'valueOrEnd' | 'key' | 'keyOrEnd' | 'colon' | 'commaOrEnd' | 'nothing';

interface Reader {
  readonly text: string;
  /** The brackets that are open, each as what closes it. */
  readonly open: ('}' | ']')[];
  expected: Expected;
  at: number;
}

/**
 * Finds the first mistake in a text that is meant to be JSON (RFC 8259), for people to mend; undefined where there is none.
 * `JSON.parse` says where only in some of its messages, and differently in each version of Node.
 */
export function findJsonMistake(text: string): JsonMistake | undefined {
  const reader: Reader = { text, open: [], expected: 'value', at: 0 };
  for (;;) {
    BLANKS.lastIndex = reader.at;
    BLANKS.exec(text);
    reader.at = BLANKS.lastIndex;
    if (reader.at === text.length && reader.expected === 'nothing') return undefined;
    TOKEN.lastIndex = reader.at;
    const token = TOKEN.exec(text)?.[0];
    const next = token === undefined ? undefined : takeToken(reader, token);
    if (token === undefined || next === undefined) return describeMistake(reader);
    reader.expected = next;
    reader.at += token.length;
  }
}

/** What is expected after the token, or undefined where it does not belong. */
function takeToken({ expected, open }: Reader, token: string): Expected | undefined {
  const closes = token === '}' || token === ']';
  if (closes) {
    const mayClose = expected === 'commaOrEnd' || expected === (token === '}' ? 'keyOrEnd' : 'valueOrEnd');
    if (!mayClose || open.at(-1) !== token) return undefined;
    open.pop();
    return afterValue(open);
  }
  if (expected === 'key' || expected === 'keyOrEnd') return token.startsWith('"') ? 'colon' : undefined;
  if (expected === 'colon') return token === ':' ? 'value' : undefined;
  if (expected === 'commaOrEnd') return token === ',' ? (open.at(-1) === '}' ? 'key' : 'value') : undefined;
  if (expected === 'nothing' || token === ',' || token === ':') return undefined;
  if (token === '{') return (open.push('}'), 'keyOrEnd');
  if (token === '[') return (open.push(']'), 'valueOrEnd');
  return afterValue(open);
}

function afterValue(open: readonly string[]): Expected {
  return open.length === 0 ? 'nothing' : 'commaOrEnd';
}

function describeMistake(reader: Reader): JsonMistake {
  const before = reader.text.slice(0, reader.at);
  const lineStart = before.lastIndexOf('\n') + 1;
  return {
    line: before.split('\n').length,
    column: Array.from(before.slice(lineStart)).length + 1,
    problem: describeProblem(reader),
  };
}

function describeProblem({ text, at, expected, open }: Reader): string {
  const end = open.at(-1) ?? 'the end';
  const rest = text.slice(at, at + 2);
  if (rest === '//' || rest === '/*' || rest.startsWith('#')) return 'JSON has no comments';
  if (rest.startsWith("'")) return 'JSON has texts in double quotes only';
  const wanted: Record<Expected, string> = {
    value: rest.startsWith(']') ? 'a value, or no comma before ]' : 'a value',
    valueOrEnd: 'a value or ]',
    key: rest.startsWith('}') ? 'a key, or no comma before }' : 'a key in double quotes',
    keyOrEnd: 'a key in double quotes or }',
    colon: 'a colon after the key',
    commaOrEnd: `a comma or ${end}`,
    nothing: 'nothing more',
  };
  const found = at === text.length ? 'the text ends here: ' : '';
  const isBrokenText = rest.startsWith('"') && expected !== 'colon' && expected !== 'commaOrEnd';
  return isBrokenText
    ? 'this text is not closed, or holds something to be escaped'
    : `${found}expected ${wanted[expected]}`;
}
