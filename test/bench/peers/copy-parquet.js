// What a person who knows DuckDB would write: `node copy-parquet.js GLOB FILE`. Nothing is checked and nothing is kept apart.
import { DuckDBInstance } from '@duckdb/node-api';

const [, , files, target] = process.argv;
const instance = await DuckDBInstance.create();
const connection = await instance.connect();
const source = `read_json($files, format = 'newline_delimited', hive_partitioning = false, columns = {
  timestamp: 'TIMESTAMP', session_id: 'VARCHAR', service: 'VARCHAR', operation: 'VARCHAR', region: 'VARCHAR',
  request: 'VARCHAR', response: 'VARCHAR', status_code: 'INTEGER', err_type: 'VARCHAR', err_msg: 'VARCHAR',
  user_agent: 'VARCHAR'})`;
await connection.run(
  `COPY (SELECT * FROM ${source} ORDER BY timestamp) TO '${target.replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION zstd)`,
  { files },
);
const reader = await connection.runAndReadAll('SELECT count(*) AS rows FROM read_parquet($target)', { target });
console.log(JSON.stringify({ rows: Number(reader.getRowObjects()[0].rows) }));
