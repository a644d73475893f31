import { sqlLiteral } from './sql-literal.js';

/** What CloudTrail writes in place of a value that it does not show: the value is unknown. */
export const HIDDEN = 'HIDDEN_DUE_TO_SECURITY_REASONS';

/** SQL for a text expression whose empty text, and each of `markers`, means that there is no value. */
export function presentSql(expression: string, ...markers: readonly string[]): string {
  const absent = ['', ...markers].map(sqlLiteral).join(', ');
  return `CASE WHEN ${expression} NOT IN (${absent}) THEN ${expression} END`;
}
