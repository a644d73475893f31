import type { Engine } from '../engines/engine.js';
import { API_CALL_COLUMNS } from '../formats/api-call-columns.js';
import type { FieldType, LogFormat } from '../formats/log-format.js';
import { redactedSql } from '../formats/secret-fields.js';
import { doubleSql, integerSql } from '../formats/number-sql.js';
import { timestampSql } from '../formats/timestamp-sql.js';
import { LOADED_TABLE, rawTableName, type LoadShape } from './load-sql.js';
import { ALL_COLUMNS } from './needed-columns.js';

/** The numbers and keys of objects, for the column `object_key`. */
export const OBJECT_KEYS_TABLE = 'object_keys';

/** What a query is told that reads a column which nobody said it would read. */
export const NOT_LOADED = 'awsusage: this column was not loaded';

/** The SELECT that `api_calls` is: all its columns, in their order; those that are not loaded fail when they are read. */
export function callsSelect({ columns }: LoadShape, extraColumns: readonly string[] = []): string {
  const selected = ALL_COLUMNS.map((column) => {
    if (!columns.includes(column)) return `CAST(error('${NOT_LOADED}') AS ${API_CALL_COLUMNS[column]}) AS "${column}"`;
    if (column !== 'object_key') return `"${column}"`;
    return `(SELECT any_value(key) FROM ${OBJECT_KEYS_TABLE} WHERE number = object_number) AS "object_key"`;
  });
  return `SELECT ${[...extraColumns, ...selected].join(', ')} FROM ${LOADED_TABLE}`;
}

/** Makes the view that all questions are about. */
export async function createCallsView(engine: Engine, shape: LoadShape): Promise<void> {
  await engine.run(`CREATE OR REPLACE VIEW api_calls AS ${callsSelect(shape)}`);
}

/**
 * Makes a view `raw_<format>` for each format: its records as they were, a typed column per known field, and the rest as
 * JSON text in `extra`; `raw` too where there is one format. They hold the records that `api_calls` holds.
 */
export async function createRawViews(engine: Engine, formats: readonly LogFormat[], shape: LoadShape): Promise<void> {
  const selects = formats.map(
    (format) => [`raw_${format.name.replaceAll('-', '_')}`, rawSelect(format, shape)] as const,
  );
  const [only] = selects;
  const views = only !== undefined && selects.length === 1 ? [...selects, ['raw', only[1]] as const] : selects;
  for (const [name, select] of views) await engine.run(`CREATE OR REPLACE VIEW "${name}" AS ${select}`);
}

function rawSelect(format: LogFormat, { showSecrets }: LoadShape): string {
  const shown = (sql: string) => (showSecrets ? sql : redactedSql(sql));
  const fields = Object.entries(format.fields).map(
    ([field, type]) => `${typedSql(`"${field}"`, type, shown)} AS "${field}"`,
  );
  const kept = `record_number IN (SELECT record_number FROM ${LOADED_TABLE})`;
  return `SELECT ${[...fields, `${shown('"extra"')} AS "extra"`].join(', ')} FROM ${rawTableName(format)} WHERE ${kept}`;
}

function typedSql(sql: string, type: FieldType, shown: (sql: string) => string): string {
  switch (type) {
    case 'text':
    case 'json':
      return shown(sql);
    case 'integer':
      return integerSql(sql);
    case 'double':
      return doubleSql(sql);
    case 'timestamp':
      return timestampSql(sql);
    case 'boolean':
      return `TRY_CAST(${sql} AS BOOLEAN)`;
  }
}
