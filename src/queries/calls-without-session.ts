import type { Engine } from '../engines/engine.js';

export interface SessionCoverage {
  /** Calls whose `session_id` is NULL. */
  readonly without: bigint;
  readonly total: bigint;
}

const SQL = `SELECT
  CAST(coalesce(sum(CASE WHEN session_id IS NULL THEN calls ELSE 0 END), 0) AS bigint),
  CAST(coalesce(sum(calls), 0) AS bigint)
FROM api_calls`;

/** How many of the chosen calls carry no session, so that a count of sessions cannot speak for them. */
export async function callsWithoutSession(engine: Engine): Promise<SessionCoverage> {
  const [row] = await engine.rows(SQL);
  return { without: BigInt(String(row?.[0] ?? 0)), total: BigInt(String(row?.[1] ?? 0)) };
}
