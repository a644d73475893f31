import { DuckDBInstance } from '@duckdb/node-api';

/** Asks `sql` of a new DuckDB and prints the rows of `top-operations` as JSON. */
export async function printAnswer(sql, parameters) {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(sql, parameters);
  console.log(JSON.stringify(reader.getRowObjectsJson().map(withNumbers)));
}

function withNumbers(row) {
  const { number_of_sessions, calls, errors } = row;
  return { ...row, number_of_sessions: Number(number_of_sessions), calls: Number(calls), errors: Number(errors) };
}
