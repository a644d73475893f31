import type { Engine, Value } from '../../src/engines/engine.js';
import type { GivenParameters } from '../../src/queries/bind-parameters.js';
import { bindParameters } from '../../src/queries/bind-parameters.js';
import { loadQuery } from '../../src/queries/query-catalog.js';
import type { QueryAnswer } from '../../src/queries/run-query.js';
import { runQuery } from '../../src/queries/run-query.js';
import { collect } from './duckdb-engine.js';

export interface Asked {
  readonly rows: Record<string, Value>[];
  readonly answer: QueryAnswer;
}

/** Asks a question as the command does: by name or path, with flags as text; all rows unless a limit is given. */
export async function ask(engine: Engine, name: string, given: GivenParameters = {}, limit = 0): Promise<Asked> {
  const query = loadQuery(name);
  const answer = await runQuery(engine, query, { parameters: bindParameters(query, given), limit });
  return { rows: await collect(answer), answer };
}
