// The same question asked by hand: `node top-operations.js GLOB`. What a person who knows DuckDB would write.
import { printAnswer } from './print-answer.js';

await printAnswer(
  `SELECT service, operation, count(DISTINCT session_id) AS number_of_sessions, count(*) AS calls,
     count(*) FILTER (WHERE err_type IS NOT NULL OR status_code >= 400) AS errors
   FROM read_json($files, format = 'newline_delimited', hive_partitioning = false, columns = {
     timestamp: 'TIMESTAMP', session_id: 'VARCHAR', service: 'VARCHAR', operation: 'VARCHAR', region: 'VARCHAR',
     request: 'VARCHAR', response: 'VARCHAR', status_code: 'INTEGER', err_type: 'VARCHAR', err_msg: 'VARCHAR',
     user_agent: 'VARCHAR'})
   GROUP BY service, operation
   ORDER BY number_of_sessions DESC, calls DESC, service, operation
   LIMIT 20`,
  { files: process.argv[2] },
);
