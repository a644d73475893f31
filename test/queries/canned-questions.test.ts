import { describe, expect, test } from 'vitest';
import { listQueries, loadQuery } from '../../src/queries/query-catalog.js';
import { complete, PLAIN_ANSWERS, plainAnomalies } from './answer-in-plain-js.js';
import { ask } from './ask.js';
import { projectCloudTrail, readRecords, REAL_LOGS_ABSENT } from './cloudtrail-calls.js';
import type { ApiCall } from './duckdb-engine.js';
import { openEngine } from './duckdb-engine.js';

/** Ties, NULLs everywhere, weights above 1, both kinds of error, a gap of days, equal durations. */
const HAND_MADE: readonly ApiCall[] = [
  {
    timestamp: '2026-02-27T23:59:59.5',
    session_id: 'a',
    service: 's3',
    operation: 'ListBuckets',
    principal: 'eve',
    region: 'eu-west-1',
    account_id: '000000000001',
    duration_ms: 3,
  },
  {
    timestamp: '2026-02-28T00:00:00',
    session_id: 'b',
    service: 's3',
    operation: 'GetObject',
    principal: 'eve',
    request: '{"Bucket":"x","Key":"k"}',
    status_code: 404,
    duration_ms: 3,
  },
  {
    timestamp: '2026-02-28T00:10:00',
    session_id: 'a',
    service: 's3',
    operation: 'GetObject',
    principal: 'adam',
    request: '{"bucketName":"y"}',
    error_code: 'NoSuchKey',
    error_message: 'z',
    duration_ms: 1.5,
  },
  {
    timestamp: '2026-02-28T00:11:00',
    session_id: 'a',
    service: 's3',
    operation: 'GetObject',
    principal: 'adam',
    request: '{"Bucket":"x"}',
    error_code: 'NoSuchKey',
    error_message: 'b',
    status_code: 404,
    duration_ms: 9,
    request_bytes: 5,
    response_bytes: 0,
  },
  {
    timestamp: '2026-03-05T12:00:00',
    session_id: null,
    service: 'sqs',
    operation: 'SendMessage',
    principal: null,
    calls: 7,
    request_bytes: 10,
    duration_ms: 2,
  },
  {
    timestamp: '2026-03-05T12:30:00',
    session_id: 'c',
    service: 'sqs',
    operation: 'SendMessage',
    principal: 'eve',
    calls: 3,
    status_code: 500,
    duration_ms: 2.5,
    response_bytes: 9007199254740993n,
  },
  { timestamp: null, session_id: 'd', service: null, operation: null, principal: null, status_code: 399 },
  {
    timestamp: null,
    session_id: 'd',
    service: 'iam',
    operation: 'GetUser',
    principal: 'eve',
    error_code: 'Denied',
    user_agent: 'aws-cli',
  },
  {
    timestamp: '2026-03-06T00:00:00',
    session_id: 'e',
    service: 'iam',
    operation: 'ListUsers',
    principal: 'zoë',
    user_agent: 'Boto3',
  },
  {
    timestamp: '2026-03-06T00:00:00',
    session_id: 'e',
    service: 'ec2',
    operation: 'ListUsers',
    principal: 'zoë',
    user_agent: 'boto3',
    region: 'us-east-1',
  },
];

const QUESTIONS = Object.keys(PLAIN_ANSWERS);

const DIFFERENT_SETS: Readonly<Record<string, () => readonly ApiCall[]>> = {
  'calls made by hand': () => HAND_MADE,
  'no calls at all': () => [],
  'calls in another order': () => [...HAND_MADE].reverse(),
};

test('every question that is not denormalize has a plain answer to compare with', () => {
  expect(listQueries().map((query) => query.name)).toEqual([...QUESTIONS, 'denormalize'].sort());
});

describe.each(Object.keys(DIFFERENT_SETS))('%s', (set) => {
  test.each(QUESTIONS)('%s', async (name) => {
    const calls = DIFFERENT_SETS[set]?.() ?? [];
    const { rows, answer } = await ask(await openEngine(calls), name);
    expect(rounded(rows)).toEqual(rounded(PLAIN_ANSWERS[name]?.(calls.map(complete))));
    expect(answer.columns).toEqual(loadQuery(name).columns.map(({ name, type }) => ({ name, type })));
  });
});

