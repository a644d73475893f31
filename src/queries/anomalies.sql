-- summary: periods with far more calls than those around them
-- parameter: every
--   type: choice
--   choices: minute, hour, day, week, month
--   default: hour
--   description: how long a period is; a week begins on Monday
-- parameter: sigma
--   type: number
--   default: 3
--   min: 0
--   description: how many standard deviations above the mean are too many
-- parameter: window
--   type: integer
--   default: 24
--   min: 0
--   max: 10000
--   description: how many older rows a row is compared with
-- parameter: fill-gaps
--   type: boolean
--   default: no
--   description: make a row of 0 of each period without calls
-- parameter: timezone
--   type: timezone
--   default: UTC
--   description: whose midnight a day begins at: an IANA name (Europe/Berlin) or an offset (+02:00)
-- column: period timestamp: when the period begins
-- column: calls integer: calls
-- column: mean double: mean of the calls of the newer row, this row and the older rows
-- column: sd double: their population standard deviation
-- column: status text: nok when calls > mean + sigma × sd, else ok
-- guard: at most 10000 periods
--   SELECT
--     CASE WHEN $fill_gaps THEN date_diff($every, min(local_period), max(local_period)) + 1 ELSE 0 END,
--     min(first_call),
--     max(first_call)
--   FROM (
--     SELECT
--       "timestamp" AS first_call,
--       date_trunc($every, CASE WHEN $timezone = 'UTC' OR $every IN ('minute', 'hour') THEN "timestamp"
--         ELSE CAST(at_timezone(with_timezone("timestamp", 'UTC'), $timezone) AS timestamp) END) AS local_period
--     FROM api_calls
--   ) AS local_calls
-- example: awsusage query anomalies ./logs --service s3
-- example: awsusage query anomalies ./logs --every day --window 7 --sigma 2 --fill-gaps
-- note: Oldest period first. A row is compared with the row after it, itself and up to 24 rows before it; without
--   --fill-gaps these are the periods that have calls, however far apart. An exact tie is ok: the rounding in SQL
--   keeps the noise of floating point from deciding it. Calls without a timestamp are left out.
-- note: Days, weeks and months begin at midnight of the time zone asked for; hours and minutes are those of UTC in every
--   zone, so that none is lost or doubled when clocks change.

WITH local_calls AS (
  SELECT
    CASE WHEN $timezone = 'UTC' OR $every IN ('minute', 'hour') THEN "timestamp"
      ELSE CAST(at_timezone(with_timezone("timestamp", 'UTC'), $timezone) AS timestamp) END AS local_time,
    calls
  FROM api_calls
  WHERE "timestamp" IS NOT NULL
),
counted AS (
  SELECT date_trunc($every, local_time) AS local_period, CAST(sum(calls) AS bigint) AS calls
  FROM local_calls
  GROUP BY 1
),
bounds AS (
  SELECT
    min(local_period) AS first_period,
    CASE WHEN $fill_gaps THEN date_diff($every, min(local_period), max(local_period)) ELSE 0 END AS last_step
  FROM counted
),
periods AS (
  SELECT local_period
  FROM counted
  UNION
  SELECT date_add($every, step, first_period)
  FROM bounds
  CROSS JOIN UNNEST(sequence(0, last_step)) AS steps (step)
  WHERE first_period IS NOT NULL
),
filled AS (
  SELECT periods.local_period, coalesce(counted.calls, 0) AS calls
  FROM periods
  LEFT JOIN counted ON counted.local_period = periods.local_period
),
measured AS (
  SELECT
    local_period,
    calls,
    avg(calls) OVER around AS mean,
    stddev_pop(calls) OVER around AS sd
  FROM filled
  WINDOW around AS (ORDER BY local_period ROWS BETWEEN $window PRECEDING AND 1 FOLLOWING)
)
SELECT
  CASE WHEN $timezone = 'UTC' OR $every IN ('minute', 'hour') THEN local_period
    ELSE CAST(at_timezone(with_timezone(local_period, $timezone), 'UTC') AS timestamp) END AS period,
  calls,
  mean,
  sd,
  CASE WHEN round(calls - mean - $sigma * sd, 6) > 0 THEN 'nok' ELSE 'ok' END AS status
FROM measured
ORDER BY 1
