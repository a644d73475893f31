import { API_CALL_COLUMNS, type ApiCallColumn } from '../formats/api-call-columns.js';
import type { LogFormat } from '../formats/log-format.js';
import { projectionSql } from '../formats/projection-sql.js';
import { redactedSql } from '../formats/secret-fields.js';
import { sqlLiteral } from '../formats/sql-literal.js';
import { readStagedOptions } from './staged-rows.js';
import type { ObjectRange } from './stored-rows-sql.js';

/** The columns that the table of loaded calls has for a run. */
export interface LoadShape {
  /** The columns of `api_calls` that are loaded, in the view's order. */
  readonly columns: readonly ApiCallColumn[];
  /** Those of them that questions read; the others serve only to tell records with the same id apart. */
  readonly asked: readonly ApiCallColumn[];
  /** Keep the record's number and the raw records. */
  readonly raw: boolean;
  readonly showSecrets: boolean;
  /** Fields that what is loaded has with their own types, too; none where absent. */
  readonly typedFields?: ReadonlySet<string>;
  /** Columns that hold no secret in anything that is loaded; none where absent. */
  readonly harmless?: ReadonlySet<ApiCallColumn>;
}

/** Columns whose text a caller writes freely: parameters, headers, URLs, messages that quote them. */
export const MAY_HOLD_SECRETS: ReadonlySet<ApiCallColumn> = new Set([
  'operation',
  'principal',
  'user_agent',
  'error_message',
  'request',
  'response',
]);

/** The table of loaded calls: the asked columns of `api_calls` and where each row came from. */
export const LOADED_TABLE = 'loaded_calls';
/** The numbers of objects of records that a format says are no calls. */
export const DROPPED_TABLE = 'dropped_records';

/** The table of a format's raw records. */
export function rawTableName(format: LogFormat): string {
  return `raw_records_${format.name.replace(/[^A-Za-z0-9]/g, '_')}`;
}

/** `CREATE TABLE` for the loaded calls. `object_key` is not among its columns: it is looked up by the object's number. */
export function createLoadedSql({ columns, raw }: LoadShape): string {
  const defined = storedColumns(columns).map((column) => `"${column}" ${API_CALL_COLUMNS[column]}`);
  const own = ['object_number INTEGER', ...(raw ? ['record_number BIGINT'] : [])];
  return `CREATE OR REPLACE TABLE ${LOADED_TABLE} (${[...own, ...defined].join(', ')})`;
}

/** The columns that are kept with each loaded row. */
export function storedColumns(columns: readonly ApiCallColumn[]): ApiCallColumn[] {
  return columns.filter((column) => column !== 'object_key');
}

/** `INSERT` of the calls that the rows of `source` are, a SELECT or table function over the staged columns. */
export function insertCallsSql(format: LogFormat, shape: LoadShape, source: string): string {
  return `INSERT INTO ${LOADED_TABLE} (${loadedColumns(shape).join(', ')}) ${callsOfSql(format, shape, source)}`;
}

/** A SELECT of the calls that the rows of `source` are, with the columns of the table of loaded calls. */
export function callsOfSql(format: LogFormat, shape: LoadShape, source: string): string {
  const projected = projectionSql(format, shape);
  const logFormat = shape.columns.includes('log_format')
    ? [`CAST(${sqlLiteral(format.label ?? format.name)} AS VARCHAR) AS "log_format"`]
    : [];
  const from = format.rows === undefined ? `${source} AS staged` : `${source} AS staged, ${format.rows}`;
  const where = format.drop === undefined ? '' : ` WHERE NOT coalesce(${format.drop.when}, false)`;
  const inner = `SELECT ${[...ownColumns(shape), ...projected, ...logFormat].join(', ')} FROM ${from}${where}`;
  return `SELECT ${selectList(shape).join(', ')} FROM (${inner}) AS calls`;
}

/** The columns of the table of loaded calls, quoted where they may have to be. */
export function loadedColumns(shape: LoadShape): readonly string[] {
  return [...ownColumns(shape), ...storedColumns(shape.columns).map((column) => `"${column}"`)];
}

function ownColumns({ raw }: LoadShape): readonly string[] {
  return ['object_number', ...(raw ? ['record_number'] : [])];
}

function selectList(shape: LoadShape): string[] {
  const { columns, showSecrets, harmless } = shape;
  const isShown = (column: ApiCallColumn): boolean =>
    showSecrets || !MAY_HOLD_SECRETS.has(column) || harmless?.has(column) === true;
  return [
    ...ownColumns(shape),
    ...storedColumns(columns).map((column) =>
      isShown(column) ? `"${column}"` : `${redactedSql(`"${column}"`)} AS "${column}"`,
    ),
  ];
}

/** Statements that remove what was loaded of objects, by their numbers (one at least) and by ranges of numbers. */
export function deleteObjectsSql(numbers: readonly number[], ranges: readonly ObjectRange[]): readonly string[] {
  const isOne = [
    `object_number IN (${numbers.join(', ')})`,
    ...ranges.map(({ from, to }) => `object_number BETWEEN ${from} AND ${to}`),
  ];
  return [LOADED_TABLE, DROPPED_TABLE].map((table) => `DELETE FROM ${table} WHERE ${isOne.join(' OR ')}`);
}

/** `INSERT` of the object numbers of records that are no calls; undefined for a format without such records. */
export function insertDroppedSql(format: LogFormat, source: string): string | undefined {
  if (format.drop === undefined) return undefined;
  const { when, reason } = format.drop;
  return `INSERT INTO ${DROPPED_TABLE} SELECT object_number, ${sqlLiteral(reason)} FROM ${source} AS staged WHERE coalesce(${when}, false)`;
}

/** `CREATE TABLE` for a format's raw records, where it is not there yet. */
export function createRawSql(format: LogFormat): string {
  const fields = Object.keys(format.fields).map((field) => `"${field}" VARCHAR`);
  const columns = ['object_number INTEGER', 'record_number BIGINT', ...fields, 'extra VARCHAR'];
  return `CREATE TABLE IF NOT EXISTS ${rawTableName(format)} (${columns.join(', ')})`;
}

/**
 * `INSERT` of the rows of `source` for the view of raw records. Secrets are taken out here and not in the view: a user's SQL
 * can name the table, too.
 */
export function insertRawSql(format: LogFormat, { showSecrets }: LoadShape, source: string): string {
  const texts = [...Object.keys(format.fields), 'extra'].map((field) => `"${field}"`);
  const shown = texts.map((text) => (showSecrets ? text : `${redactedSql(text)} AS ${text}`));
  const select = `SELECT object_number, record_number, ${shown.join(', ')} FROM ${source} AS staged`;
  return `INSERT INTO ${rawTableName(format)} ${select}`;
}

/** A staged file as a table: the row's origin and one VARCHAR column a field. */
export function stagedSource(path: string, columns: readonly string[], longestRow: number): string {
  const types = columns.map((column) => `${sqlLiteral(column)}: '${typeOfStaged(column)}'`);
  return `read_csv(${sqlLiteral(path)}, columns = {${types.join(', ')}}, ${readStagedOptions(longestRow)})`;
}

function typeOfStaged(column: string): string {
  if (column === 'object_number' || column === 'shape') return 'INTEGER';
  return column === 'record_number' ? 'BIGINT' : 'VARCHAR';
}
