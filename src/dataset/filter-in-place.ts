import type { Engine } from '../engines/engine.js';
import { narrowInPlace, STAYING_CALLS } from './calls-in-place.js';
import { conditionsOf, type CallFilters, type Filtered } from './filter-calls.js';
import type { LoadShape } from './load-sql.js';

/** The values that filters ask for: a view cannot have parameters. */
const WANTED = 'wanted_values';

/** Leaves out of the calls that are asked where they lie what the filters leave out; they have no `where`. */
export async function filterInPlace(
  engine: Engine,
  shape: LoadShape,
  filters: CallFilters,
): Promise<readonly Filtered[]> {
  const wanted: string[] = [];
  const list = (texts: readonly string[]): string => {
    const from = wanted.length + 1;
    return `SELECT value FROM ${WANTED} WHERE number BETWEEN ${from} AND ${wanted.push(...texts)}`;
  };
  const conditions = conditionsOf(filters).map(({ reason, kept }) => {
    return { reason, kept: kept({ time: String, list }) };
  });
  if (conditions.length === 0) return [];
  const values = `from_json($wanted, '["VARCHAR"]')`;
  await engine.run(
    `CREATE OR REPLACE TABLE ${WANTED} AS SELECT unnest(${values}) AS value, generate_subscripts(${values}, 1) AS number`,
    { wanted: JSON.stringify(wanted) },
  );
  // Each call is left out for the first reason that there is.
  const counts = conditions.map(({ kept }, i) => {
    const before = conditions.slice(0, i).map((one) => `(${one.kept}) AND `);
    return `count(*) FILTER (WHERE ${before.join('')}NOT coalesce(${kept}, false))`;
  });
  const [row = []] = await engine.rows(`SELECT ${counts.join(', ')} FROM ${STAYING_CALLS}`);
  await narrowInPlace(engine, shape, conditions.map(({ kept }) => `(${kept})`).join(' AND '));
  return conditions.map(({ reason }, i) => ({ reason, count: Number(row[i]) }));
}
