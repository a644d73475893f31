-- summary: sessions and calls of each day
-- parameter: timezone
--   type: timezone
--   default: UTC
--   description: whose midnight a day begins at: an IANA name (Europe/Berlin) or an offset (+02:00)
-- column: date date: the day, in the time zone asked for
-- column: number_of_sessions integer: different sessions; calls without a session count for none
-- column: calls integer: calls
-- example: awsusage query sessions-per-day ./logs
-- example: awsusage query sessions-per-day ./logs --timezone America/New_York --since 30d
-- note: Oldest day first. Calls without a timestamp are one row without a date, last. A session that reaches over
--   midnight counts on both days.

SELECT
  CAST(CASE WHEN $timezone = 'UTC' THEN "timestamp"
    ELSE CAST(at_timezone(with_timezone("timestamp", 'UTC'), $timezone) AS timestamp) END AS date) AS "date",
  count(DISTINCT session_id) AS number_of_sessions,
  CAST(sum(calls) AS bigint) AS calls
FROM api_calls
GROUP BY 1
ORDER BY 1
