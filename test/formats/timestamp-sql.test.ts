import { expect, test } from 'vitest';
import { timestampSql } from '../../src/formats/timestamp-sql.js';
import { openDuckDb, valuesFor } from './duckdb-session.js';

const CASES: readonly (readonly [string | null, string | null])[] = [
  ['2023-01-10T06:15:01', '2023-01-10 06:15:01'],
  ['2023-01-10T06:15:01Z', '2023-01-10 06:15:01'],
  ['2023-01-10 06:15:01', '2023-01-10 06:15:01'],
  ['2023-01-10 06:15:01Z', '2023-01-10 06:15:01'],
  ['2023-01-10T06:15:01.5Z', '2023-01-10 06:15:01.5'],
  ['2023-01-10T06:15:01.123', '2023-01-10 06:15:01.123'],
  ['2023-01-10 06:15:01.123456', '2023-01-10 06:15:01.123456'],
  ['2023-01-10T06:15:01.123456789Z', '2023-01-10 06:15:01.123456'],
  ['2023-01-10T06:15:01.999999999Z', '2023-01-10 06:15:01.999999'],
  ['2023-01-10', '2023-01-10 00:00:00'],
  ['2023-01-10T06:15:01+02:00', '2023-01-10 04:15:01'],
  ['2023-01-10T06:15:01+0200', '2023-01-10 04:15:01'],
  ['2023-01-10T06:15:01-02', '2023-01-10 08:15:01'],
  ['2023-01-10T00:15:01.25+05:45', '2023-01-09 18:30:01.25'],
  ['2023-01-10 06:15:01.123456789-03:30', '2023-01-10 09:45:01.123456'],
  ['2023-01-10 06:15:01 -0500', '2023-01-10 11:15:01'],
  ['2023-01-10T06:15:01+00:00', '2023-01-10 06:15:01'],
  ['2124-02-29T23:59:59Z', '2124-02-29 23:59:59'],
  ['1673331301', '2023-01-10 06:15:01'],
  ['1673331301.25', '2023-01-10 06:15:01.25'],
  ['1673331301.123456789', '2023-01-10 06:15:01.123456'],
  ['1.673331301E9', '2023-01-10 06:15:01'],
  ['1673331301123', '2023-01-10 06:15:01.123'],
  ['1673331301123.5', '2023-01-10 06:15:01.1235'],
  ['1673331301123456', '2023-01-10 06:15:01.123456'],
  ['0', '1970-01-01 00:00:00'],
  ['-1', '1969-12-31 23:59:59'],
  ['10/Jan/2023:06:15:01 +0000', '2023-01-10 06:15:01'],
  ['10/Jan/2023:06:15:01 +0200', '2023-01-10 04:15:01'],
  ['31/Dec/2022:23:15:01 -0530', '2023-01-01 04:45:01'],
];

const NO_TIME: readonly (string | null)[] = [
  null,
  '',
  '-',
  'infinity',
  '-infinity',
  'epoch',
  'now',
  'today',
  'null',
  'NaN',
  '2023-13-10T06:15:01Z',
  '2023-02-30T06:15:01Z',
  '2023-01-10T25:15:01Z',
  '2023-01-10T06:61:01Z',
  '0000-01-01T00:00:00Z',
  '0000-01-01',
  '2023-01-10 (BC)',
  '2023-01-10T06:15:01 UTC+9',
  '2023-01-10T06:15:01 America/New_York',
  '2023-01-10T06:15:01+99:00',
  '294247-01-10T00:00:00Z',
  '294247-01-10T00:00:00+01:00',
  '12345-01-10',
  '999999999999999999',
  '99999999999999999999999999999999999999999',
  '1e99',
  '0x10',
  '10/Foo/2023:06:15:01 +0000',
  '10/Jan/2023:06:15:01',
  'some text',
  '2023-01-10T06:15:01Z; DROP TABLE x',
  ' 2023-01-10T06:15:01Z',
  '-023-01-10T06:15:01',
  '2 23-01-10T06:15:01',
];

test('timestampSql gives UTC microseconds, whatever the time zone of the session', async () => {
  const connection = await openDuckDb();
  for (const zone of ['UTC', 'Asia/Tokyo', 'America/New_York']) {
    await connection.run(`SET TimeZone = '${zone}'`);
    expect(await valuesFor(connection, `typeof(${timestampSql('x')})`, ['1'])).toEqual(['TIMESTAMP']);
    const values = await valuesFor(
      connection,
      `CAST(${timestampSql('x')} AS VARCHAR)`,
      CASES.map(([text]) => text),
    );
    expect(values).toEqual(CASES.map(([, time]) => time));
  }
});

test('timestampSql gives NULL for what is no time', async () => {
  const connection = await openDuckDb();
  const values = await valuesFor(connection, `CAST(${timestampSql('x')} AS VARCHAR)`, NO_TIME);
  expect(values).toEqual(NO_TIME.map(() => null));
});

test('timestampSql reads back 2,000 random moments', async () => {
  const connection = await openDuckDb();
  const moments = Array.from({ length: 2000 }, (_, i) => (i * 7_919_777_123) % 4_000_000_000_000);
  const spellings = moments.map((ms, i) => {
    const iso = new Date(ms).toISOString();
    return (
      [iso, iso.replace('Z', '').replace('T', ' '), `${ms}`, `${ms / 1000}`][ms < 100_000_000_000 ? i % 2 : i % 4] ?? ''
    );
  });
  const values = await valuesFor(connection, `CAST(epoch_ms(${timestampSql('x')}) AS DOUBLE)`, spellings);
  expect(values).toEqual(moments);
});
