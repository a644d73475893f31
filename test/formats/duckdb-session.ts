import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { LogFormat } from '../../src/formats/log-format.js';

export type Cell = string | number | boolean | null;

/** A DuckDB of its own, in UTC, for one test file. */
export async function openDuckDb(): Promise<DuckDBConnection> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(`SET TimeZone = 'UTC'`);
  return connection;
}

/** The rows of a query with every value as JSON gives it (BIGINT as text). */
export async function rowsOf(connection: DuckDBConnection, sql: string): Promise<Record<string, Cell>[]> {
  const result = await connection.runAndReadAll(sql);
  return result.getRowObjectsJson() as Record<string, Cell>[];
}

/** The value of a SQL expression over `x` for each text, in order. */
export async function valuesFor(
  connection: DuckDBConnection,
  expression: string,
  texts: readonly (string | null)[],
): Promise<Cell[]> {
  await connection.run('CREATE OR REPLACE TEMP TABLE texts (n INTEGER, x VARCHAR)');
  const insert = await connection.prepare('INSERT INTO texts SELECT $1, $2');
  for (const [n, text] of texts.entries()) {
    insert.bindInteger(1, n);
    if (text === null) insert.bindNull(2);
    else insert.bindVarchar(2, text);
    await insert.run();
  }
  const rows = await rowsOf(connection, `SELECT ${expression} AS v FROM texts ORDER BY n`);
  return rows.map(({ v }) => v ?? null);
}

/** Stages records as the record reader does: a table `staged` with one VARCHAR column for each field. */
export async function stage(
  connection: DuckDBConnection,
  format: LogFormat,
  records: readonly object[],
): Promise<void> {
  const fields = Object.keys(format.fields);
  await connection.run(`CREATE OR REPLACE TABLE staged (${fields.map((field) => `"${field}" VARCHAR`).join(', ')})`);
  const appender = await connection.createAppender('staged');
  for (const record of records) {
    for (const field of fields) {
      const value = stagedValue(format, field, record as Record<string, unknown>);
      if (value === null) appender.appendNull();
      else appender.appendVarchar(value);
    }
    appender.endRow();
  }
  appender.closeSync();
}

function stagedValue(format: LogFormat, field: string, record: Record<string, unknown>): string | null {
  if (format.wholeRecord === true) return JSON.stringify(record);
  const names = [
    field,
    ...Object.entries(format.aliases ?? {}).flatMap(([alias, name]) => (name === field ? [alias] : [])),
  ];
  const name = names.find((candidate) => Object.hasOwn(record, candidate));
  const value = name === undefined ? null : record[name];
  if (value === null || value === undefined) return null;
  return typeof value === 'string' && format.fields[field] !== 'json' ? value : JSON.stringify(value);
}
