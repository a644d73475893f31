import type { DuckDBResult, DuckDBType, DuckDBValue } from '@duckdb/node-api';
import type { Column, ColumnType, Value } from './engine.js';

/** Turns one value of a column, as the driver gives it, into a plain one. */
export type ValueReader = (value: DuckDBValue) => Value;

/** The columns of a result and, for each, what reads its values. Types that have no plain form are read as text. */
export function columnReaders(result: DuckDBResult): { columns: Column[]; readers: ValueReader[] } {
  const columns: Column[] = [];
  const readers: ValueReader[] = [];
  for (let i = 0; i < result.columnCount; i++) {
    const { type, read } = readerOf(result.columnType(i));
    columns.push({ name: result.columnName(i), type });
    readers.push((value) => (value === null ? null : read(value)));
  }
  return { columns, readers };
}

interface TypedReader {
  readonly type: ColumnType;
  readonly read: ValueReader;
}

const INTEGER: TypedReader = { type: 'integer', read: (value) => BigInt(value as number | bigint) };
const DOUBLE: TypedReader = { type: 'double', read: (value) => value as number };
const BOOLEAN: TypedReader = { type: 'boolean', read: (value) => value as boolean };
const TEXT: TypedReader = { type: 'text', read: (value) => String(value) };
const DECIMAL: TypedReader = { type: 'decimal', read: (value) => String(value) };
const DATE: TypedReader = { type: 'date', read: (value) => String(value) };
const TIMESTAMP: TypedReader = { type: 'timestamp', read: (value) => isoText(String(value)) };
const JSON_TEXT: TypedReader = { type: 'json', read: (value) => String(value) };
const NESTED: TypedReader = { type: 'json', read: (value) => JSON.stringify(toJson(value), jsonBigInt) };

/** By the driver's names of DuckDB's types. */
const READERS: Readonly<Record<string, TypedReader>> = {
  BOOLEAN,
  TINYINT: INTEGER,
  SMALLINT: INTEGER,
  INTEGER,
  BIGINT: INTEGER,
  UTINYINT: INTEGER,
  USMALLINT: INTEGER,
  UINTEGER: INTEGER,
  UBIGINT: INTEGER,
  HUGEINT: INTEGER,
  UHUGEINT: INTEGER,
  FLOAT: DOUBLE,
  DOUBLE,
  DATE,
  TIMESTAMP,
  TIMESTAMP_S: TIMESTAMP,
  TIMESTAMP_MS: TIMESTAMP,
  TIMESTAMP_NS: TIMESTAMP,
  'TIMESTAMP WITH TIME ZONE': TIMESTAMP,
  TIMESTAMPTZ: TIMESTAMP,
};

function readerOf(type: DuckDBType): TypedReader {
  const name = type.toString();
  if (type.alias === 'JSON' || name === 'JSON') return JSON_TEXT;
  if (name.startsWith('DECIMAL')) return DECIMAL;
  if (/^(STRUCT|MAP|UNION)\(|\]$/.test(name)) return NESTED;
  return READERS[name] ?? TEXT;
}

/** `2026-10-01 06:15:01.250000+00` → `2026-10-01T06:15:01.25Z`; infinities and years beyond ISO's are left as they are. */
function isoText(text: string): string {
  const match = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d+))?(?:\+00(?::00)?)?$/.exec(text);
  if (match === null) return text;
  const fraction = (match[3] ?? '').replace(/0+$/, '');
  return `${match[1]}T${match[2]}${fraction === '' ? '' : `.${fraction}`}Z`;
}

function toJson(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if ('items' in value && Array.isArray(value.items)) return value.items.map(toJson);
  if ('entries' in value && Array.isArray(value.entries)) return mapEntries(value.entries);
  if ('entries' in value && typeof value.entries === 'object' && value.entries !== null)
    return mapEntries(structEntries(value.entries));
  if ('tag' in value && 'value' in value) return toJson(value.value);
  const text = String(value);
  return /^\d{4}-\d\d-\d\d \d/.test(text) ? isoText(text) : text;
}

function structEntries(entries: object): { key: unknown; value: unknown }[] {
  return Object.entries(entries).map(([key, value]) => ({ key, value: value as unknown }));
}

function mapEntries(entries: readonly { key: unknown; value: unknown }[]): object {
  const plain = Object.create(null) as Record<string, unknown>;
  for (const { key, value } of entries)
    plain[typeof key === 'object' ? JSON.stringify(toJson(key)) : String(key)] = toJson(value);
  return plain;
}

/** Digits beyond what a JavaScript number holds go out as text; readers that stay within it see a number. */
function jsonBigInt(_key: string, value: unknown): unknown {
  if (typeof value !== 'bigint') return value;
  return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
}
