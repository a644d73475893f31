-- summary: the services called, by how many sessions
-- column: service text: service
-- column: operations integer: different operations
-- column: number_of_sessions integer: different sessions; calls without a session count for none
-- column: calls integer: calls
-- column: errors integer: calls that failed
-- example: awsusage query services ./logs
-- note: Most sessions first, then most calls, then by service.

SELECT
  service,
  count(DISTINCT operation) AS operations,
  count(DISTINCT session_id) AS number_of_sessions,
  CAST(sum(calls) AS bigint) AS calls,
  CAST(sum(CASE WHEN error_code IS NOT NULL OR status_code >= 400 THEN calls ELSE 0 END) AS bigint) AS errors
FROM api_calls
GROUP BY service
ORDER BY number_of_sessions DESC, calls DESC, service