describe.skipIf(REAL_LOGS_ABSENT !== undefined)('the Invictus set', () => {
  const calls =
    REAL_LOGS_ABSENT === undefined ? readRecords('invictus-aws-dataset/CloudTrail').map(projectCloudTrail) : [];

  test.each(QUESTIONS)('%s', async (name) => {
    const { rows } = await ask(await openEngine(calls), name);
    expect(rounded(rows)).toEqual(rounded(PLAIN_ANSWERS[name]?.(calls.map(complete))));
  });

  test('has 2,900 calls of 29 services and 260 operations', async () => {
    const engine = await openEngine(calls);
    const { rows } = await ask(engine, 'services');
    expect(rows.length).toBe(29);
    expect(rows.reduce((sum, row) => sum + Number(row['calls']), 0)).toBe(2900);
    const operations = await ask(engine, 'first-seen');
    expect(new Set(operations.rows.map((row) => row['operation'])).size).toBe(260);
  });
});

describe.skipIf(REAL_LOGS_ABSENT !== undefined)('the Stratus set', () => {
  const calls =
    REAL_LOGS_ABSENT === undefined ? readRecords('stratus-red-team/docs/detonation-logs').map(projectCloudTrail) : [];

  test.each(QUESTIONS)('%s', async (name) => {
    expect(calls.length).toBe(310);
    const { rows } = await ask(await openEngine(calls), name);
    expect(rounded(rows)).toEqual(rounded(PLAIN_ANSWERS[name]?.(calls.map(complete))));
  });
});

describe('anomalies', () => {
  const at = (hour: number, calls: number): ApiCall => ({
    timestamp: new Date(Date.UTC(2026, 0, 1, hour)).toISOString().slice(0, 19),
    calls,
  });

  test.each([
    // With one peak in n equal rows the peak is exactly sqrt(n - 1) deviations above the mean: 3 for ten rows.
    ['a tie is ok', Array.from({ length: 10 }, (_, hour) => at(hour, hour === 9 ? 8 : 1)), {}, []],
    ['one more row and it is not', Array.from({ length: 11 }, (_, hour) => at(hour, hour === 10 ? 8 : 1)), {}, [10]],
    ['a lower sigma', Array.from({ length: 10 }, (_, hour) => at(hour, hour === 9 ? 8 : 1)), { sigma: '2.9' }, [9]],
    ['all equal', Array.from({ length: 40 }, (_, hour) => at(hour, 1_000_003)), {}, []],
    ['all equal at sigma 0', Array.from({ length: 40 }, (_, hour) => at(hour, 1_000_003)), { sigma: '0' }, []],
    ['a peak', [at(0, 1), at(1, 1), at(2, 1), at(3, 10)], { window: '3', sigma: '1.5' }, [3]],
    [
      'the newer row counts',
      [1, 1, 1, 10, 10].map((calls, hour) => at(hour, calls)),
      { window: '3', sigma: '1.5' },
      [],
    ],
    ['gaps are no rows', [at(0, 1), at(50, 4)], { sigma: '0.5' }, [50]],
  ])('%s', async (_, calls, given: Record<string, string>, expected) => {
    const { rows } = await ask(await openEngine(calls), 'anomalies', given);
    expect(rounded(rows)).toEqual(
      rounded(plainAnomalies(calls.map(complete), Number(given['window'] ?? 24), Number(given['sigma'] ?? 3))),
    );
    const nok = rows.filter((row) => row['status'] === 'nok').map((row) => hoursSince2026(String(row['period'])));
    expect(nok).toEqual(expected);
  });

  test('gaps are filled on demand', async () => {
    const { rows } = await ask(await openEngine([at(0, 2), at(3, 4)]), 'anomalies', { 'fill-gaps': true });
    expect(rows.map((row) => [row['period'], row['calls'], row['mean']])).toEqual([
      ['2026-01-01T00:00:00Z', 2n, 1],
      ['2026-01-01T01:00:00Z', 0n, 2 / 3],
      ['2026-01-01T02:00:00Z', 0n, 1.5],
      ['2026-01-01T03:00:00Z', 4n, 1.5],
    ]);
  });

  test('24 older rows are looked at and no more', async () => {
    const calls = Array.from({ length: 27 }, (_, hour) => at(hour, hour === 0 ? 1000 : 1));
    const { rows } = await ask(await openEngine(calls), 'anomalies');
    expect([rows[24]?.['mean'], rows[25]?.['mean']]).toEqual([1025 / 26, 1]);
  });
});

