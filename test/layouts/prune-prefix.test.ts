import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readKeyLayout } from '../../src/layouts/key-layout.js';
import { judgePrefix, prefixMayHold } from '../../src/layouts/prune-prefix.js';
import { spanMayHold, type TimeWindow } from '../../src/layouts/time-window.js';
import { openFileStore } from '../../src/storage/file-store.js';
import { countingStore } from '../storage/counting-store.js';
import { tempFolder } from '../storage/temp-folder.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('a window of 2023-06-15, lateness 24 h', () => {
  const window = { since: Date.parse('2023-06-15T00:00Z'), until: Date.parse('2023-06-16T00:00Z') };

  test.each([
    ['logs/', true],
    ['year=2023/', true],
    ['year=2022/', false],
    ['year=2024/', false],
    ['year=2023/month=05/', false],
    ['year=2023/month=6/', true],
    ['year=2023/month=06/day=13/', false],
    ['year=2023/month=06/day=14/', true],
    ['year=2023/month=06/day=14/hour=22/', false],
    ['year=2023/month=06/day=14/hour=23/', true],
    ['year=2023/month=06/day=16/hour=23/', true],
    ['year=2023/month=06/day=17/', false],
    ['dt=2023-06-13/', false],
    ['dt=2023-06-15/', true],
    ['dt=2023-06-17/h=00/', false],
    ['dt=__HIVE_DEFAULT_PARTITION__/', true],
    ['year=2022/month=13/', true],
    ['2022/', true],
    ['2022/01/', true],
    ['2022/01/01/', false],
    ['a/2023/06/15/', true],
    ['a/2023/06/14/22/', false],
    ['2022/02/30/', true],
    ['2022/01/01/2022/01/01/', true],
    ['AWSLogs/123456789012/CloudTrail/us-east-1/2023/06/17/', false],
    ['AWSLogs/123456789012/CloudTrail/us-east-1/2023/06/16/', true],
    ['year=!{timestamp:yyyy}/month=!{timestamp:MM}/2022/01/01/', false],
    ['year=!{timestamp:yyyy}/month=!{timestamp:MM}/2023/06/15/', true],
  ])('%s may hold: %s', (prefix, mayHold) => {
    expect(prefixMayHold(prefix, window, DAY)).toBe(mayHold);
  });

  test.each([
    ['month=05/', 'logs/year=2023/', 'outside'],
    ['month=05/', 'logs/', 'descend'],
    ['month=06/', 'logs/year=2023/', 'descend'],
    ['CloudTrail-Digest/', '', { skip: 'CloudTrail digest' }],
    ['CloudTrail-Digest/us-east-1/2023/06/15/', '', { skip: 'CloudTrail digest' }],
    ['CloudTrail-Digest/us-east-1/2023/06/20/', '', 'outside'],
    ['CloudTrail-Lake/', '', 'descend'],
    ['CloudTrail-Lake/Query/', '', { skip: 'CloudTrail Lake query results' }],
    ['.git/', '', { skip: 'hidden folder' }],
    ['../', '', 'descend'],
  ])('the verdict on %s below %j', (prefix, root, verdict) => {
    expect(judgePrefix(prefix, { window, latenessMs: DAY, root })).toEqual(verdict);
  });
});

/** The key of an hour, and the minutes that it names (counted from the hour's start). */
const HOURLY: readonly (readonly [
  string,
  (year: string, month: string, day: string, hour: string) => string,
  number,
  number,
])[] = [
  ['hive', (y, m, d, h) => `logs/year=${y}/month=${m}/day=${d}/hour=${h}/x.json`, 0, 60],
  ['hive, unpadded', (y, m, d, h) => `year=${y}/month=${+m}/day=${+d}/hour=${+h}/x.json`, 0, 60],
  ['dt and h', (y, m, d, h) => `dt=${y}-${m}-${d}/h=${h}/x.json`, 0, 60],
  ['firehose', (y, m, d, h) => `a/${y}/${m}/${d}/${h}/x.gz`, 0, 60],
  [
    'cloudtrail',
    (y, m, d, h) => `us-east-1/${y}/${m}/${d}/123456789012_CloudTrail_us-east-1_${y}${m}${d}T${h}15Z_a.json`,
    15,
    1,
  ],
];

