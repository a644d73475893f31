// The same question asked by hand of one Parquet file of all calls: `node top-operations-parquet.js FILE`.
import { printAnswer } from './print-answer.js';

await printAnswer(
  `SELECT service, operation, count(DISTINCT session_id) AS number_of_sessions, count(*) AS calls,
     count(*) FILTER (WHERE err_type IS NOT NULL OR status_code >= 400) AS errors
   FROM read_parquet($file)
   GROUP BY service, operation
   ORDER BY number_of_sessions DESC, calls DESC, service, operation
   LIMIT 20`,
  { file: process.argv[2] },
);
