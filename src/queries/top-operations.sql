-- summary: the operations that most sessions called
-- column: service text: service
-- column: operation text: operation
-- column: number_of_sessions integer: different sessions; calls without a session count for none
-- column: calls integer: calls
-- column: errors integer: calls that failed
-- limit: 20
-- example: awsusage query top-operations ./logs
-- example: awsusage query top-operations ./logs --service s3 --limit 0 --output csv
-- note: Most sessions first, then most calls, then by service and operation.

SELECT
  service,
  operation,
  count(DISTINCT session_id) AS number_of_sessions,
  CAST(sum(calls) AS bigint) AS calls,
  CAST(sum(CASE WHEN error_code IS NOT NULL OR status_code >= 400 THEN calls ELSE 0 END) AS bigint) AS errors
FROM api_calls
GROUP BY service, operation
ORDER BY number_of_sessions DESC, calls DESC, service, operation
