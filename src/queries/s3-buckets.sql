-- summary: S3 calls of each period and bucket
-- parameter: every
--   type: choice
--   choices: minute, hour, day, week, month
--   default: hour
--   description: how long a period is; a week begins on Monday
-- parameter: timezone
--   type: timezone
--   default: UTC
--   description: whose midnight a day begins at: an IANA name (Europe/Berlin) or an offset (+02:00)
-- column: period timestamp: when the period begins
-- column: bucket text: the bucket that the request names
-- column: calls integer: calls
-- example: awsusage query s3-buckets ./logs --since 24h
-- note: Oldest period first, then by bucket; calls without a timestamp are last. The bucket is the request's Bucket or
--   bucketName (in server access logs, bucket). Calls that name none are left out; "anomalies --service s3" counts them.
-- note: Days, weeks and months begin at midnight of the time zone asked for; hours and minutes are those of UTC in every
--   zone, so that none is lost or doubled when clocks change.

WITH s3_calls AS (
  SELECT
    "timestamp",
    calls,
    json_extract_scalar(request, '$.Bucket') AS upper_name,
    json_extract_scalar(request, '$.bucketName') AS camel_name,
    CASE WHEN log_format = 's3-access' THEN json_extract_scalar(request, '$.bucket') END AS access_log_name
  FROM api_calls
  WHERE service = 's3'
),
local_calls AS (
  SELECT
    CASE WHEN $timezone = 'UTC' OR $every IN ('minute', 'hour') THEN "timestamp"
      ELSE CAST(at_timezone(with_timezone("timestamp", 'UTC'), $timezone) AS timestamp) END AS local_time,
    coalesce(nullif(upper_name, ''), nullif(camel_name, ''), nullif(access_log_name, '')) AS bucket,
    calls
  FROM s3_calls
),
counted AS (
  SELECT date_trunc($every, local_time) AS local_period, bucket, CAST(sum(calls) AS bigint) AS calls
  FROM local_calls
  WHERE bucket IS NOT NULL
  GROUP BY 1, 2
)
SELECT
  CASE WHEN $timezone = 'UTC' OR $every IN ('minute', 'hour') THEN local_period
    ELSE CAST(at_timezone(with_timezone(local_period, $timezone), 'UTC') AS timestamp) END AS period,
  bucket,
  calls
FROM counted
ORDER BY 1, 2