describe('time zones', () => {
  const calls: readonly ApiCall[] = [
    '2026-03-28T22:30:00',
    '2026-03-29T00:30:00',
    '2026-03-29T21:59:59',
    '2026-03-29T22:00:00',
    '2026-10-24T22:00:00',
    '2026-10-25T22:59:59',
    '2026-10-25T23:00:00',
  ].map((timestamp) => ({ timestamp, service: 's3', request: '{"Bucket":"b"}', principal: 'p', session_id: 's' }));

  test('sessions-per-day cuts at the zone’s midnight, on the days of 23 and of 25 hours, too', async () => {
    const { rows } = await ask(await openEngine(calls), 'sessions-per-day', { timezone: 'Europe/Berlin' });
    expect(rows.map((row) => [row['date'], row['calls']])).toEqual([
      ['2026-03-28', 1n],
      ['2026-03-29', 2n],
      ['2026-03-30', 1n],
      ['2026-10-25', 2n],
      ['2026-10-26', 1n],
    ]);
  });

  const DAYS = [
    ['2026-03-27T23:00:00Z', 1n],
    ['2026-03-28T23:00:00Z', 2n],
    ['2026-03-29T22:00:00Z', 1n],
    ['2026-10-24T22:00:00Z', 2n],
    ['2026-10-25T23:00:00Z', 1n],
  ];

  test.each([
    ['calls-over-time', 'calls'],
    ['anomalies', 'calls'],
    ['metering', 'requests'],
    ['s3-buckets', 'calls'],
  ])('%s begins a day at the zone’s midnight', async (name, column) => {
    const { rows } = await ask(await openEngine(calls), name, { every: 'day', timezone: 'Europe/Berlin' });
    expect(rows.filter((row) => row[column] !== 0n).map((row) => [row['period'], row[column]])).toEqual(DAYS);
  });

  test('calls-over-time has each day once between the two changes of the clocks', async () => {
    const { rows } = await ask(await openEngine(calls), 'calls-over-time', { every: 'day', timezone: 'Europe/Berlin' });
    const days = rows.map((row) => Date.parse(String(row['period'])));
    // From 28 March to 26 October: 213 days.
    expect(rows.length).toBe(213);
    const lengths = days.slice(1).map((day, index) => (day - (days[index] ?? 0)) / 3_600_000);
    expect(lengths.filter((hours) => hours !== 24)).toEqual([23, 25]);
  });

  test('hours are those of UTC: none is lost or doubled', async () => {
    const night = ['2026-10-24T23:10:00', '2026-10-25T00:10:00', '2026-10-25T01:10:00', '2026-10-25T02:10:00'];
    const engine = await openEngine(night.map((timestamp) => ({ timestamp })));
    const { rows } = await ask(engine, 'calls-over-time', { every: 'hour', timezone: 'Europe/Berlin' });
    expect(rows.map((row) => [row['period'], row['calls']])).toEqual([
      ['2026-10-24T23:00:00Z', 1n],
      ['2026-10-25T00:00:00Z', 1n],
      ['2026-10-25T01:00:00Z', 1n],
      ['2026-10-25T02:00:00Z', 1n],
    ]);
  });

  test.each([
    ['+05:30', '2026-10-01'],
    ['+05:29', '2026-09-30'],
    ['-05:30', '2026-09-30'],
    ['Asia/Kolkata', '2026-10-01'],
    ['america/new_york', '2026-09-30'],
  ])('%s', async (timezone, date) => {
    const engine = await openEngine([{ timestamp: '2026-09-30T18:30:00' }]);
    const { rows } = await ask(engine, 'sessions-per-day', { timezone });
    expect(rows.map((row) => row['date'])).toEqual([date]);
  });
});

