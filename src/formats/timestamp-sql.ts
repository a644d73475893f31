const SECONDS_BELOW = '100000000000';
const MILLISECONDS_BELOW = '100000000000000';
const MICROSECONDS_BELOW = '100000000000000000';

const DAY = '[0-9]{4}-[0-9]{2}-[0-9]{2}';
const CLOCK = '[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\\.[0-9]+)?';
const OFFSET = ' ?[+-][01][0-9](?::?[0-5][0-9])?';

/**
 * SQL that turns text into a TIMESTAMP in UTC, microseconds (finer fractions are cut), NULL where it is no time. Takes
 * `2023-01-10T06:15:01` with a blank for the T, a fraction, `Z` or an offset (`+02:00`, `-0530`, `+02`); a date alone;
 * epoch seconds, milliseconds or microseconds, told apart by size (seconds below 10^11: before the year 5138); and
 * `10/Jan/2023:06:15:01 +0000` as web servers write it. The session's time zone plays no part.
 */
export function timestampSql(expression: string): string {
  const is = (pattern: string) => `regexp_full_match(${expression}, '${pattern}')`;
  const local = `TRY_CAST(${expression} AS TIMESTAMP)`;
  return [
    'CASE',
    `WHEN ${isPlain(expression)} THEN ${local}`,
    `WHEN ${is(`${DAY}(?:[T ]${CLOCK}Z?)?`)} THEN ${yearsOf(expression)} ${local} END`,
    `WHEN ${is(`${DAY}[T ]${CLOCK}${OFFSET}`)} THEN ${yearsOf(expression)} ${withOffset(expression)} END`,
    `WHEN ${is('-?[0-9]{1,17}(?:\\.[0-9]+)?(?:[eE][+]?[0-9]{1,2})?')} THEN ${fromEpoch(expression)}`,
    `WHEN ${is(`[0-9]{2}/[A-Za-z]{3}/[0-9]{4}:[0-9:]{8}${OFFSET}`)} THEN ${fromLogTime(expression)}`,
    'END',
  ].join(' ');
}

/** The common case, without a regular expression: less than half the time. The bounds let only a year from 0001 in. */
function isPlain(expression: string): string {
  const like = ['____-__-__T__:__:__Z', '____-__-__T__:__:__']
    .map((shape) => `${expression} LIKE '${shape}'`)
    .join(' OR ');
  return `(${like}) AND ${expression} >= '0001' AND ${expression} < ':'`;
}

/** The year 0000 would become 1 BC. */
function yearsOf(expression: string): string {
  return `CASE WHEN ${expression} >= '0001' THEN`;
}

/** A cast to TIMESTAMP silently drops an offset; TIMESTAMPTZ keeps it, but takes no blank before it. */
function withOffset(expression: string): string {
  const joined = `replace(replace(${expression}, ' +', '+'), ' -', '-')`;
  return `TRY_CAST(${joined} AS TIMESTAMPTZ) AT TIME ZONE 'UTC'`;
}

function fromEpoch(expression: string): string {
  const number = `TRY_CAST(${expression} AS DECIMAL(38, 9))`;
  const microseconds = (factor: number) => `make_timestamp(CAST(floor(${number} * ${factor}) AS BIGINT))`;
  return [
    'CASE',
    `WHEN abs(${number}) < ${SECONDS_BELOW} THEN ${microseconds(1_000_000)}`,
    `WHEN abs(${number}) < ${MILLISECONDS_BELOW} THEN ${microseconds(1000)}`,
    `WHEN abs(${number}) < ${MICROSECONDS_BELOW} THEN ${microseconds(1)}`,
    'END',
  ].join(' ');
}

function fromLogTime(expression: string): string {
  return `try_strptime(${expression}, '%d/%b/%Y:%H:%M:%S %z') AT TIME ZONE 'UTC'`;
}
