import type { Engine } from '../engines/engine.js';
import { API_CALL_COLUMNS } from '../formats/api-call-columns.js';
import type { FieldType, LogFormat } from '../formats/log-format.js';
import { sqlLiteral } from '../formats/sql-literal.js';
import { typedSql } from '../formats/typed-sql.js';
import { LOADED_TABLE, rawTableName, type LoadShape } from './load-sql.js';
import { ALL_COLUMNS } from './needed-columns.js';

/** The numbers and keys of objects, for the column `object_key`. */
export const OBJECT_KEYS_TABLE = 'object_keys';

/** What a query is told that reads a column which nobody said it would read. */
export const NOT_LOADED = 'awsusage: this column was not loaded';

/** The SELECT that `api_calls` is: all its columns, in their order; those that nobody asked for fail when they are read. */
export function callsSelect(
  { asked }: LoadShape,
  {
    from = LOADED_TABLE,
    extraColumns = [],
  }: { readonly from?: string; readonly extraColumns?: readonly string[] } = {},
): string {
  const selected = ALL_COLUMNS.map((column) => {
    if (!asked.includes(column)) return `CAST(error('${NOT_LOADED}') AS ${API_CALL_COLUMNS[column]}) AS "${column}"`;
    if (column !== 'object_key') return `"${column}"`;
    return `(SELECT any_value(key) FROM ${OBJECT_KEYS_TABLE} WHERE number = object_number) AS "object_key"`;
  });
  return `SELECT ${[...extraColumns, ...selected].join(', ')} FROM ${from}`;
}

/** Makes the view that all questions are about, over a table or view with the columns of the table of loaded calls. */
export async function createCallsView(engine: Engine, shape: LoadShape, from: string = LOADED_TABLE): Promise<void> {
  await engine.run(`CREATE OR REPLACE VIEW api_calls AS ${callsSelect(shape, { from })}`);
}

/**
 * Makes a view `raw_<format>` for each format: its records as they were, a typed column per known field, and the rest as
 * JSON text in `extra`, values that do not fit their type too; `raw` too where there is one format. They hold the records that `api_calls` holds.
 */
export async function createRawViews(engine: Engine, formats: readonly LogFormat[]): Promise<void> {
  const selects = formats.map((format) => [`raw_${format.name.replaceAll('-', '_')}`, rawSelect(format)] as const);
  const [only] = selects;
  const views = only !== undefined && selects.length === 1 ? [...selects, ['raw', only[1]] as const] : selects;
  for (const [name, select] of views) await engine.run(`CREATE OR REPLACE VIEW "${name}" AS ${select}`);
}

function rawSelect(format: LogFormat): string {
  const fields = Object.entries(format.fields).map(([field, type]) => ({ field, type, quoted: `"${field}"` }));
  const texts = fields.filter(({ type }) => isText(type)).map(({ field }) => field);
  const columns = fields.map(({ field, type, quoted }) => {
    return `${texts.includes(field) ? quoted : typedSql(quoted, type)} AS ${quoted}`;
  });
  const misfits = fields.filter(({ type }) => !isText(type)).map(misfitSql);
  const members = [`nullif(substr("extra", 2, length("extra") - 2), '')`, ...misfits].join(', ');
  const merged = `nullif('{' || concat_ws(',', ${members}) || '}', '{}')`;
  // Where a secret could not be cut out, the whole text is a JSON string.
  const extra = `CASE WHEN "extra" NOT LIKE '{%' THEN "extra" ELSE ${merged} END`;
  const kept = `record_number IN (SELECT record_number FROM ${LOADED_TABLE})`;
  return `SELECT ${[...columns, `${extra} AS "extra"`].join(', ')} FROM ${rawTableName(format)} WHERE ${kept}`;
}

/** A value that does not fit the type of its column, as a member for `extra`: what is no JSON literal was a string. */
function misfitSql({ field, type, quoted }: { field: string; type: FieldType; quoted: string }): string {
  const literal = String.raw`'-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|[\[{].*'`;
  const value = `CASE WHEN regexp_full_match(${quoted}, ${literal}, 's') THEN ${quoted} ELSE CAST(to_json(${quoted}) AS VARCHAR) END`;
  return `CASE WHEN ${quoted} IS NOT NULL AND ${typedSql(quoted, type)} IS NULL THEN ${sqlLiteral(`"${field}":`)} || ${value} END`;
}

function isText(type: FieldType): boolean {
  return type === 'text' || type === 'json';
}
