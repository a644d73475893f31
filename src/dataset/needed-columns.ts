import { SqlError, type Engine, type Parameters } from '../engines/engine.js';
import type { UserError } from '../errors.js';
import { API_CALL_COLUMNS, type ApiCallColumn } from '../formats/api-call-columns.js';
import { parseSelect } from './parse-sql.js';

/** A statement that will be asked. */
export interface Statement {
  readonly sql: string;
  readonly parameters: Parameters;
  /** Says what is wrong with the user's own SQL, in place of the engine's bare message. */
  readonly explain?: (error: SqlError) => UserError;
}

/** What statements read. */
export interface Needs {
  /** Columns of `api_calls`, in the view's order. */
  readonly columns: readonly ApiCallColumn[];
  /** Whether a view of raw records is read. */
  readonly raw: boolean;
}

export const ALL_COLUMNS = Object.keys(API_CALL_COLUMNS) as readonly ApiCallColumn[];

const PROBE = 'probe_calls';

interface PlanNode {
  readonly name?: string;
  readonly children?: readonly PlanNode[];
  readonly extra_info?: { readonly Table?: string; readonly Projections?: string | readonly string[] };
}

export interface NeedsRequest {
  readonly statements: readonly Statement[];
  /** Statements that make views over `api_calls` under other names. */
  readonly views: readonly string[];
  /** Lock the engine before it sees a statement; it cannot be used for anything else afterwards. */
  readonly lock: boolean;
}

/**
 * Asks the engine which columns of `api_calls` the statements read, by having it plan them over a table of one empty row.
 * Statements that read views of raw records are not planned, and need everything. Leaves nothing behind in the engine.
 * @throws UserError when a statement is wrong, or is a user's own and calls what is not for questions
 */
export async function findNeeds(engine: Engine, { statements, views, lock }: NeedsRequest): Promise<Needs> {
  const planned: Statement[] = [];
  for (const statement of statements) if (!(await readsRaw(engine, statement))) planned.push(statement);
  await createProbe(engine, views);
  if (lock) await engine.lock();
  const columns = new Set<string>();
  for (const statement of planned) {
    for (const column of await plannedColumns(engine, statement)) columns.add(column);
  }
  if (!lock) await dropProbe(engine);
  const raw = planned.length < statements.length;
  return { columns: raw ? ALL_COLUMNS : ALL_COLUMNS.filter((column) => columns.has(column)), raw };
}

/**
 * Table functions that a user's SQL may call. The rest read files, or do things: `enable_logging` alone makes a locked
 * engine useless, and `query` hides what it runs.
 */
const HARMLESS_FUNCTIONS: ReadonlySet<string> = new Set([
  ...['unnest', 'range', 'generate_series', 'repeat', 'repeat_row', 'json_each', 'json_tree', 'summary'],
  ...['histogram', 'histogram_values', 'pg_timezone_names', 'duckdb_columns', 'duckdb_functions', 'duckdb_types'],
]);

/** Whether a user's own SQL reads a view of raw records. Makes sure that it calls only what is harmless. */
async function readsRaw(engine: Engine, { sql, explain }: Statement): Promise<boolean> {
  if (explain === undefined) return false;
  try {
    const { tables, tableFunctions } = await parseSelect(engine, sql);
    const refused = tableFunctions.find((name) => !HARMLESS_FUNCTIONS.has(name));
    if (refused !== undefined) throw new SqlError(`the function ${refused} is not for questions`);
    return tables.some((table) => /^raw(_|$)/i.test(table));
  } catch (error) {
    throw error instanceof SqlError ? explain(error) : error;
  }
}

async function createProbe(engine: Engine, views: readonly string[]): Promise<void> {
  const columns = Object.entries(API_CALL_COLUMNS).map(([name, type]) => `"${name}" ${type}`);
  await engine.run(`CREATE OR REPLACE TABLE ${PROBE} (${columns.join(', ')})`);
  await engine.run(`INSERT INTO ${PROBE} DEFAULT VALUES`);
  await engine.run(`CREATE OR REPLACE VIEW api_calls AS SELECT * FROM ${PROBE}`);
  for (const view of views) await engine.run(view);
  // Filters must stay apart from scans, whose own lists leave out columns that only a pushed-down filter reads.
  await engine.run(`SET disabled_optimizers = 'statistics_propagation,filter_pushdown'`);
}

async function dropProbe(engine: Engine): Promise<void> {
  await engine.run(`SET disabled_optimizers = ''`);
  await engine.run(`DROP TABLE ${PROBE}`);
}

async function plannedColumns(engine: Engine, { sql, parameters, explain }: Statement): Promise<readonly string[]> {
  try {
    const [row] = await engine.rows(`EXPLAIN (FORMAT json) ${sql}`, parameters);
    const plan = JSON.parse(String(row?.[1])) as readonly PlanNode[];
    return plan.flatMap(scannedColumns);
  } catch (error) {
    throw error instanceof SqlError && explain !== undefined ? explain(error) : error;
  }
}

function scannedColumns({ name = '', children = [], extra_info: info }: PlanNode): readonly string[] {
  const below = children.flatMap(scannedColumns);
  if (!name.includes('SCAN') || info?.Table?.endsWith(PROBE) !== true) return below;
  const { Projections: projected = [] } = info;
  return [...below, ...(typeof projected === 'string' ? [projected] : projected)];
}
