import { SqlError, type Engine, type Parameter } from '../engines/engine.js';
import { UserError } from '../errors.js';
import { API_CALL_COLUMNS, type ApiCallColumn } from '../formats/api-call-columns.js';
import type { TimeWindow } from '../layouts/time-window.js';
import { callsSelect } from './calls-view.js';
import { LOADED_TABLE, type LoadShape } from './load-sql.js';
import type { Statement } from './needed-columns.js';
import { parseSelect, type ParsedSelect } from './parse-sql.js';

/** The columns that have a filter of their own. */
export const FILTERED_COLUMNS = ['service', 'operation', 'account_id', 'region', 'principal', 'session_id'] as const;

/** Which calls a question is about. */
export interface CallFilters {
  readonly window: TimeWindow;
  /** For each column the values that are kept; no entry keeps all. Services are compared in lower case. */
  readonly values: Readonly<Partial<Record<(typeof FILTERED_COLUMNS)[number], readonly string[]>>>;
  readonly errorsOnly: boolean;
  /** SQL expressions of the user's over the columns of `api_calls`; all have to be true. */
  readonly where: readonly string[];
}

/** What the filters look at, as statements for `findNeeds`. */
export function filterStatements(filters: CallFilters): readonly Statement[] {
  const columns = filterColumns(filters).map((column) => `"${column}" IS NOT NULL`);
  const own =
    columns.length === 0 ? [] : [{ sql: `SELECT 1 FROM api_calls WHERE ${columns.join(' AND ')}`, parameters: {} }];
  const where = filters.where.map((expression) => ({
    sql: whereStatement(expression),
    parameters: {},
    explain: (error: SqlError) => whereError(expression, error),
  }));
  return [...own, ...where];
}

function whereStatement(expression: string): string {
  return `SELECT 1 FROM api_calls WHERE (${expression}\n)`;
}

function filterColumns({ window, values, errorsOnly }: CallFilters): ApiCallColumn[] {
  return [
    ...(window.since === undefined && window.until === undefined ? [] : ['timestamp' as const]),
    ...(Object.keys(values) as ApiCallColumn[]),
    ...(errorsOnly ? ['error_code' as const, 'status_code' as const] : []),
  ];
}

/** One kind of record that a filter removes, and how many. */
export interface Filtered {
  readonly reason: string;
  readonly count: number;
}

/** Gives SQL for values that must not be spliced into SQL themselves. */
export interface Binding {
  readonly time: (epochMicros: bigint) => string;
  /** What stands between the parentheses of `IN (…)`. */
  readonly list: (texts: readonly string[]) => string;
}

/** What a filter asks of each call. */
export interface Condition {
  /** Why a call is left out that does not meet it. */
  readonly reason: string;
  /** SQL; false and NULL leave a call out. */
  readonly kept: (binding: Binding) => string;
}

/** What the filters ask, but for `where`, which is the user's own SQL. */
export function conditionsOf({ window, values, errorsOnly }: CallFilters): readonly Condition[] {
  const { since, until } = window;
  const timeOf = (epochMs: number, { time }: Binding): string =>
    `make_timestamp(CAST(${time(micros(epochMs))} AS BIGINT))`;
  const conditions: Condition[] = [];
  if (since !== undefined) {
    const kept = (binding: Binding): string => `"timestamp" >= ${timeOf(since, binding)}`;
    conditions.push({ reason: 'before the window, or without a time', kept });
  }
  if (until !== undefined) {
    const kept = (binding: Binding): string => `"timestamp" < ${timeOf(until, binding)}`;
    conditions.push({ reason: 'after the window, or without a time', kept });
  }
  for (const column of FILTERED_COLUMNS) {
    const wanted = values[column]?.map((value) => (column === 'service' ? value.toLowerCase() : value));
    if (wanted === undefined) continue;
    const kept = ({ list }: Binding): string => `"${column}" IN (${list(wanted)})`;
    conditions.push({ reason: `another ${column} than asked for`, kept });
  }
  if (errorsOnly)
    conditions.push({ reason: 'no error', kept: () => '("error_code" IS NOT NULL OR "status_code" >= 400)' });
  return conditions;
}

/**
 * Removes the loaded calls that the filters leave out. Values are bound, never spliced; `where` is the user's own SQL, so the
 * engine has to be locked.
 * @throws UserError when an expression of `where` is not one over the columns of `api_calls`
 */
export async function filterCalls(
  engine: Engine,
  shape: LoadShape,
  filters: CallFilters,
): Promise<readonly Filtered[]> {
  const filtered: Filtered[] = [];
  for (const { reason, kept } of conditionsOf(filters)) {
    const values: Parameter[] = [];
    const bind = (value: Parameter): string => `$value_${values.push(value)}`;
    const condition = kept({ time: bind, list: (texts) => texts.map(bind).join(', ') });
    const sql = `DELETE FROM ${LOADED_TABLE} WHERE NOT coalesce(${condition}, false)`;
    const parameters = Object.fromEntries(values.map((value, i) => [`value_${i + 1}`, value]));
    filtered.push({ reason, count: Number(await engine.run(sql, parameters)) });
  }
  for (const expression of filters.where) {
    filtered.push({ reason: 'left out by --where', count: await removeByExpression(engine, shape, expression) });
  }
  return filtered;
}

function micros(epochMs: number): bigint {
  return BigInt(Math.round(epochMs)) * 1000n;
}

async function removeByExpression(engine: Engine, shape: LoadShape, expression: string): Promise<number> {
  const calls = callsSelect(shape, { extraColumns: ['rowid AS row_id'] });
  const kept = `SELECT row_id FROM (${calls}) AS calls WHERE (${expression}\n)`;
  try {
    return Number(await engine.run(`DELETE FROM ${LOADED_TABLE} WHERE rowid NOT IN (${kept})`));
  } catch (error) {
    throw error instanceof SqlError ? whereError(expression, error) : error;
  }
}

/**
 * Makes sure that each expression of `--where` is one expression: anything else (`1); DROP …`, `1) LIMIT (1`) is more than
 * the WHERE of a SELECT for the engine's own parser. Nothing of it runs.
 * @throws UserError for what is no expression
 */
export async function checkWhere(engine: Engine, { where }: CallFilters): Promise<void> {
  for (const expression of where) {
    try {
      const { node } = await parseSelect(engine, whereStatement(expression));
      const { node: model } = await parseSelect(engine, whereStatement('true'));
      if (withoutCondition(node) !== withoutCondition(model)) throw new SqlError('it is not a single expression');
    } catch (error) {
      throw error instanceof SqlError ? whereError(expression, error) : error;
    }
  }
}

function withoutCondition(node: ParsedSelect['node']): string {
  return JSON.stringify({ ...node, where_clause: undefined });
}

/** Says what is wrong with `--where`, and which columns there are. */
function whereError(expression: string, error: SqlError): UserError {
  return new UserError(`--where "${expression}" is not an expression over the calls: ${error.message}`, {
    wayOut: [`Columns: ${Object.keys(API_CALL_COLUMNS).join(', ')}.`, `For example --where "status_code >= 500".`],
    cause: error,
  });
}
