import { sqlLiteral } from './sql-literal.js';

/** What CloudTrail writes in place of a value that it does not show: the value is unknown. */
export const HIDDEN = 'HIDDEN_DUE_TO_SECURITY_REASONS';

/** SQL for a text expression whose empty text, and each of `markers`, means that there is no value. */
export function presentSql(expression: string, ...markers: readonly string[]): string {
  const absent = ['', ...markers].map(sqlLiteral).join(', ');
  return `CASE WHEN ${expression} NOT IN (${absent}) THEN ${expression} END`;
}

/** The field that an expression gives the text of, or NULL: it is the field itself, or what {@link presentSql} makes of it. */
export function copiedField(expression: string): string | undefined {
  return /^"(\w+)"$|^CASE WHEN "(\w+)" NOT IN \([^()"]*\) THEN "\2" END$/.exec(expression)?.slice(1).find(Boolean);
}
