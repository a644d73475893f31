import type { Engine, Parameters } from '../engines/engine.js';
import type { CannedQuery } from './canned-query.js';
import { checkGuard } from './check-guard.js';
import { checkOneSelect } from './check-one-select.js';
import { pickParameters } from './pick-parameters.js';
import { planDenormalize } from './plan-denormalize.js';
import type { PlannedQuery } from './planned-query.js';

type Plan = (engine: Engine, query: CannedQuery, parameters: Parameters) => Promise<PlannedQuery>;

/** The questions whose columns are known only from the data, by the `plan` of their headers. */
const PLANS: Readonly<Record<string, Plan>> = { denormalize: planDenormalize };

/**
 * Decides what will run for a question: checks that a user's own file is one SELECT, asks the guard, and makes the final
 * SQL where a plan makes it.
 * @param parameters as `bindParameters` gives them
 * @throws UserError when the question cannot be asked so
 */
export async function planQuery(engine: Engine, query: CannedQuery, parameters: Parameters): Promise<PlannedQuery> {
  if (query.file !== undefined) await checkOneSelect(engine, query.sql, query.file);
  await checkGuard(engine, query, parameters);
  if (query.plan === undefined) return { sql: query.sql, parameters: pickParameters(query.sql, parameters), notes: [] };
  const plan = PLANS[query.plan];
  if (plan === undefined) throw new Error(`${query.name}: no code for the plan ${query.plan}`);
  return plan(engine, query, parameters);
}
