import { plainQuery } from './plain-query.js';

const SQL = `SELECT
  log_format AS format,
  count(*) AS records,
  CAST(sum(calls) AS bigint) AS calls,
  count(DISTINCT service) AS services,
  min("timestamp") AS first_call,
  max("timestamp") AS last_call
FROM api_calls
GROUP BY log_format
ORDER BY records DESC, format`;

/** Which formats a source holds, and from when to when; the question behind `inspect`. */
export const FORMATS_FOUND = plainQuery({ name: 'formats', summary: 'which formats there are', sql: SQL });
