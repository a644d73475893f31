// The same question asked by hand of one Parquet file of all calls: `node top-operations-parquet.js FILE`.
import { DuckDBInstance } from '@duckdb/node-api';

const instance = await DuckDBInstance.create();
const connection = await instance.connect();
const reader = await connection.runAndReadAll(
  `SELECT service, operation, count(DISTINCT session_id) AS number_of_sessions, count(*) AS calls,
     count(*) FILTER (WHERE err_type IS NOT NULL OR status_code >= 400) AS errors
   FROM read_parquet($file)
   GROUP BY service, operation
   ORDER BY number_of_sessions DESC, calls DESC, service, operation
   LIMIT 20`,
  { file: process.argv[2] },
);
console.log(JSON.stringify(reader.getRowObjectsJson().map(withNumbers)));

function withNumbers(row) {
  const { number_of_sessions, calls, errors } = row;
  return { ...row, number_of_sessions: Number(number_of_sessions), calls: Number(calls), errors: Number(errors) };
}
