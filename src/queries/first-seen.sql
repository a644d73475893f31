-- summary: when each operation was first called: what is new
-- column: service text: service
-- column: operation text: operation
-- column: first_seen timestamp: the first call in this capture
-- column: last_seen timestamp: the last one
-- column: calls integer: calls
-- example: awsusage query first-seen ./logs --limit 10
-- note: Newest first, then by service and operation. Operations whose calls have no timestamp are last.

SELECT
  service,
  operation,
  min("timestamp") AS first_seen,
  max("timestamp") AS last_seen,
  CAST(sum(calls) AS bigint) AS calls
FROM api_calls
GROUP BY service, operation
ORDER BY first_seen DESC, service, operation
