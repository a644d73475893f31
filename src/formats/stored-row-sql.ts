import type { FieldType, LogFormat } from './log-format.js';
import { projectionSql, typedField } from './projection-sql.js';
import { sqlLiteral } from './sql-literal.js';
import { storedColumns } from './stored-columns.js';
import { storedFields, type StoredField } from './stored-fields.js';
import { spelledSql } from './stored-value-sql.js';
import { typedSql } from './typed-sql.js';

/** Between the keys of a shape. */
export const KEY_SEPARATOR = '\u001f';

/** The columns of rows that are staged to be stored, besides `object_number`. `shape` is the number of the record's keys. */
export function stagedRowColumns(format: LogFormat): string[] {
  return ['shape', ...Object.keys(format.fields), 'rest', 'marks'];
}

/** The column that tells, a bit a field, which values of a row only `extra` holds. */
export const MISSED = 'missed';

/** Whether all values of a row are given back by its columns. */
const IS_PLAIN = '"is plain"';

/** The columns of stored rows that are made of one staged row: those of `storedColumns` up to `extra`, and `missed`. */
export function loadedColumns(
  format: LogFormat,
  partitionKeys: readonly string[],
): readonly { name: string; type: string }[] {
  const columns = storedColumns(format, partitionKeys);
  const made = columns.slice(0, columns.findIndex(({ name }) => name === 'extra') + 1);
  return [...made, { name: MISSED, type: 'BIGINT' }];
}

/**
 * A SELECT of `object_number`, `shape` and `loadedColumns` over staged rows. A staged field is as everywhere: the text of a JSON
 * string, or the JSON text of anything else; `marks` tells which of the two it is where that is not what its column stands for.
 * `rest` are the members that no column can hold, verbatim.
 * @param source staged rows
 * @param shapes the table of shapes: `shape`, and `keys`, the record's own keys of the fields, NULL where they are the fields' names;
 *   absent where they are in all records
 */
export function storedRowsSql(
  format: LogFormat,
  partitionKeys: readonly string[],
  { source, shapes }: { readonly source: string; readonly shapes?: string | undefined },
): string {
  const fields = storedFields(format, partitionKeys);
  const typed = fields.filter(isTyped).map((field) => `${columnSql(field)} AS ${typedName(field)}`);
  const keys = shapes === undefined ? 'CAST(NULL AS VARCHAR) AS keys' : 'keys';
  const join = shapes === undefined ? '' : ` JOIN ${shapes} USING (shape)`;
  const typedRows = `SELECT staged.*, ${[keys, ...typed].join(', ')} FROM ${source} AS staged${join}`;
  const plain = [`"rest" IS NULL AND "marks" IS NULL`, ...fields.flatMap(plainSql)].join(' AND ');
  const inner = `SELECT *, ${plain} AS ${IS_PLAIN} FROM (${typedRows}) AS typed`;
  const kept = fields.flatMap((field, i) => keptSql(field, keySql(field, i)));
  const extra = `'{' || concat_ws(',', ${['"rest"', ...kept].join(', ')}) || '}'`;
  const missed = ['CAST(0 AS BIGINT)', ...fields.flatMap(missedSql)].join(' + ');
  const columns = loadedColumns(format, partitionKeys).slice(0, -2);
  const mapped = new Map(mappedSql(format));
  return `SELECT object_number, shape, ${[
    ...columns.map(({ name }) => mapped.get(name) ?? storedSql(name, fields)),
    `CASE WHEN NOT ${IS_PLAIN} THEN ${extra} END AS "extra"`,
    `CASE WHEN ${IS_PLAIN} THEN 0 ELSE ${missed} END AS ${MISSED}`,
  ].join(', ')} FROM (${inner}) AS judged`;
}

/** The columns of `api_calls` that a format of the user's maps, for readers that know nothing of it. */
function mappedSql(format: LogFormat): (readonly [string, string])[] {
  if (format.wholeRecord !== true) return [];
  const names = Object.keys(format.columns) as (keyof typeof format.columns)[];
  return names.map((name) => [name, projectionSql(format, { columns: [name] })[0] ?? '']);
}

function storedSql(name: string, fields: readonly StoredField[]): string {
  const field = fields.find((one) => one.name === name);
  return field !== undefined && isTyped(field) ? `${typedName(field)} AS "${name}"` : `"${name}"`;
}

function isTyped({ type, hasColumn }: StoredField): boolean {
  return hasColumn && type !== 'text' && type !== 'json';
}

function typedName({ name }: StoredField): string {
  return typedField(name);
}

/** A BIGINT has no minus zero, and Parquet's dictionaries take that of a DOUBLE for zero: it is stored as zero. */
function columnSql({ name, type }: StoredField): string {
  const typed = typedSql(`"${name}"`, type);
  return type === 'double' ? `CASE WHEN ${typed} = 0 THEN 0 ELSE ${typed} END` : typed;
}

/** True where the field's column gives its value back, as far as no mark says otherwise. */
function plainSql(field: StoredField): string[] {
  const text = `"${field.name}"`;
  if (!field.hasColumn) return [`${text} IS NULL`];
  return isTyped(field)
    ? [`(${text} IS NULL OR coalesce(${spelledSql(field, typedName(field))} = ${text}, false))`]
    : [];
}

/** The field's value as a member of `extra` with the record's key, where its column does not give it back; else NULL. */
function keptSql(field: StoredField, key: string): string[] {
  const text = `"${field.name}"`;
  const other = `contains("marks", ${sqlLiteral(field.mark)})`;
  const [plain = 'true'] = plainSql(field);
  const quoted = `CAST(to_json(${text}) AS VARCHAR)`;
  switch (field.wants) {
    case undefined:
      return field.hasColumn ? [] : [`CASE WHEN ${text} IS NOT NULL THEN ${key} || ${text} END`];
    case 'text':
      return [`CASE WHEN ${other} THEN ${key} || ${text} WHEN NOT ${plain} THEN ${key} || ${quoted} END`];
    case 'other':
      return [`CASE WHEN ${other} THEN ${key} || ${quoted} WHEN NOT ${plain} THEN ${key} || ${text} END`];
  }
}

function keySql({ name }: StoredField, index: number): string {
  const own = sqlLiteral(`${JSON.stringify(name)}:`);
  return `coalesce(string_split(keys, ${sqlLiteral(KEY_SEPARATOR)})[${index + 1}], ${own})`;
}

/** Minus zero is missed, too. */
function missedSql(field: StoredField, index: number): string[] {
  if (field.hasColumn && !isTyped(field)) return [];
  const [text, typed] = [`"${field.name}"`, typedName(field)];
  const isMinusZero = isNumber(field.type) ? ` OR (${typed} = 0 AND ${text} LIKE '-%')` : '';
  const isMissed = field.hasColumn ? `(${typed} IS NULL${isMinusZero})` : 'true';
  const missed = `(${text} IS NOT NULL AND ${isMissed}) OR contains("marks", ${sqlLiteral(field.keptMark)})`;
  return [`CASE WHEN ${missed} THEN ${2n ** BigInt(index)} ELSE 0 END`];
}

/** Whether a column of zero may stand for minus zero. */
export function isNumber(type: FieldType): boolean {
  return type === 'integer' || type === 'double';
}
