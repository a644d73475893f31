import type { Parameter, Parameters } from '../engines/engine.js';

export interface RenderedQuery {
  readonly name: string;
  readonly sql: string;
  readonly parameters: Parameters;
}

/** The SQL as it would run, below comment lines that name the question and the value of each `$parameter`. */
export function renderSql({ name, sql, parameters }: RenderedQuery): string {
  const values = Object.entries(parameters).map(([key, value]) => `-- $${key} = ${renderValue(value)}`);
  return [`-- ${oneLine(name)}`, ...values, sql, ''].join('\n');
}

function renderValue(value: Parameter): string {
  if (typeof value !== 'string') return String(value);
  return oneLine(`'${value.replaceAll("'", "''")}'`);
}

/** A value may come from a log: nothing in it may end the comment line or reach the terminal as a control character. */
function oneLine(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
