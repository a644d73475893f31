import type { LogFormat } from '../formats/log-format.js';
import { STORED_ROWS, storedColumns } from '../formats/stored-columns.js';
import { loadedColumns, MISSED, storedRowsSql } from '../formats/stored-row-sql.js';

/** What `stored_rows` is a view of: the rows; the keys of their records, by shape; the keys of their objects, by number. */
export const LOADED_ROWS = 'stored_loaded';
export const SHAPES_TABLE = 'stored_shapes';
export const STORED_OBJECTS = 'stored_objects';

/** Statements that make the tables for the rows of a format, and the view of them. */
export function createStoredSql(format: LogFormat, partitionKeys: readonly string[]): readonly string[] {
  const loaded = loadedColumns(format, partitionKeys).map(({ name, type }) => `"${name}" ${type}`);
  const columns = storedColumns(format, partitionKeys).map(({ name }) => `"${name}"`);
  // The texts that many rows share are held once.
  const joined = `${LOADED_ROWS} JOIN ${SHAPES_TABLE} USING (shape) JOIN ${STORED_OBJECTS} USING (object_number)`;
  return [
    `CREATE OR REPLACE TABLE ${LOADED_ROWS} (object_number INTEGER, shape INTEGER, ${loaded.join(', ')})`,
    `CREATE OR REPLACE TABLE ${SHAPES_TABLE} (shape INTEGER, record_keys VARCHAR, keys VARCHAR)`,
    `CREATE OR REPLACE TABLE ${STORED_OBJECTS} (object_number INTEGER, object_key VARCHAR)`,
    `CREATE OR REPLACE VIEW ${STORED_ROWS} AS SELECT object_number, ${columns.join(', ')} FROM ${joined}`,
  ];
}

/** Numbers of objects: from the first to the last. */
export interface ObjectRange {
  readonly from: number;
  readonly to: number;
}

/** `INSERT` of rows that were staged to be stored; `hasOwnKeys` says that some shape has other keys than the fields' names. */
export function insertStoredSql(
  format: LogFormat,
  partitionKeys: readonly string[],
  { source, hasOwnKeys }: { readonly source: string; readonly hasOwnKeys: boolean },
): string {
  const shapes = hasOwnKeys ? SHAPES_TABLE : undefined;
  return `INSERT INTO ${LOADED_ROWS} ${storedRowsSql(format, partitionKeys, { source, shapes })}`;
}

/** Ranges of objects' numbers, as a table of `object_number` and `slot`, the place in the list. */
export function rangesSql(ranges: readonly ObjectRange[]): string {
  const values = ranges.map(({ from, to }, slot) => `(${slot}, ${from}, ${to})`).join(', ');
  return `(SELECT unnest(range("from", "to" + 1)) AS object_number, slot FROM (VALUES ${values}) AS ranges(slot, "from", "to"))`;
}

/** A SELECT of each slot and the bits of the fields that some of its rows has a value of in `extra` alone, by the fields' places. */
export function missedSql(ranges: string): string {
  return `SELECT slot, bit_or(${MISSED}) FROM ${LOADED_ROWS} JOIN ${ranges} AS ranges USING (object_number) GROUP BY slot`;
}
