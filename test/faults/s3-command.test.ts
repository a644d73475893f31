import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type JsonAnswer, jsonOf } from '../commands/answer.js';
import type { Ended } from '../commands/run-awsusage.js';
import { type OwnS3, startOwnS3 } from '../commands/s3-bucket.js';
import type { Fault, FaultRule, SeenRequest } from '../s3/faults.js';
import { isGet, type RequestKind, requestKinds } from './request-kinds.js';
import { CREDENTIALS, fillBucket } from './run-fault-case.js';
import { PREFIX, smallLogs, type StoredLogs, textLog } from './stored-logs.js';

let own: OwnS3;

beforeAll(async () => {
  own = await startOwnS3({ credentials: CREDENTIALS });
});

afterAll(() => own.s3.close());

const KINDS = await requestKinds();
const SQL = 'SELECT object_key, event_id FROM api_calls ORDER BY ALL';
/** Of the process: `AWS_MAX_ATTEMPTS`. */
const ATTEMPTS = '3';
/** Well above what a run takes on a busy machine, and below the limit of a test. */
const LIMIT_MS = 40_000;

const SPOILT: Readonly<Record<RequestKind['operation'], Fault>> = {
  list: { kind: 'garble' },
  get: { kind: 'flip' },
  head: { kind: 'reset', at: 'head' },
};

describe.concurrent.each(KINDS)('$name', (kind) => {
  test.each<[string, Fault, number]>([
    ['503 once', { kind: 'error', code: 'SlowDown' }, 1],
    ['a spoilt answer once', SPOILT[kind.operation], 1],
  ])('%s: 0, and all of the answer', async (name, fault, times) => {
    const end = await ask(kind, name, { match: kind.match, times, fault });
    expect(end).toMatchObject({ code: 0, left: [] });
    const logs = kind.answer ?? kind.logs;
    expect(idsOf(end)).toEqual(allIds(logs));
    expect(jsonOf(end).accounting.objects).toMatchObject({ read: logs.logs.size, failed: 0 });
  });

  test.each<[string, Fault, RegExp]>([
    ['500 for ever', { kind: 'error', code: 'InternalError' }, /answered 500.* \(3 attempts\)/],
    ['silence for ever', { kind: 'stall', at: 'head' }, /the server does not answer \(3 attempts\)/],
  ])('%s: 3, and the answer of the rest with what is missing, or 2', async (name, fault, reason) => {
    const end = await ask(kind, name, { match: kind.match, fault });
    if (kind.loses === undefined) checkRefused(end, reason);
    else checkIncomplete(end, { logs: kind.answer ?? kind.logs, lost: kind.loses, reason });
  });
});

describe.concurrent('what happens to an object in the middle of a run', () => {
  const kind: RequestKind = { name: '', operation: 'get', logs: smallLogs(), match: isGet('b.json'), bytes: 0 };

  test('it is overwritten: 0, and its new records', async () => {
    const log = textLog('new', 9);
    const end = await ask(kind, 'new', { match: kind.match, times: 1, fault: { kind: 'change', body: log.body } });
    expect(end).toMatchObject({ code: 0, left: [] });
    expect(idsOf(end)).toEqual(allIds({ ...kind.logs, logs: new Map([...kind.logs.logs, ['b.json', log]]) }));
  });

  test('it is deleted: 3, and it is named', async () => {
    const end = await ask(kind, 'gone', { match: kind.match, times: 1, fault: { kind: 'delete' } });
    checkIncomplete(end, { logs: kind.logs, lost: 'b.json', reason: /^gone since it was listed/ });
  });

  test('the credentials expire: 3, and it is named', async () => {
    const end = await ask(kind, 'expired', { match: kind.match, fault: { kind: 'error', code: 'ExpiredToken' } });
    checkIncomplete(end, { logs: kind.logs, lost: 'b.json', reason: /^the credentials have expired/ });
  });

  test('the credentials expire before the first: 2', async () => {
    const match = ({ operation }: SeenRequest): boolean => operation === 'GetObject';
    const end = await ask(kind, 'expired-at-once', { match, fault: { kind: 'error', code: 'ExpiredToken' } });
    checkRefused(end, /the credentials have expired/);
  });
});

let buckets = 0;

/** Asks a bucket of its own, in which the rule strikes, with little patience. */
async function ask(kind: RequestKind, name: string, rule: FaultRule): Promise<Ended> {
  const bucket = `bucket-${++buckets}`;
  fillBucket(own.s3, bucket, kind.logs);
  const rules = [...(kind.before ?? []), rule];
  own.s3.faults.add(...rules.map((one) => ({ ...one, match: within(bucket, one.match) })));
  const { since, until } = kind.logs.window;
  const window = since === undefined || until === undefined ? [] : [...edge('since', since), ...edge('until', until)];
  const source = `s3://${bucket}/${PREFIX}${kind.key ?? ''}`;
  const started = performance.now();
  const end = await own.ask(['sql', SQL, source, '--json', '--limit', '0', '--read-timeout', '1', ...window], {
    env: { AWS_MAX_ATTEMPTS: ATTEMPTS },
  });
  expect(performance.now() - started, `${name} took too long`).toBeLessThan(LIMIT_MS);
  expect(own.s3.faults.struck.filter(({ request }) => request.bucket === bucket).length).toBeGreaterThan(0);
  for (const secret of Object.values(CREDENTIALS)) expect(end.stdout + end.stderr).not.toContain(secret);
  expect(end.stdout + end.stderr).not.toMatch(/Signature|X-Amz-/i);
  return end;
}

function edge(name: string, time: number): string[] {
  return [`--${name}`, new Date(time).toISOString()];
}

function within(bucket: string, match: FaultRule['match']): FaultRule['match'] {
  return (request) => request.bucket === bucket && match(request);
}

function checkRefused(end: Ended, reason: RegExp): void {
  expect(end).toMatchObject({ code: 2, left: [] });
  expect(end.stderr).toMatch(/^Error: Cannot read s3:\/\/bucket-\d+\/logs\//);
  expect(end.stderr).toMatch(reason);
  expect(jsonOf<object>(end)).toMatchObject({ error: { exitCode: 2 } });
}

interface Missing {
  readonly logs: StoredLogs;
  readonly lost: string;
  readonly reason: RegExp;
}

function checkIncomplete(end: Ended, { logs, lost, reason }: Missing): void {
  expect(end, end.stderr).toMatchObject({ code: 3, left: [] });
  const rest = [...logs.logs].filter(([key]) => key !== lost && !(lost.endsWith('/') && key.startsWith(lost)));
  expect(idsOf(end)).toEqual(allIds({ ...logs, logs: new Map(rest) }));
  const { accounting } = jsonOf<JsonAnswer>(end);
  expect(accounting.objects).toMatchObject({ read: rest.length, failed: 1 });
  const [named] = accounting.reasons.filter(({ example }) => example === lost);
  expect(named).toMatchObject({ count: 1, reason: expect.stringMatching(reason) as string });
  expect(end.stderr).toContain(lost);
}

function idsOf(end: Ended): unknown[] {
  return jsonOf(end)
    .rows.map((row) => row['event_id'])
    .sort();
}

function allIds({ logs }: StoredLogs): string[] {
  return [...logs.values()].flatMap(({ ids }) => ids).sort();
}
