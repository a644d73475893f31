import type { Column, ColumnType, Row, RowStream, Value } from '../engines/engine.js';
import { joinLines } from './join-lines.js';
import { escapeInJson, quoteJson } from './stringify-json.js';
import { uniqueNames } from './unique-names.js';

/** Rows as one JSON array of objects, one row per line. See `jsonRowWriter` for the values. */
export async function* renderJson({ columns, chunks }: RowStream): AsyncIterable<string> {
  yield* renderJsonArray({ columns, chunks }, '');
  yield '\n';
}

/** Rows as one JSON object per line. */
export async function* renderNdjson({ columns, chunks }: RowStream): AsyncIterable<string> {
  const object = jsonRowWriter(columns);
  yield* joinLines({ chunks, line: (row) => `${object(row)}\n` });
}

/** The array alone, without a line end; `margin` is what begins each line within it. */
export async function* renderJsonArray({ columns, chunks }: RowStream, margin: string): AsyncIterable<string> {
  const object = jsonRowWriter(columns);
  let opened = false;
  for await (const block of joinLines({
    chunks,
    line: (row, index) => `${index === 0 ? '[' : ','}\n${margin}${object(row)}`,
  })) {
    opened = true;
    yield block;
  }
  yield opened ? `\n${margin.slice(2)}]` : '[]';
}

/** The columns as they key the rows: equal names told apart by `uniqueNames`. */
export function keyedColumns(columns: readonly Column[]): readonly Column[] {
  const names = uniqueNames(columns.map((column) => column.name));
  return columns.map((column, at) => ({ ...column, name: names[at] ?? column.name }));
}

/**
 * A function from a row to a JSON object keyed by column name (`uniqueNames`). Integers and decimals have all their digits
 * and no quotes, NaN and infinities are null, JSON columns are embedded as they are, everything else is a string or boolean.
 */
export function jsonRowWriter(columns: readonly Column[]): (row: Row) => string {
  const members = keyedColumns(columns).map(({ name, type }) => ({ prefix: `${quoteJson(name)}:`, type }));
  return (row) => {
    const written = members.map(({ prefix, type }, at) => prefix + writeValue(row[at] ?? null, type));
    return `{${written.join(',')}}`;
  };
}

function writeValue(value: Value, type: ColumnType): string {
  if (typeof value === 'string') return (WRITE_TEXT[type] ?? quoteJson)(value);
  if (typeof value === 'number' && !Number.isFinite(value)) return 'null';
  return String(value);
}

/** Text is checked before it goes out without quotes, so that the whole stays JSON whatever the column holds. */
const WRITE_TEXT: Partial<Record<ColumnType, (text: string) => string>> = {
  decimal: (digits) => (JSON_NUMBER.test(digits) ? digits : quoteJson(digits)),
  json: (json) => (isJson(json) ? escapeInJson(json) : quoteJson(json)),
};

const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?$/;

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
