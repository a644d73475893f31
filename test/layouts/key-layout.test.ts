import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type LayoutName, readKeyLayout } from '../../src/layouts/key-layout.js';

type Case = readonly [key: string, layout: LayoutName, time?: string];

const UUID = '0f4a1d5c-8d2e-4b7c-9a61-3f0a5be0c7d1';
const TRAIL = '123456789012_CloudTrail_us-east-1_20230110T0615Z_AbCdEfGhIjKlMnOp.json.gz';
const MINUTE = '2023-01-10T06:15Z/2023-01-10T06:16Z';
const DAY = '2023-01-10T00:00Z/2023-01-11T00:00Z';
const HOUR = '2023-01-10T06:00Z/2023-01-10T07:00Z';
const SECOND = '2023-01-10T06:15:01Z/2023-01-10T06:15:02Z';
const LITERAL =
  'json-data/year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/hour=!{timestamp:HH}/2023/01/10/06';

const HIVE: readonly Case[] = [
  ['logs/year=2023/month=01/day=10/hour=06/part-0.json.gz', 'hive', HOUR],
  ['year=2023/month=1/day=10/hour=6/x.json', 'hive', HOUR],
  ['year=2023/month=12/day=31/hour=23/x', 'hive', '2023-12-31T23:00Z/2024-01-01T00:00Z'],
  ['year=2023/month=12/day=31/x', 'hive', '2023-12-31T00:00Z/2024-01-01T00:00Z'],
  ['year=2024/month=02/x', 'hive', '2024-02-01T00:00Z/2024-03-01T00:00Z'],
  ['year=2023/x', 'hive', '2023-01-01T00:00Z/2024-01-01T00:00Z'],
  ['year=2024/month=2/day=29/x', 'hive', '2024-02-29T00:00Z/2024-03-01T00:00Z'],
  ['Year=2023/Month=01/Day=10/x', 'hive', DAY],
  ['account=1/year=2023/region=us-east-1/month=01/day=10/x', 'hive', DAY],
  ['dt=2023-01-10/x.json', 'hive', DAY],
  ['dt=2023-01-10/h=06/x.json', 'hive', HOUR],
  ['dt=2023-01-10/h=6/x.json', 'hive', HOUR],
  ['date=2023-01-10/hour=06/x.json', 'hive', HOUR],
  ['date=20230110/x.json', 'hive', DAY],
  ['dt=2023-01-10-06/x.json', 'hive', HOUR],
  ['day=2023-01-10/x.json', 'hive', DAY],
  ['error/year=2023/month=01/day=10/hour=06/processing-failed/s-1-2023-01-10-06-15-01-x', 'hive', HOUR],
  [`json-data/year=2023/month=01/day=10/hour=06/s-1-2023-01-10-06-15-01-${UUID}`, 'hive', HOUR],
  ['year=2023/dt=2023-01-10/x', 'hive', DAY],
  ['dt=__HIVE_DEFAULT_PARTITION__/x.json', 'hive'],
  ['year=2023/month=__HIVE_DEFAULT_PARTITION__/x.json', 'hive'],
  ['year=2023/month=13/x.json', 'hive'],
  ['year=2023/month=02/day=30/x.json', 'hive'],
  ['year=2023/month=02/day=29/x.json', 'hive'],
  ['year=2023/month=01/day=10/hour=24/x.json', 'hive'],
  ['year=2023/month=01/day=0/x.json', 'hive'],
  ['year=2023/month=Jan/x.json', 'hive'],
  ['year=23/x.json', 'hive'],
  ['year=/x.json', 'hive'],
  ['year=2023/year=2024/x.json', 'hive'],
  ['year=2022/dt=2023-01-10/x.json', 'hive'],
  ['dt=2023-13-10/x.json', 'hive'],
  ['dt=yesterday/x.json', 'hive'],
  ['month=01/day=10/x.json', 'hive'],
  ['hour=06/x.json', 'hive'],
  ['account=123456789012/region=us-east-1/x.json', 'hive'],
  ['year=2023/hour=06/x.json', 'hive', '2023-01-01T00:00Z/2024-01-01T00:00Z'],
];

const FIREHOSE: readonly Case[] = [
  [`2023/01/10/06/stream-1-2023-01-10-06-15-01-${UUID}`, 'firehose', SECOND],
  [`2023/01/10/06/stream-1-2023-01-10-06-15-01-${UUID}.gz`, 'firehose', SECOND],
  [`a/b/2023/01/10/06/my-stream-12-2023-01-10-06-15-01-${UUID}.json.gz`, 'firehose', SECOND],
  [`stream-1-2023-01-10-06-15-01-${UUID}.parquet`, 'firehose', SECOND],
  [`${LITERAL}/stream-2023-01-10-06-15-01-${UUID}`, 'firehose', SECOND],
  [`${LITERAL}/x`, 'firehose', HOUR],
  ['2023/01/10/06/anything.json', 'firehose', HOUR],
  ['2023/01/10/06/15/anything.json', 'firehose', HOUR],
  ['error/processing-failed/2023/01/10/06/x', 'firehose', HOUR],
  [`format-conversion-failed/2023/01/10/06/s-1-2023-01-10-06-15-01-${UUID}`, 'firehose', SECOND],
  [`2023/01/10/01/stream-1-2023-01-10-06-15-01-${UUID}`, 'firehose', '2023-01-10T01:00:00Z/2023-01-10T06:15:02Z'],
  [`2023/01/10/06/stream-1-2023-02-30-06-15-01-${UUID}`, 'firehose', HOUR],
  [`2022/01/01/2023/01/10/06/stream-1-2023-01-10-06-15-01-${UUID}`, 'firehose', SECOND],
];

