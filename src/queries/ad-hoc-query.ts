import type { CannedQuery } from './canned-query.js';
import { quoteBackticks } from './clickhouse-dialect.js';

/** A SELECT that was given on the command line, as a question without parameters. */
export function adHocQuery(sql: string): CannedQuery {
  return {
    name: sql,
    summary: '',
    parameters: [],
    columns: [],
    examples: [],
    notes: [],
    limit: 0,
    sql: quoteBackticks(sql),
    file: 'The SQL',
  };
}
