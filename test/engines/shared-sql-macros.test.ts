import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../src/engines/engine.js';
import { openEngine } from '../queries/duckdb-engine.js';

let engine: Engine;

beforeAll(async () => {
  engine = await openEngine();
});

afterAll(() => engine.close());

/** SQL expressions with the results that Trino's and ClickHouse's documentation give, as text. */
const DOCUMENTED: readonly (readonly [string, string | null])[] = [
  [`json_extract_scalar('[1, 2, 3]', '$[2]')`, '3'],
  [`json_extract_scalar('{"store":{"book":[{"author":"Rees"}]}}', '$.store.book[0].author')`, 'Rees'],
  [`json_extract_scalar('{"a":{"b.c":"x"}}', '$.a["b.c"]')`, 'x'],
  [`json_extract_scalar('{"a":[1]}', '$.a')`, null],
  [`json_extract_scalar('{"a":{}}', '$.a')`, null],
  [`json_extract_scalar('{"a":null}', '$.a')`, null],
  [`json_extract_scalar('{"a":true}', '$.a')`, 'true'],
  [`json_extract_scalar('not json', '$.a')`, null],
  [`json_extract_scalar(NULL, '$.a')`, null],
  [`json_format(json_parse('{"a": 1}'))`, '{"a": 1}'],
  [`at_timezone(TIMESTAMPTZ '2012-10-31 01:00:00+00', 'America/Los_Angeles')`, '2012-10-30 18:00:00'],
  [`at_timezone(TIMESTAMPTZ '2012-10-31 01:00:00+00', '+05:45')`, '2012-10-31 06:45:00'],
  [`at_timezone(TIMESTAMPTZ '2012-10-31 01:00:00+00', '-03:30')`, '2012-10-30 21:30:00'],
  [`at_timezone(TIMESTAMP '2022-11-01 09:08:07', 'UTC')`, '2022-11-01 09:08:07'],
  [`with_timezone(TIMESTAMP '2022-11-01 09:08:07.321', 'America/Los_Angeles')`, '2022-11-01 16:08:07.321+00'],
  [`with_timezone(TIMESTAMP '2022-11-01 09:08:07', 'UTC')`, '2022-11-01 09:08:07+00'],
  [`with_timezone(TIMESTAMP '2022-11-01 09:08:07', '+02:00')`, '2022-11-01 07:08:07+00'],
  // Shown twice (clocks go back at 03:00 summer time): the earlier. Never shown: as if the clocks had not gone forward.
  [`with_timezone(TIMESTAMP '2025-10-26 02:30:00', 'Europe/Berlin')`, '2025-10-26 00:30:00+00'],
  [`with_timezone(TIMESTAMP '2025-11-02 00:00:00', 'America/Havana')`, '2025-11-02 04:00:00+00'],
  [`with_timezone(TIMESTAMP '2025-03-30 02:30:00', 'Europe/Berlin')`, '2025-03-30 01:30:00+00'],
  [`with_timezone(TIMESTAMP '2018-11-04 00:00:00', 'America/Sao_Paulo')`, '2018-11-04 03:00:00+00'],
  [`date_diff('second', TIMESTAMP '2020-03-01 00:00:00', TIMESTAMP '2020-03-02 00:00:00')`, '86400'],
  [`date_diff('day', DATE '2020-03-01', DATE '2020-03-02')`, '1'],
  [`date_diff('millisecond', TIMESTAMP '2020-06-01 12:30:45', TIMESTAMP '2020-06-02 12:30:45.123456')`, '86400123'],
  [`date_diff('day', TIMESTAMP '2020-03-01 23:00:00', TIMESTAMP '2020-03-02 01:00:00')`, '0'],
  [`date_diff('hour', TIMESTAMP '2020-03-02 01:00:00', TIMESTAMP '2020-03-01 00:00:00')`, '-25'],
  [`date_add('second', 86, TIMESTAMP '2020-03-01 00:00:00')`, '2020-03-01 00:01:26'],
  [`date_add('hour', 9, TIMESTAMP '2020-03-01 00:00:00')`, '2020-03-01 09:00:00'],
  [`date_add('day', -1, TIMESTAMP '2020-03-01 00:00:00')`, '2020-02-29 00:00:00'],
  [`date_add('month', 1, TIMESTAMP '2020-01-31 00:00:00')`, '2020-02-29 00:00:00'],
  [`date_add('quarter', 1, TIMESTAMP '2020-01-31 00:00:00')`, '2020-04-30 00:00:00'],
  [`date_add(DATE '2020-03-01', INTERVAL '1' DAY)`, '2020-03-02 00:00:00'],
  [`day_of_week(DATE '2026-11-22')`, '7'],
  [`dow(DATE '2026-11-23')`, '1'],
  [`day_of_month(DATE '2020-03-01')`, '1'],
  [`day_of_year(DATE '2020-03-01')`, '61'],
  [`doy(DATE '2020-12-31')`, '366'],
  [`week_of_year(DATE '2021-01-03')`, '53'],
  [`year_of_week(DATE '2021-01-03')`, '2020'],
  [`yow(DATE '2021-01-04')`, '2021'],
  [`last_day_of_month(DATE '2020-02-03')`, '2020-02-29'],
  [`from_iso8601_timestamp('2020-05-11')`, '2020-05-11 00:00:00+00'],
  [`from_iso8601_timestamp('2020-05-11T11:15:05')`, '2020-05-11 11:15:05+00'],
  [`from_iso8601_timestamp('2020-05-11T11:15:05.055+01:00')`, '2020-05-11 10:15:05.055+00'],
  [`from_iso8601_date('2020-05-11')`, '2020-05-11'],
  [`from_unixtime(1.5)`, '1970-01-01 00:00:01.5+00'],
  [`to_unixtime(TIMESTAMP '1970-01-02 00:00:00')`, '86400.0'],
  [`date_format(TIMESTAMP '2022-10-20 05:10:07', '%m-%d-%Y %H')`, '10-20-2022 05'],
  [
    `date_format(TIMESTAMP '2022-10-20 15:10:07', '%M %e, %W %a %b %c %i:%s %r %T %k %l %j %y %%')`,
    'October 20, Thursday Thu Oct 10 10:07 03:10:07 PM 15:10:07 15 3 293 22 %',
  ],
  [`date_format(TIMESTAMP '2021-01-03 00:00:00', '%x-W%v %g')`, '2020-W53 g'],
  [`regexp_like('1a 2b 14m', '\\d+b')`, 'true'],
  [`regexp_extract('1a 2b 14m', '\\d+')`, '1'],
  [`regexp_extract('1a 2b 14m', '(\\d+)([a-z]+)', 2)`, 'a'],
  [`regexp_extract('abc', '\\d+')`, null],
  [`regexp_replace('1a 2b 14m', '\\d+[ab] ')`, '14m'],
  [`regexp_replace('1a 2b 14m', '(\\d+)([ab]) ', '3c$2 ')`, '3ca 3cb 14m'],
  [`regexp_replace('aa', 'a', '\\$1')`, '$1$1'],
  [`regexp_replace('aAa', 'a', 'b', 'gi')`, 'bbb'],
  [`regexp_replace('aa', '(a)', '\\1b', 'i')`, 'aba'],
  [`regexp_count('1a 2b 14m', '\\s*[a-z]+\\s*')`, '3'],
  [`array_join(regexp_split('1a 2b 14m', '\\s*[a-z]+\\s*'), '|')`, '1|2|14|'],
  [`split_part('a,b', ',', 2)`, 'b'],
  [`split_part('a,,c', ',', 2)`, ''],
  [`split_part('a,b', ',', 3)`, null],
  [`element_at([1, 2, 3], 5)`, null],
  [`element_at([1, 2, 3], -1)`, '3'],
  [`element_at(MAP {'a': 1}, 'a')`, '1'],
  [`element_at(MAP {'a': 1}, 'b')`, null],
  [`cardinality([1, 2, NULL])`, '3'],
  [`cardinality(MAP {'a': 1, 'b': 2})`, '2'],
  [`cardinality([])`, '0'],
  [`array_join([1, NULL, 3], '-')`, '1-3'],
  [`array_join([1, NULL, 3], '-', '?')`, '1-?-3'],
  [`array_join(sequence(1, 4), ',')`, '1,2,3,4'],
  [`array_join(sequence(4, 1), ',')`, '4,3,2,1'],
  [`array_join(sequence(1, 7, 3), ',')`, '1,4,7'],
  [`cardinality(sequence(1, 10000))`, '10000'],
  [`toDate(TIMESTAMP '2026-10-01 23:59:59')`, '2026-10-01'],
  [`JSONExtractString('{"a": "hello", "b": [-100, 200.0, 300]}', 'a')`, 'hello'],
  [`JSONExtractString('{"a": {"b": ["x", "y"]}}', 'a', 'b', 2)`, 'y'],
  [`JSONExtractString('{"a/b": {"c~d": "x"}}', 'a/b', 'c~d')`, 'x'],
  [`JSONExtractString('{"a": 5}', 'a')`, ''],
  [`JSONExtractString('{"a": 5}', 'b')`, ''],
  [`JSONExtractString('not json', 'b')`, ''],
  [`JSONExtractString(NULL, 'b')`, null],
];

