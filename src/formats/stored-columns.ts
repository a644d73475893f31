import { API_CALL_COLUMNS, type ProjectedColumn } from './api-call-columns.js';
import type { FieldType, LogFormat } from './log-format.js';

/** The version of the columns' meaning, which a merged file's footer tells. */
export const STORED_SCHEMA_VERSION = 1;

/** The table of rows that are to be stored: `object_number` and the stored columns. */
export const STORED_ROWS = 'stored_rows';

/** A column of a merged file. */
export interface StoredColumn {
  readonly name: string;
  /** The SQL type in the engine. */
  readonly type: 'VARCHAR' | 'BIGINT' | 'INTEGER' | 'DOUBLE' | 'BOOLEAN' | 'TIMESTAMP';
  /** The column's id in Parquet's schema, the same in every file of the format. */
  readonly fieldId: number;
}

const TYPES: Readonly<Record<FieldType, StoredColumn['type']>> = {
  text: 'VARCHAR',
  json: 'VARCHAR',
  integer: 'BIGINT',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMP',
};

/** Columns that every merged file has behind those of its format. */
const OWN: readonly StoredColumn[] = ['extra', 'record_keys', 'object_key'].map((name, i) => ({
  name,
  type: 'VARCHAR',
  fieldId: i + 1,
}));

/** The ids of a format's own columns begin here, so that a format may gain fields at the end of its list. */
const FIRST_FIELD_ID = 101;
/** And those of the columns that a user's format maps, here. */
const FIRST_MAPPED_ID = 1001;

const MAPPABLE = Object.keys(API_CALL_COLUMNS).filter(
  (name): name is ProjectedColumn => name !== 'log_format' && name !== 'object_key',
);

/**
 * The columns of a merged file, in their order: the format's fields with their types; then `extra` (a JSON object, or NULL: under
 * the record's own keys, verbatim, all that the columns do not give back), `record_keys` (a JSON array of the record's top-level keys in their order)
 * and `object_key` (where the record came from).
 * A format of the user's has the whole record and the columns of `api_calls` that it maps.
 * @param partitionKeys the names of the destination's partitions: a field of such a name, whatever its letters' case, is no
 *   column, because readers take the partition's value for it; its values stay in `extra`
 */
export function storedColumns(format: LogFormat, partitionKeys: readonly string[]): readonly StoredColumn[] {
  const taken = new Set(partitionKeys.map((key) => key.toLowerCase()));
  return [...ownColumns(format).filter(({ name }) => !taken.has(name.toLowerCase())), ...OWN];
}

function ownColumns({ fields, columns, wholeRecord }: LogFormat): StoredColumn[] {
  const own = Object.entries(fields).map(([name, type], i) => ({
    name,
    type: TYPES[type],
    fieldId: FIRST_FIELD_ID + i,
  }));
  if (wholeRecord !== true) return own;
  const mapped = MAPPABLE.map((name, i) => ({ name, type: API_CALL_COLUMNS[name], fieldId: FIRST_MAPPED_ID + i }));
  return [...own, ...mapped.filter(({ name }) => columns[name] !== undefined)];
}

/** The option `FIELD_IDS` of `COPY … TO … (FORMAT parquet)` for the columns. */
export function fieldIdsSql(columns: readonly StoredColumn[]): string {
  return `{${columns.map(({ name, fieldId }) => `"${name}": ${fieldId}`).join(', ')}}`;
}

/**
 * An aggregate, one text that tells rows apart from any others, whatever their order: how many there are, and the sum of the
 * hashes of each row's columns.
 */
export function fingerprintOf(columns: readonly StoredColumn[]): string {
  const names = columns.map(({ name }) => `"${name}"`).join(', ');
  return `count(*) || ':' || coalesce(sum(CAST(hash(${names}) AS HUGEINT)), 0)`;
}

/** A SELECT of the fingerprint of all rows of `from`, a table or a table function over a file. */
export function fingerprintSql(columns: readonly StoredColumn[], from: string): string {
  return `SELECT ${fingerprintOf(columns)} AS fingerprint FROM ${from}`;
}
