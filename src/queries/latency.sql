-- summary: how long each operation took
-- column: service text: service
-- column: operation text: operation
-- column: calls integer: calls that have a duration
-- column: p50_ms double: half of the calls took this long or less
-- column: p90_ms double: 90 % of the calls took this long or less
-- column: p99_ms double: 99 % of the calls took this long or less
-- column: max_ms double: the slowest call
-- example: awsusage query latency ./logs
-- note: Only calls whose format has a duration. The percentiles are exact, by nearest rank: each is a duration that
--   was measured. A record that stands for many calls weighs as many. Most calls first, then by service and operation.

WITH durations AS (
  SELECT service, operation, duration_ms, sum(calls) AS calls
  FROM api_calls
  WHERE duration_ms IS NOT NULL
  GROUP BY service, operation, duration_ms
),
ranked AS (
  SELECT
    service,
    operation,
    duration_ms,
    calls,
    100 * sum(calls) OVER (PARTITION BY service, operation ORDER BY duration_ms) AS so_far,
    sum(calls) OVER (PARTITION BY service, operation) AS total
  FROM durations
)
SELECT
  service,
  operation,
  CAST(sum(calls) AS bigint) AS calls,
  min(CASE WHEN so_far >= 50 * total THEN duration_ms END) AS p50_ms,
  min(CASE WHEN so_far >= 90 * total THEN duration_ms END) AS p90_ms,
  min(CASE WHEN so_far >= 99 * total THEN duration_ms END) AS p99_ms,
  max(duration_ms) AS max_ms
FROM ranked
GROUP BY service, operation
ORDER BY calls DESC, service, operation
