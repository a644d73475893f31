import type { Column, Engine, Parameters, Row, RowStream } from '../engines/engine.js';
import type { CannedQuery } from './canned-query.js';
import { planQuery } from './plan-query.js';

export interface RunOptions {
  /** As `bindParameters` gives them. */
  readonly parameters: Parameters;
  /** How many rows to give; 0 is all. Where absent, the question's own limit. */
  readonly limit?: number;
}

export interface RowCount {
  readonly shown: number;
  readonly total: number;
}

/** An answer that streams. The rows beyond the limit are counted, not given. */
export interface QueryAnswer {
  readonly columns: readonly Column[];
  readonly chunks: AsyncIterable<readonly Row[]>;
  /** The rows so far; final when `chunks` has ended. */
  counted(): RowCount;
  /** What the user should know about the answer, one line each; for stderr. */
  readonly notes: readonly string[];
}

/**
 * Asks one question and gives its rows as they come.
 * @throws UserError when the question cannot be asked so (see planQuery); what the engine throws on a user's own SQL
 *   comes through as it is
 */
export async function runQuery(engine: Engine, query: CannedQuery, options: RunOptions): Promise<QueryAnswer> {
  const { sql, parameters, columns, notes } = await planQuery(engine, query, options.parameters);
  const stream = await engine.stream(sql, parameters);
  return { ...cutRows(stream, options.limit ?? query.limit), columns: columns ?? stream.columns, notes };
}

/** Gives the first rows of a stream (0: all) and counts all of them. */
export function cutRows(stream: RowStream, limit: number): Omit<QueryAnswer, 'notes'> {
  let shown = 0;
  let total = 0;
  async function* chunks(): AsyncGenerator<readonly Row[]> {
    for await (const rows of stream.chunks) {
      const kept = limit === 0 ? rows : rows.slice(0, Math.max(0, limit - shown));
      total += rows.length;
      shown += kept.length;
      if (kept.length > 0) yield kept;
    }
  }
  return { columns: stream.columns, chunks: chunks(), counted: () => ({ shown, total }) };
}
