// The same question asked of a trail by hand: `node top-operations-trail.js GLOB`. What a person who knows DuckDB would write,
// with no more of a record named than the question needs.
import { printAnswer } from './print-answer.js';

const RECORDS = `STRUCT(eventID VARCHAR, eventSource VARCHAR, eventName VARCHAR, errorCode VARCHAR,
  userIdentity STRUCT(accessKeyId VARCHAR))[]`;

await printAnswer(
  `WITH delivered AS (
     SELECT unnest(Records) AS event FROM read_json($files, columns = {Records: '${RECORDS}'}, hive_partitioning = false)
   ), calls AS (
     SELECT event.eventID, any_value(event) AS event FROM delivered GROUP BY event.eventID
   )
   SELECT replace(event.eventSource, '.amazonaws.com', '') AS service, event.eventName AS operation,
     count(DISTINCT event.userIdentity.accessKeyId) FILTER (WHERE event.userIdentity.accessKeyId LIKE 'ASIA%')
       AS number_of_sessions,
     count(*) AS calls, count(event.errorCode) AS errors
   FROM calls
   GROUP BY ALL
   ORDER BY number_of_sessions DESC, calls DESC, service, operation
   LIMIT 20`,
  { files: process.argv[2] },
);
