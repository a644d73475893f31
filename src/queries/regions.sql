-- summary: calls of each account and region
-- column: account_id text: account
-- column: region text: region
-- column: calls integer: calls
-- column: errors integer: calls that failed
-- example: awsusage query regions ./logs
-- note: Most calls first, then by account and region.

SELECT
  account_id,
  region,
  CAST(sum(calls) AS bigint) AS calls,
  CAST(sum(CASE WHEN error_code IS NOT NULL OR status_code >= 400 THEN calls ELSE 0 END) AS bigint) AS errors
FROM api_calls
GROUP BY account_id, region
ORDER BY calls DESC, account_id, region
