-- summary: requests and bytes of each principal and period, for billing
-- parameter: every
--   type: choice
--   choices: hour, day, month
--   default: day
--   description: how long a period is
-- parameter: timezone
--   type: timezone
--   default: UTC
--   description: whose midnight a day begins at: an IANA name (Europe/Berlin) or an offset (+02:00)
-- column: principal text: who is billed
-- column: period timestamp: when the period begins
-- column: requests integer: calls
-- column: request_bytes integer: bytes received from them; NULL where no call says
-- column: response_bytes integer: bytes sent to them; NULL where no call says
-- column: errors integer: calls that failed
-- example: awsusage query metering ./logs --every month --output csv
-- note: By principal, then oldest period first; NULLs last. A record that stands for many calls counts as many, in
--   requests, errors and bytes alike.
-- note: Days, weeks and months begin at midnight of the time zone asked for; hours and minutes are those of UTC in every
--   zone, so that none is lost or doubled when clocks change.

WITH local_calls AS (
  SELECT
    principal,
    CASE WHEN $timezone = 'UTC' OR $every = 'hour' THEN "timestamp"
      ELSE CAST(at_timezone(with_timezone("timestamp", 'UTC'), $timezone) AS timestamp) END AS local_time,
    calls,
    calls * request_bytes AS request_bytes,
    calls * response_bytes AS response_bytes,
    CASE WHEN error_code IS NOT NULL OR status_code >= 400 THEN calls ELSE 0 END AS errors
  FROM api_calls
),
counted AS (
  SELECT
    principal,
    date_trunc($every, local_time) AS local_period,
    CAST(sum(calls) AS bigint) AS requests,
    CAST(sum(request_bytes) AS bigint) AS request_bytes,
    CAST(sum(response_bytes) AS bigint) AS response_bytes,
    CAST(sum(errors) AS bigint) AS errors
  FROM local_calls
  GROUP BY 1, 2
)
SELECT
  principal,
  CASE WHEN $timezone = 'UTC' OR $every = 'hour' THEN local_period
    ELSE CAST(at_timezone(with_timezone(local_period, $timezone), 'UTC') AS timestamp) END AS period,
  requests,
  request_bytes,
  response_bytes,
  errors
FROM counted
ORDER BY 1, 2
