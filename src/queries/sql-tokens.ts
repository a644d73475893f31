export type SqlTokenKind =
  'space' | 'comment' | 'string' | 'quoted' | 'backquoted' | 'parameter' | 'number' | 'word' | 'symbol';

export interface SqlToken {
  readonly kind: SqlTokenKind;
  readonly text: string;
}

/** First fit wins. What is not closed reaches to the end of the text. */
const PATTERNS: readonly (readonly [SqlTokenKind, RegExp])[] = [
  ['space', /\s+/y],
  ['comment', /--[^\n]*/y],
  ['string', /[eE]'[^'\\]*(?:(?:''|\\.)[^'\\]*)*(?:'|\\?$)/sy],
  ['string', /'[^']*(?:''[^']*)*(?:'|$)/y],
  ['string', /\$((?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?)\$[^]*?(?:\$\1\$|$)/y],
  ['quoted', /"[^"]*(?:""[^"]*)*(?:"|$)/y],
  ['backquoted', /`[^`\\]*(?:(?:``|\\.)[^`\\]*)*(?:`|\\?$)/sy],
  ['parameter', /\$\w+|\?/y],
  ['number', /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y],
  ['word', /[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*/y],
  ['symbol', /->>|->|::|\|\||<=|>=|<>|!=|==|=>/y],
];

/**
 * Cuts SQL into tokens, as DuckDB's lexer does, plus ClickHouse's backquoted names. Takes any text and loses nothing:
 * the tokens' texts, put together, are the text that was given.
 */
export function tokenizeSql(sql: string): readonly SqlToken[] {
  const tokens: SqlToken[] = [];
  let at = 0;
  while (at < sql.length) {
    const token = blockCommentAt(sql, at) ?? tokenAt(sql, at);
    tokens.push(token);
    at += token.text.length;
  }
  return tokens;
}

/** The names of the parameters that SQL uses, each once, without the `$`. */
export function parametersIn(sql: string): readonly string[] {
  const used = tokenizeSql(sql).filter((token) => token.kind === 'parameter');
  return [...new Set(used.map((token) => token.text.replace(/^\$/, '')))];
}

/** Block comments nest, which a regular expression cannot follow. */
function blockCommentAt(sql: string, start: number): SqlToken | undefined {
  if (!sql.startsWith('/*', start)) return undefined;
  const marks = /\/\*|\*\//g;
  marks.lastIndex = start;
  let depth = 0;
  for (let mark = marks.exec(sql); mark !== null; mark = marks.exec(sql)) {
    depth += mark[0] === '/*' ? 1 : -1;
    if (depth === 0) return { kind: 'comment', text: sql.slice(start, marks.lastIndex) };
  }
  return { kind: 'comment', text: sql.slice(start) };
}

function tokenAt(sql: string, start: number): SqlToken {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = start;
    const match = pattern.exec(sql);
    if (match !== null) return { kind, text: match[0] };
  }
  return { kind: 'symbol', text: String.fromCodePoint(sql.codePointAt(start) ?? 0) };
}