describe('periods', () => {
  test.each([
    ['minute', '2026-02-27T23:59:00Z', 2 * 24 * 60 + 2],
    ['hour', '2026-02-27T23:00:00Z', 2 * 24 + 2],
    ['day', '2026-02-27T00:00:00Z', 4],
    // A Monday.
    ['week', '2026-02-23T00:00:00Z', 2],
    ['month', '2026-02-01T00:00:00Z', 2],
  ])('every %s', async (every, first, count) => {
    const engine = await openEngine([{ timestamp: '2026-02-27T23:59:30' }, { timestamp: '2026-03-02T00:00:00' }]);
    const { rows } = await ask(engine, 'calls-over-time', { every });
    expect([rows.length, rows[0]?.['period'], rows[0]?.['calls'], rows.at(-1)?.['calls']]).toEqual([
      count,
      first,
      1n,
      1n,
    ]);
    expect(rows.slice(1, -1).every((row) => row['calls'] === 0n && row['errors'] === 0n)).toBe(true);
  });

  test.each([
    ['calls-over-time', { every: 'day' }],
    ['anomalies', { every: 'day', 'fill-gaps': true }],
  ])('%s: 10,000 are given, one more is refused', async (name, given) => {
    const last = (days: number): string => new Date(Date.UTC(2026, 0, 1 + days)).toISOString().slice(0, 19);
    const most = await openEngine([{ timestamp: '2026-01-01T00:00:00' }, { timestamp: last(9_999) }]);
    expect((await ask(most, name, given)).rows.length).toBe(10_000);
    const more = await openEngine([{ timestamp: '2026-01-01T12:00:00' }, { timestamp: last(10_000) }]);
    await expect(ask(more, name, given)).rejects.toMatchObject({
      name: 'UserError',
      exitCode: 'usage',
      message: `${name} would give 10,001 periods, more than 10,000: the first call is of 2026-01-01T12:00:00Z, the last of ${last(10_000)}Z`,
    });
  });

  test.each(['minute', 'hour', 'day'])(
    'one record of the year 2124 is no reason to make them every %s',
    async (every) => {
      const engine = await openEngine([{ timestamp: '2023-07-10T11:42:18' }, { timestamp: '2124-01-01T00:00:00' }]);
      await expect(ask(engine, 'calls-over-time', { every })).rejects.toThrow(/the last of 2124-01-01T00:00:00Z/);
      expect((await ask(engine, 'anomalies', { every })).rows.length).toBe(2);
    },
  );

  test('only calls without a timestamp', async () => {
    const engine = await openEngine([{ session_id: 's' }, { calls: 2 }]);
    const { rows } = await ask(engine, 'calls-over-time');
    expect(rows).toEqual([{ period: null, calls: 3n, errors: 0n, number_of_sessions: 1n }]);
    expect((await ask(engine, 'anomalies', { 'fill-gaps': true })).rows).toEqual([]);
  });
});

describe('s3-buckets', () => {
  test.each([
    ['{"Bucket":"a","bucketName":"b"}', 's3', 'cloudtrail', 'a'],
    ['{"Bucket":"","bucketName":"b"}', 's3', 'cloudtrail', 'b'],
    ['{"bucket":"c"}', 's3', 's3-access', 'c'],
    ['{"bucket":"c"}', 's3', 'cloudtrail', undefined],
    ['{"Bucket":{"Name":"a"}}', 's3', 'cloudtrail', undefined],
    ['{"Bucket":"a"}', 'dynamodb', 'cloudtrail', undefined],
    ['not json', 's3', 'cloudtrail', undefined],
    ['["Bucket"]', 's3', 'cloudtrail', undefined],
    [null, 's3', 'cloudtrail', undefined],
  ])('%s of %s in %s', async (request, service, log_format, expected) => {
    const { rows } = await ask(await openEngine([{ request, service, log_format }]), 's3-buckets');
    expect(rows.map((row) => row['bucket'])).toEqual(expected === undefined ? [] : [expected]);
  });
});

/** Two ways to add floating-point numbers differ in the last digits. */
function rounded(rows: readonly Record<string, unknown>[] | undefined): unknown {
  return rows?.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        typeof value === 'number' ? Number(value.toPrecision(12)) : value,
      ]),
    ),
  );
}

function hoursSince2026(period: string): number {
  return (Date.parse(period) - Date.UTC(2026, 0, 1)) / 3_600_000;
}