describe.each(HOURLY)('14 months of hourly keys, %s', (_, keyOf, minute, minutes) => {
  const first = Date.parse('2022-12-01T00:00Z');
  const hours = Array.from({ length: 424 * 24 }, (__, index) => first + index * HOUR);
  const keys = hours.map((hour) => {
    const [date = '', time = ''] = new Date(hour).toISOString().split('T');
    const [year = '', month = '', day = ''] = date.split('-');
    return { key: keyOf(year, month, day, time.slice(0, 2)), from: hour + minute * MINUTE, minutes };
  });

  test.each([
    ['2023-06-15T00:00Z', '2023-06-16T00:00Z', 24],
    ['2023-06-15T07:13Z', '2023-06-15T07:14Z', 0],
    ['2022-12-31T23:59Z', '2023-01-01T00:01Z', 1],
    ['2023-02-28T12:00Z', '2023-03-01T12:00Z', 3],
    ['2023-12-31T00:00Z', '2024-01-02T00:00Z', 48],
    ['2021-01-01T00:00Z', '2022-12-01T00:00Z', 24],
    ['2024-01-28T00:59Z', '2025-01-01T00:00Z', 24],
    ['2030-01-01T00:00Z', '2030-01-02T00:00Z', 24],
  ])('%s to %s, lateness %i h: exactly the keys that can hold an event', (since, until, latenessHours) => {
    const window = { since: Date.parse(since), until: Date.parse(until) };
    const expected = keysThatCanHold(keys, window, latenessHours);
    expect(
      keptKeys(
        keys.map(({ key }) => key),
        window,
        latenessHours * HOUR,
      ),
    ).toEqual(expected);
  });
});

test('of a year of hourly partitions, only those of the day asked are looked into', async () => {
  const root = tempFolder();
  for (let hour = Date.parse('2023-01-01T00:00Z'); hour < Date.parse('2024-01-01T00:00Z'); hour += HOUR) {
    const [year, month, day, hourOfDay] = new Date(hour).toISOString().split(/[-T:]/);
    const folder = `${root}/year=${year}/month=${month}/day=${day}/hour=${hourOfDay}`;
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${folder}/calls.json`, '{}');
  }
  const { store, counts } = countingStore(await openFileStore(root));
  const window = { since: Date.parse('2023-06-15T00:00Z'), until: Date.parse('2023-06-16T00:00Z') };

  const found = [];
  for await (const entry of store.list((prefix) => judgePrefix(prefix, { window, latenessMs: DAY }))) found.push(entry);

  const two = (value: number): string => String(value).padStart(2, '0');
  const range = (count: number, from = 0): string[] => Array.from({ length: count }, (_, index) => two(index + from));
  const june = 'year=2023/month=06/';
  expect(found.every(({ kind }) => kind === 'object')).toBe(true);
  expect(counts.listedKeys).toEqual([
    `${june}day=14/hour=23/calls.json`,
    ...['15', '16'].flatMap((day) => range(24).map((hour) => `${june}day=${day}/hour=${hour}/calls.json`)),
  ]);
  expect([...counts.askedPrefixes].sort()).toEqual(
    [
      'year=2023/',
      ...range(12, 1).map((month) => `year=2023/month=${month}/`),
      ...range(30, 1).map((day) => `${june}day=${day}/`),
      ...['14', '15', '16'].flatMap((day) => range(24).map((hour) => `${june}day=${day}/hour=${hour}/`)),
    ].sort(),
  );
  expect(counts.readKeys).toEqual([]);
});

interface HourlyKey {
  readonly key: string;
  readonly from: number;
  readonly minutes: number;
}

/** Minute by minute: an event of minute e may be in a key that names any minute from e − 60 to e + lateness. */
function keysThatCanHold(
  keys: readonly HourlyKey[],
  window: { since: number; until: number },
  latenessHours: number,
): string[] {
  const start = Date.parse('2021-12-01T00:00Z') / MINUTE;
  const length = (Date.parse('2025-12-01T00:00Z') - Date.parse('2021-12-01T00:00Z')) / MINUTE;
  const changes = new Int32Array(length + 1);
  const clamp = (minute: number): number => Math.min(Math.max(minute - start, 0), length);
  for (let event = window.since / MINUTE; event < window.until / MINUTE; event += 1) {
    const from = clamp(event - 60);
    const end = clamp(event + latenessHours * 60 + 1);
    changes[from] = (changes[from] ?? 0) + 1;
    changes[end] = (changes[end] ?? 0) - 1;
  }
  let open = 0;
  const isNamed = changes.map((change) => (open += change));
  const holds = (key: HourlyKey): boolean => {
    const first = key.from / MINUTE - start;
    return isNamed.subarray(first, first + key.minutes).some((events) => events > 0);
  };
  return keys.filter(holds).map(({ key }) => key);
}

/** What a listing would keep: a key is reached when every prefix of it may hold the window. */
function keptKeys(keys: readonly string[], window: TimeWindow, latenessMs: number): string[] {
  const verdicts = new Map<string, boolean>();
  const mayHold = (prefix: string): boolean => {
    const verdict = verdicts.get(prefix) ?? prefixMayHold(prefix, window, latenessMs);
    verdicts.set(prefix, verdict);
    return verdict;
  };
  return keys.filter((key) => {
    const folders = key.split('/').slice(0, -1);
    const isReached = folders.every((_, index) => mayHold(`${folders.slice(0, index + 1).join('/')}/`));
    const { time } = readKeyLayout(key);
    return isReached && time !== undefined && spanMayHold(time, window, latenessMs);
  });
}