describe('functions under the names of Trino and ClickHouse', () => {
  test.each(DOCUMENTED)('%s is %s', async (sql, expected) => {
    expect(await engine.rows(`SELECT CAST(${sql} AS VARCHAR)`)).toEqual([[expected]]);
  });

  test('work on columns as on constants', async () => {
    const rows = await engine.rows(
      `SELECT CAST(date_diff(unit, a, b) AS BIGINT), CAST(date_add(unit, 2, a) AS VARCHAR), regexp_extract(unit, '^d.*')
       FROM (VALUES ('day', TIMESTAMP '2020-01-01', TIMESTAMP '2020-01-03'), ('hour', TIMESTAMP '2020-01-01', NULL)) AS v (unit, a, b)
       ORDER BY unit`,
    );
    expect(rows).toEqual([
      [2n, '2020-01-03 00:00:00', 'day'],
      [null, '2020-01-01 02:00:00', null],
    ]);
  });

  test.each(['countDistinct(x)', 'approx_distinct(x)'])('%s leaves out NULL', async (sql) => {
    expect(await engine.rows(`SELECT ${sql} FROM (VALUES (1), (1), (2), (NULL)) AS v (x)`)).toEqual([[2n]]);
  });

  test('approx_percentile is a value that occurs', async () => {
    const rows = await engine.rows(
      `SELECT CAST(approx_percentile(x, 0.5) AS BIGINT) FROM (VALUES (1), (2), (9)) AS v (x)`,
    );
    expect(rows).toEqual([[2n]]);
  });

  test.each([
    ['sequence(1, 10001)', /more than 10000 entries/],
    [`date_add('fortnight', 1, TIMESTAMP '2020-01-01')`, /no such unit/],
    [`date_format(TIMESTAMP '2020-01-01', '%D')`, /not supported/],
  ])('%s is refused, as in Trino', async (sql, message) => {
    await expect(engine.rows(`SELECT CAST(${sql} AS VARCHAR)`)).rejects.toThrow(message);
  });

  test('every IANA time zone that is accepted is known to the engine', async () => {
    for (const zone of Intl.supportedValuesOf('timeZone')) {
      const sql = `SELECT CAST(at_timezone(with_timezone(TIMESTAMP '2026-07-01 12:00:00', $zone), $zone) AS VARCHAR)`;
      expect([zone, await engine.rows(sql, { zone })]).toEqual([zone, [['2026-07-01 12:00:00']]]);
    }
  });
});
