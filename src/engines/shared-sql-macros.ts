/**
 * Macros that give DuckDB the functions of Trino (and Athena) under Trino's names and with Trino's meaning, so that one SQL
 * text runs on all three; and three of ClickHouse's. To be run once, in this order, on a new database. A macro may shadow a
 * built-in function, which stays there as `system.main.…`; that is why Trino's meaning of `date_diff`, `date_add`,
 * `regexp_replace`, `regexp_extract`, `split_part`, `element_at` and `cardinality` holds for every query.
 *
 * Macros cannot take `FILTER`, `DISTINCT` or `OVER`. `concat`, `greatest` and `least` (NULL in Trino as soon as one argument
 * is), `date_parse` and `approx_percentile` with weights have no macro.
 *
 * Source of the meanings: Trino 476 documentation, "Functions and operators" (trino.io/docs/476/functions.html);
 * ClickHouse documentation, "JSON functions" and "Type conversion functions".
 */
export const SHARED_SQL_MACROS: readonly string[] = [
  ...jsonMacros(),
  ...timeZoneMacros(),
  ...timeMacros(),
  ...textMacros(),
  ...collectionMacros(),
  ...clickhouseMacros(),
];

function jsonMacros(): readonly string[] {
  // Trino writes a["b.c"] where DuckDB writes a."b.c".
  const path = String.raw`system.main.regexp_replace(p, '\["([^"]*)"\]', '."\1"', 'g')`;
  const json = 'TRY_CAST(j AS JSON)';
  return [
    macro(
      'json_extract_scalar(j, p)',
      `CASE WHEN json_type(${json}, ${path}) IN ('OBJECT', 'ARRAY') THEN NULL ELSE json_extract_string(${json}, ${path}) END`,
    ),
    macro('json_parse(s)', 'CAST(s AS JSON)'),
    macro('json_format(j)', 'CAST(CAST(j AS JSON) AS VARCHAR)'),
  ];
}

function timeZoneMacros(): readonly string[] {
  // ICU, and so DuckDB, drops the minutes of an offset: +05:45 is a shift from UTC here.
  const isOffset = `z[1] IN ('+', '-')`;
  const zone = `CASE WHEN ${isOffset} THEN 'UTC' ELSE z END`;
  const minutes = `TRY_CAST(z[1] || '1' AS BIGINT) * (60 * TRY_CAST(z[2:3] AS BIGINT) + TRY_CAST(z[5:6] AS BIGINT))`;
  const shift = `CASE WHEN ${isOffset} THEN to_minutes(${minutes}) ELSE INTERVAL 0 MINUTE END`;
  const instant = `system.main.timezone(${zone}, t)`;
  const earlier = `${instant} - INTERVAL 1 HOUR`;
  return [
    // DuckDB's TIMESTAMPTZ has no zone of its own: the clock's time in the zone is a TIMESTAMP, which Trino gets by CAST.
    macro('at_timezone(t, z)', `system.main.timezone(${zone}, CAST(t AS TIMESTAMPTZ)) + ${shift}`),
    // A time that the clocks show twice is the earlier one in Trino, the later one in ICU.
    macro(
      'with_timezone(t, z)',
      `CASE WHEN z = 'UTC' OR ${isOffset} THEN ${instant} - ${shift}
        WHEN system.main.timezone(${zone}, ${earlier}) = t THEN ${earlier} ELSE ${instant} END`,
    ),
  ];
}

function timeMacros(): readonly string[] {
  return [
    macro('date_diff(unit, a, b)', 'date_sub(unit, a, b)'),
    `CREATE OR REPLACE MACRO date_add(a, b) AS system.main.date_add(a, b), (unit, n, t) AS ${dateAdd()}`,
    macro('day_of_week(t)', 'isodow(t)'),
    macro('dow(t)', 'isodow(t)'),
    macro('day_of_month(t)', 'day(t)'),
    macro('day_of_year(t)', 'dayofyear(t)'),
    macro('doy(t)', 'dayofyear(t)'),
    macro('week_of_year(t)', 'weekofyear(t)'),
    macro('year_of_week(t)', 'isoyear(t)'),
    macro('yow(t)', 'isoyear(t)'),
    macro('last_day_of_month(t)', 'last_day(t)'),
    macro('from_iso8601_timestamp(s)', 'CAST(s AS TIMESTAMPTZ)'),
    macro('from_iso8601_date(s)', 'CAST(s AS DATE)'),
    macro('from_unixtime(n)', 'to_timestamp(n)'),
    macro('to_unixtime(t)', 'epoch(t)'),
    macro('date_format(t, f)', dateFormat()),
  ];
}

function dateAdd(): string {
  const units = {
    millisecond: 'to_milliseconds(n)',
    second: 'to_seconds(n)',
    minute: 'to_minutes(n)',
    hour: 'to_hours(n)',
    day: 'to_days(CAST(n AS INTEGER))',
    week: 'to_weeks(CAST(n AS INTEGER))',
    month: 'to_months(CAST(n AS INTEGER))',
    quarter: 'to_months(CAST(3 * n AS INTEGER))',
    year: 'to_years(CAST(n AS INTEGER))',
  };
  const cases = Object.entries(units).map(([unit, interval]) => `WHEN '${unit}' THEN ${interval}`);
  return `t + CASE lower(unit) ${cases.join(' ')} ELSE error('date_add: no such unit: ' || unit) END`;
}

/**
 * MySQL's format letters, which Trino's date_format takes, as strftime's; those that Trino refuses are refused. Each part is
 * formatted by itself, because strftime takes constants only.
 */
