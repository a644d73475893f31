import { tokenizeSql } from './sql-tokens.js';

/**
 * The table that queries written for ClickHouse know: one row per row of `api_calls`, under the column names of the
 * recording gateway.
 */
export const AWS_API_CALLS_VIEW = `CREATE OR REPLACE VIEW aws_api_calls AS
SELECT "timestamp", session_id, service, operation, region, status_code, user_agent, request, response,
  error_code AS err_type, error_message AS err_msg
FROM api_calls`;

/**
 * Turns ClickHouse's backquoted names into double-quoted ones. Strings, comments, dollar-quoted strings and names that are
 * quoted already stay as they are; a backquote that is never closed stays, too, for the engine to complain about.
 */
export function quoteBackticks(sql: string): string {
  return tokenizeSql(sql)
    .map((token) => (token.kind === 'backquoted' ? quoteName(token.text) : token.text))
    .join('');
}

function quoteName(backquoted: string): string {
  if (backquoted.length < 2 || !backquoted.endsWith('`')) return backquoted;
  const name = backquoted.slice(1, -1).replace(/``|\\(.)/gs, (_, escaped: string | undefined) => escaped ?? '`');
  return `"${name.replaceAll('"', '""')}"`;
}
