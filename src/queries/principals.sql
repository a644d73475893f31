-- summary: who called, how much, and when
-- column: principal text: ARN, user name or id
-- column: operations integer: different operations, by name
-- column: calls integer: calls
-- column: errors integer: calls that failed
-- column: first_seen timestamp: the first call
-- column: last_seen timestamp: the last call
-- example: awsusage query principals ./logs
-- example: awsusage query principals ./logs --errors-only
-- note: Most calls first, then by principal.

SELECT
  principal,
  count(DISTINCT operation) AS operations,
  CAST(sum(calls) AS bigint) AS calls,
  CAST(sum(CASE WHEN error_code IS NOT NULL OR status_code >= 400 THEN calls ELSE 0 END) AS bigint) AS errors,
  min("timestamp") AS first_seen,
  max("timestamp") AS last_seen
FROM api_calls
GROUP BY principal
ORDER BY calls DESC, principal