function dateFormat(): string {
  const letters = {
    ...{ '%a': '%a', '%b': '%b', '%c': '%-m', '%d': '%d', '%e': '%-d', '%f': '%f', '%H': '%H', '%h': '%I', '%I': '%I' },
    ...{ '%i': '%M', '%j': '%j', '%k': '%-H', '%l': '%-I', '%M': '%B', '%m': '%m', '%p': '%p', '%r': '%I:%M:%S %p' },
    ...{
      '%S': '%S',
      '%s': '%S',
      '%T': '%H:%M:%S',
      '%v': '%V',
      '%W': '%A',
      '%x': '%G',
      '%Y': '%Y',
      '%y': '%y',
      '%%': '%%',
    },
  };
  const cases = Object.entries(letters).map(([mysql, strftime]) => `WHEN '${mysql}' THEN strftime(t, '${strftime}')`);
  const refused = ['%D', '%U', '%u', '%V', '%w', '%X'].map((letter) => `'${letter}'`).join(', ');
  return `array_to_string(list_transform(regexp_extract_all(f, '%.|[^%]+', 0, 's'), lambda part: CASE part ${cases.join(' ')}
    ELSE CASE WHEN part IN (${refused}) THEN error(part || ' not supported in date format string')
      ELSE ltrim(part, '%') END END), '')`;
}

function textMacros(): readonly string[] {
  const matches = 'system.main.regexp_matches(s, p)';
  return [
    macro('regexp_like(s, p)', matches),
    `CREATE OR REPLACE MACRO regexp_extract(s, p) AS CASE WHEN ${matches} THEN system.main.regexp_extract(s, p) END,
      (s, p, g) AS CASE WHEN ${matches} THEN system.main.regexp_extract(s, p, g) END`,
    // Trino writes groups as $1, a dollar as \$, and replaces every match; DuckDB's form with options stays.
    String.raw`CREATE OR REPLACE MACRO regexp_replace(s, p) AS system.main.regexp_replace(s, p, '', 'g'),
      (s, p, r) AS system.main.regexp_replace(s, p, replace(
        system.main.regexp_replace(r, '(^|[^\\])\$([0-9])', '\1\\\2', 'g'), '\$', '$'), 'g'),
      (s, p, r, o) AS CASE o WHEN 'g' THEN system.main.regexp_replace(s, p, r, 'g')
        WHEN 'i' THEN system.main.regexp_replace(s, p, r, 'i') WHEN 'gi' THEN system.main.regexp_replace(s, p, r, 'gi')
        WHEN 'ig' THEN system.main.regexp_replace(s, p, r, 'gi') ELSE error('regexp_replace: options are g, i or gi') END`,
    macro('regexp_count(s, p)', 'len(regexp_extract_all(s, p))'),
    macro('regexp_split(s, p)', 'string_split_regex(s, p)'),
    macro('split_part(s, d, i)', 'CASE WHEN i <= len(string_split(s, d)) THEN system.main.split_part(s, d, i) END'),
    macro('approx_distinct(x)', 'count(DISTINCT x)'),
    macro('approx_percentile(x, p)', 'quantile_disc(x, p)'),
  ];
}

function collectionMacros(): readonly string[] {
  const step = 'CASE WHEN a <= b THEN 1 ELSE -1 END';
  const tooLong = 'result of sequence function must not have more than 10000 entries';
  return [
    macro('element_at(c, k)', 'c[k]'),
    // For arrays and maps alike: nothing else in DuckDB takes both.
    macro('cardinality(c)', 'CAST(greatest(json_array_length(to_json(c)), len(json_keys(to_json(c)))) AS BIGINT)'),
    `CREATE OR REPLACE MACRO array_join(a, d) AS array_to_string(a, d),
      (a, d, n) AS array_to_string(list_transform(a, lambda x: coalesce(CAST(x AS VARCHAR), n)), d)`,
    `CREATE OR REPLACE MACRO sequence(a, b) AS
      CASE WHEN abs(b - a) >= 10000 THEN error('${tooLong}') ELSE generate_series(a, b, ${step}) END,
      (a, b, s) AS generate_series(a, b, s)`,
  ];
}

function clickhouseMacros(): readonly string[] {
  return [
    macro('toDate(t)', 'CAST(t AS DATE)'),
    macro('countDistinct(x)', 'count(DISTINCT x)'),
    `CREATE OR REPLACE MACRO JSONExtractString${[1, 2, 3, 4, 5, 6].map(jsonExtractString).join(',\n  ')}`,
  ];
}

/** With so many keys. What is not there or no string is '', as in ClickHouse; keys count array elements from 1. */
function jsonExtractString(keys: number): string {
  const names = Array.from({ length: keys }, (_, index) => `k${index + 1}`);
  const pointer = names.map((name) => `'/' || ${pointerPart(name)}`).join(' || ');
  const json = 'TRY_CAST(j AS JSON)';
  return `(j, ${names.join(', ')}) AS CASE WHEN j IS NULL THEN NULL
    WHEN json_type(${json}, ${pointer}) = 'VARCHAR' THEN json_extract_string(${json}, ${pointer}) ELSE '' END`;
}

function pointerPart(name: string): string {
  return `CASE WHEN typeof(${name}) = 'VARCHAR' THEN replace(replace(CAST(${name} AS VARCHAR), '~', '~0'), '/', '~1')
      ELSE CAST(TRY_CAST(${name} AS BIGINT) - 1 AS VARCHAR) END`;
}

function macro(signature: string, body: string): string {
  return `CREATE OR REPLACE MACRO ${signature} AS ${body}`;
}
