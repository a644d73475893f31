import type { Engine, Parameters, Row } from '../engines/engine.js';
import { UserError } from '../errors.js';
import type { CannedQuery, QueryGuard } from './canned-query.js';
import { pickParameters } from './pick-parameters.js';

/**
 * Asks the guard of a question, if it has one, before the question runs: a single record of the year 2124 must not make
 * billions of rows.
 * @throws UserError with the count, the limit, and the first and the last call
 */
export async function checkGuard(engine: Engine, query: CannedQuery, parameters: Parameters): Promise<void> {
  if (query.guard === undefined) return;
  const { sql } = query.guard;
  const [row] = await engine.rows(sql, pickParameters(sql, parameters));
  if (row !== undefined && Number(row[0] ?? 0) > query.guard.most) throw tooMany(query.name, query.guard, row);
}

function tooMany(name: string, { most, noun }: QueryGuard, [count, first, last]: Row): UserError {
  const limit = most.toLocaleString('en');
  return new UserError(
    `${name} would give ${Number(count).toLocaleString('en')} ${noun}, more than ${limit}: ` +
      `the first call is of ${String(first)}, the last of ${String(last)}`,
    { wayOut: ['Choose longer periods: --every', 'Or less time: --since, --until'] },
  );
}
