/** One member of a JSON object: its key's text, and its value as it is written. */
export interface PlainMember {
  readonly key: string;
  readonly value: string;
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/gs;

/** The members of JSON text that is an object, doubled ones too. Nothing is checked; it is no reader of ours. */
export function membersOf(json: string): PlainMember[] {
  return partsOf(json).map((part) => {
    const key = /^"(?:[^"\\]|\\.)*"/s.exec(part)?.[0] ?? '';
    return { key: JSON.parse(key) as string, value: part.slice(key.length).replace(/^\s*:/, '').trim() };
  });
}

/** The elements of JSON text that is an array, as they are written. */
export function elementsOf(json: string): string[] {
  return partsOf(json);
}

function partsOf(json: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = -1;
  for (const { 0: token, index } of json.matchAll(TOKEN)) {
    if (depth === 1 && start < 0 && token !== '}' && token !== ']') start = index;
    const isEnd = depth === 1 && (token === ',' || token === '}' || token === ']');
    if (isEnd && start >= 0) parts.push(json.slice(start, index).trim());
    if (isEnd) start = -1;
    if (token === '{' || token === '[') depth++;
    if (token === '}' || token === ']') depth--;
  }
  return parts;
}

/** JSON text without blanks between its tokens, and with one spelling for each string: every digit of a number stays. */
export function compactJson(json: string): string {
  return [...json.matchAll(TOKEN)]
    .map(([token]) => (token.startsWith('"') ? JSON.stringify(JSON.parse(token)) : token))
    .join('');
}

/** An object's members in their order, for comparing. */
export function comparable(members: readonly PlainMember[]): string {
  return members.map(({ key, value }) => `${JSON.stringify(key)}:${compactJson(value)}`).join(',');
}
