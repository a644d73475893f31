-- summary: calls, errors and sessions of each period
-- parameter: every
--   type: choice
--   choices: minute, hour, day, week, month
--   default: day
--   description: how long a period is; a week begins on Monday
-- parameter: timezone
--   type: timezone
--   default: UTC
--   description: whose midnight a day begins at: an IANA name (Europe/Berlin) or an offset (+02:00)
-- column: period timestamp: when the period begins
-- column: calls integer: calls
-- column: errors integer: calls that failed
-- column: number_of_sessions integer: different sessions; calls without a session count for none
-- guard: at most 10000 periods
--   SELECT date_diff($every, min(local_period), max(local_period)) + 1, min(first_call), max(first_call)
--   FROM (
--     SELECT
--       "timestamp" AS first_call,
--       date_trunc($every, CASE WHEN $timezone = 'UTC' OR $every IN ('minute', 'hour') THEN "timestamp"
--         ELSE CAST(at_timezone(with_timezone("timestamp", 'UTC'), $timezone) AS timestamp) END) AS local_period
--     FROM api_calls
--   ) AS local_calls
-- example: awsusage query calls-over-time ./logs --every hour
-- example: awsusage query calls-over-time ./logs --every week --timezone Europe/Berlin --service s3
-- note: Oldest period first; periods without calls are rows of 0. Calls without a timestamp are one row without a
--   period, last.
-- note: Days, weeks and months begin at midnight of the time zone asked for; hours and minutes are those of UTC in every
--   zone, so that none is lost or doubled when clocks change.

WITH local_calls AS (
  SELECT
    CASE WHEN $timezone = 'UTC' OR $every IN ('minute', 'hour') THEN "timestamp"
      ELSE CAST(at_timezone(with_timezone("timestamp", 'UTC'), $timezone) AS timestamp) END AS local_time,
    session_id,
    calls,
    CASE WHEN error_code IS NOT NULL OR status_code >= 400 THEN calls ELSE 0 END AS errors
  FROM api_calls
),
counted AS (
  SELECT
    date_trunc($every, local_time) AS local_period,
    CAST(sum(calls) AS bigint) AS calls,
    CAST(sum(errors) AS bigint) AS errors,
    count(DISTINCT session_id) AS number_of_sessions
  FROM local_calls
  GROUP BY 1
),
bounds AS (
  SELECT min(local_period) AS first_period, date_diff($every, min(local_period), max(local_period)) AS last_step
  FROM counted
),
periods AS (
  SELECT date_add($every, step, first_period) AS local_period
  FROM bounds
  CROSS JOIN UNNEST(sequence(0, last_step)) AS steps (step)
),
filled AS (
  SELECT
    periods.local_period,
    coalesce(counted.calls, 0) AS calls,
    coalesce(counted.errors, 0) AS errors,
    coalesce(counted.number_of_sessions, 0) AS number_of_sessions
  FROM periods
  LEFT JOIN counted ON counted.local_period = periods.local_period
  UNION ALL
  SELECT local_period, calls, errors, number_of_sessions
  FROM counted
  WHERE local_period IS NULL
)
SELECT
  CASE WHEN $timezone = 'UTC' OR $every IN ('minute', 'hour') THEN local_period
    ELSE CAST(at_timezone(with_timezone(local_period, $timezone), 'UTC') AS timestamp) END AS period,
  calls,
  errors,
  number_of_sessions
FROM filled
ORDER BY 1