const CLOUDTRAIL: readonly Case[] = [
  [`AWSLogs/123456789012/CloudTrail/us-east-1/2023/01/10/${TRAIL}`, 'cloudtrail', MINUTE],
  [`AWSLogs/o-abcde12345/123456789012/CloudTrail/us-east-1/2023/01/10/${TRAIL}`, 'cloudtrail', MINUTE],
  [`my/prefix/AWSLogs/123456789012/CloudTrail/us-gov-west-1/2023/01/10/${TRAIL}`, 'cloudtrail', MINUTE],
  [`123456789012/CloudTrail/us-east-1/2023/01/10/${TRAIL}`, 'cloudtrail', MINUTE],
  [`CloudTrail/us-east-1/2023/01/10/${TRAIL}`, 'cloudtrail', MINUTE],
  [`us-east-1/2023/01/10/${TRAIL}`, 'cloudtrail', MINUTE],
  [`2023/01/10/${TRAIL}`, 'cloudtrail', MINUTE],
  [`01/10/${TRAIL}`, 'cloudtrail', MINUTE],
  [`10/${TRAIL}`, 'cloudtrail', MINUTE],
  [TRAIL, 'cloudtrail', MINUTE],
  [`year=2023/month=01/day=10/${TRAIL}`, 'cloudtrail', MINUTE],
  ['123456789012_CloudTrail_us-east-1-20230110T0615.json', 'cloudtrail', MINUTE],
  ['123456789012-CloudTrail-us-east-1-20230110T0615Z-AbCd.json', 'cloudtrail', MINUTE],
  ['123456789012_CloudTrail_us-east-1_20230110T0615Z.json.gz', 'cloudtrail', MINUTE],
  ['123456789012_CloudTrail_us-east-1_20230110T0615Z', 'cloudtrail', MINUTE],
  ['123456789012_CloudTrail_us-east-1_20230110T0615Z_AbC', 'cloudtrail', MINUTE],
  ['123456789012_CloudTrail_us-east-1_20230110T061501Z_AbC.json', 'cloudtrail', SECOND],
  ['000000000000_CloudTrail_us-east-1_20230110T0615Z_AbC.json.gz', 'cloudtrail', MINUTE],
  ['copy-of-123456789012_CloudTrail_us-east-1_20230110T0615Z_AbC.json.gz', 'cloudtrail', MINUTE],
  ['123456789012_CloudTrail_us-east-1_20230230T0615Z_AbC.json.gz', 'cloudtrail'],
  ['123456789012_CloudTrail_us-east-1_20230110T2460Z_AbC.json.gz', 'cloudtrail'],
  ['123456789012_CloudTrail_us-east-1.json.gz', 'cloudtrail'],
  ['AWSLogs/123456789012/CloudTrail/us-east-1/2023/01/10/events.json', 'cloudtrail', DAY],
  ['CloudTrail/us-east-1/2023/01/10/events.json', 'cloudtrail', DAY],
  ['AWSLogs/123456789012/CloudTrail/us-east-1/2023/02/30/events.json', 'cloudtrail'],
  ['AWSLogs/123456789012/CloudTrail/readable.json', 'cloudtrail'],
  [`AWSLogs/1/CloudTrail/us-east-1/2023/01/09/${TRAIL}`, 'cloudtrail', '2023-01-09T00:00Z/2023-01-10T06:16Z'],
];

const S3_ACCESS: readonly Case[] = [
  ['2023-01-10-06-15-01-E0A1B2C3D4E5F607', 's3-access', SECOND],
  ['logs/2023-01-10-06-15-01-E0A1B2C3D4E5F607', 's3-access', SECOND],
  ['logs/my-bucket2023-01-10-06-15-01-E0A1B2C3D4E5F607', 's3-access', SECOND],
  ['logs-v2.12023-01-10-06-15-01-E0A1B2C3D4E5F607', 's3-access', SECOND],
  ['logs/my-bucket-2023-01-10-06-15-01-E0A1B2C3D4E5F607', 's3-access', SECOND],
  ['logs/2023-01-10-06-15-01-E0A1B2C3D4E5F607.gz', 's3-access', SECOND],
  ['123456789012/us-east-1/b/2023/01/10/2023-01-10-06-15-01-E0A1B2C3D4E5F607', 's3-access', SECOND],
  ['123456789012/us-east-1/b/2023/01/10/2023-01-10-00-00-00-E0A1B2C3D4E5F607', 's3-access', DAY],
  ['2023-02-30-06-15-01-E0A1B2C3D4E5F607', 'plain'],
  ['backup-2023-01-10-06-15-01-full.json', 'plain'],
];

