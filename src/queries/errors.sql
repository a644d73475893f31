-- summary: what failed, how often, and with what message
-- column: service text: service
-- column: operation text: operation
-- column: error_code text: the error's code; NULL where only the HTTP status says that the call failed
-- column: calls integer: calls that failed so
-- column: number_of_sessions integer: different sessions that met it
-- column: first_seen timestamp: the first of them
-- column: last_seen timestamp: the last of them
-- column: example_message text: one of the messages: the one that sorts first
-- example: awsusage query errors ./logs
-- example: awsusage query errors ./logs --service iam --since 7d
-- note: A call failed when it has an error code or an HTTP status of 400 or more. Most calls first, then by service,
--   operation and error code.

SELECT
  service,
  operation,
  error_code,
  CAST(sum(calls) AS bigint) AS calls,
  count(DISTINCT session_id) AS number_of_sessions,
  min("timestamp") AS first_seen,
  max("timestamp") AS last_seen,
  min(error_message) AS example_message
FROM api_calls
WHERE error_code IS NOT NULL OR status_code >= 400
GROUP BY service, operation, error_code
ORDER BY calls DESC, service, operation, error_code
