import type { CannedQuery } from './canned-query.js';
import { quoteBackticks } from './clickhouse-dialect.js';
import { plainQuery } from './plain-query.js';

/** A SELECT that was given on the command line, as a question without parameters. */
export function adHocQuery(sql: string): CannedQuery {
  return { ...plainQuery({ name: sql, summary: '', sql: quoteBackticks(sql) }), file: 'The SQL' };
}