const PLAIN: readonly Case[] = [
  ['calls.json', 'plain'],
  ['a/b/c.ndjson', 'plain'],
  ['2023-01-10.json', 'plain'],
  ['2023/01/x.json', 'plain'],
  ['2023/1/10/x.json', 'plain'],
  ['2023/01/10/x.json', 'plain', DAY],
  ['2023/02/30/x.json', 'plain'],
  ['2023/01/10/99/x.json', 'plain'],
  ['1234/01/10/06/x.json', 'plain'],
  ['2024/05/07/export/2023/01/10/x.json', 'plain'],
  ['2023/01/10', 'plain'],
  ['a//b/../c%2Fd/2023*[x]?/line\nfeed.json', 'plain'],
  ['year=2023.json', 'plain'],
  ['__proto__=1/constructor=2/x.json', 'hive'],
];

describe.each([
  ['hive', HIVE],
  ['firehose', FIREHOSE],
  ['cloudtrail', CLOUDTRAIL],
  ['s3-access', S3_ACCESS],
  ['plain', PLAIN],
] as const)('keys of the table %s', (_, cases) => {
  test.each(cases.map(([key, layout, time]) => ({ key, layout, time })))('$key', ({ key, layout, time }) => {
    expect(readKeyLayout(key)).toEqual(time ? { layout, time: span(time) } : { layout });
  });
});

const BELOW_ROOTS: readonly (readonly [root: string, ...Case])[] = [
  ['logs/year=2023/', 'month=01/day=10/x.json', 'hive', DAY],
  ['/data/logs/year=2023/month=01', 'day=10/hour=06/x.json', 'hive', HOUR],
  ['logs/dt=2023-01-10/', 'x.json', 'hive', DAY],
  ['logs/year=2023/2022/12/31/', 'x.json', 'plain'],
  ['archive/date=2024-05-07/exports/', 'x.json', 'plain'],
  ['archive/2024/05/07/', 'x.json', 'plain'],
  ['logs/year=2023/', 'year=2022/x.json', 'hive'],
  ['logs/', 'month=01/x.json', 'hive'],
];

test.each(BELOW_ROOTS.map(([root, key, layout, time]) => ({ root, key, layout, time })))(
  'below $root the key $key',
  ({ root, key, layout, time }) => {
    expect(readKeyLayout(key, { root })).toEqual(time ? { layout, time: span(time) } : { layout });
  },
);

test('the root of one call does not colour the next', () => {
  expect(readKeyLayout('month=01/x', { root: 'year=2023/' }).time).toEqual(span('2023-01-01T00:00Z/2023-02-01T00:00Z'));
  expect(readKeyLayout('month=01/x').time).toBeUndefined();
});

const shared = fileURLToPath(new URL('../../../shared/data/', import.meta.url));

describe.skipIf(!existsSync(shared))('real CloudTrail sets (skipped where ../shared is absent)', () => {
  test.each([
    ['umccr-cloudtrail-parquet-lambda/test_input/AWSLogs', 5],
    ['invictus-aws-dataset/CloudTrail', 55],
  ])('%s: every key has a time, and every event lies within its margins', (folder, count) => {
    const keys = readdirSync(shared + folder, { recursive: true, encoding: 'utf8' }).filter((key) =>
      /\.json/.test(key),
    );
    expect(keys).toHaveLength(count);
    for (const key of keys) {
      const { layout, time } = readKeyLayout(key);
      expect([key, layout]).toEqual([key, 'cloudtrail']);
      for (const event of eventTimes(`${shared}${folder}/${key}`)) {
        expect(event).toBeGreaterThan((time?.from ?? NaN) - 86_400_000);
        expect(event).toBeLessThan((time?.to ?? NaN) + 3_600_000);
      }
    }
  });

  test('a file of umccr whose name has no Z and no id', () => {
    const key =
      'o-abcd/811596193553/CloudTrail/us-east-1/2020/10/01/811596193553_CloudTrail_us-east-1-20201001T0003.json';
    expect(readKeyLayout(key)).toEqual({ layout: 'cloudtrail', time: span('2020-10-01T00:03Z/2020-10-01T00:04Z') });
  });
});

function span(text: string): { from: number; to: number } {
  const [from = '', to = ''] = text.split('/');
  return { from: Date.parse(from), to: Date.parse(to) };
}

function eventTimes(path: string): readonly number[] {
  const bytes = readFileSync(path);
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
  const { Records } = JSON.parse(text) as { Records: { eventTime: string }[] };
  return Records.map(({ eventTime }) => Date.parse(eventTime));
}
