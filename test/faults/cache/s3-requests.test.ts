import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type JsonAnswer, jsonOf } from '../../commands/answer.js';
import { type Ended, newFolder } from '../../commands/run-awsusage.js';
import { type OwnS3, startOwnS3 } from '../../commands/s3-bucket.js';
import type { SeenRequest } from '../../s3/faults.js';
import { seededRandom } from '../../s3/seeded-random.js';
import { IS_WHOLE } from '../compaction/seeds.js';
import { REQUEST_FAULTS, type RequestFault } from '../request-faults.js';
import { isGet, isList } from '../request-kinds.js';
import { CREDENTIALS, fillBucket } from '../run-fault-case.js';
import { manyLogs, PREFIX, type StoredLogs, textLog } from '../stored-logs.js';

/** The cache has all of these but the ones that changed since. */
const MERGED = manyLogs(8);
const CHANGED = textLog('changed', 3);
const NEW = textLog('new', 3);
const NOW: StoredLogs = { ...MERGED, logs: new Map([...MERGED.logs, ['3.json', CHANGED], ['new.json', NEW]]) };
const CACHED = MERGED.logs.size - 1;
const ATTEMPTS = '4';
/** An object that was just written is not merged. */
const GRAIN_MS = 2500;
const SQL = 'SELECT object_key, event_id FROM api_calls ORDER BY ALL';

let own: OwnS3;
const cache = { XDG_CACHE_HOME: newFolder(), AWSUSAGE_CACHE: 'read', AWS_MAX_ATTEMPTS: ATTEMPTS };

beforeAll(async () => {
  own = await startOwnS3({ credentials: CREDENTIALS });
  for (const bucket of ['logs', 'filling']) fillBucket(own.s3, bucket, MERGED);
  await wait(GRAIN_MS);
  expect(await fill('logs', cache)).toMatchObject({ code: 0 });
  own.s3.put('logs', `${PREFIX}3.json`, CHANGED.body, { checksum: 'CRC32' });
  own.s3.put('logs', `${PREFIX}new.json`, NEW.body, { checksum: 'CRC32' });
});

afterEach(() => own.s3.faults.clear());
afterAll(() => own.s3.close());

function fill(bucket: string, env: Readonly<Record<string, string>>): Promise<Ended> {
  return own.ask(['cache', 'fill', `s3://${bucket}/${PREFIX}`], { env: { ...env, AWSUSAGE_CACHE: 'on' } });
}

function ask(bucket: string, env: Readonly<Record<string, string>>): Promise<Ended> {
  const source = `s3://${bucket}/${PREFIX}`;
  return own.ask(['sql', SQL, source, '--json', '--limit', '0', '--read-timeout', '1'], { env });
}

const CASES = REQUEST_FAULTS.flatMap((fault) =>
  (['list', 'get'] as const)
    .filter((operation) => fault.on.includes(operation))
    .flatMap((operation) =>
      fault.times.map((times) => [`${operation}: ${fault.name}, ${times}`, { fault, operation, times }] as const),
    ),
);
/** One of so many: each starts processes, and what the requests themselves come to is held by their own suites. */
const chosen = (cases: typeof CASES, { whole, few }: Readonly<Record<'whole' | 'few', number>>): typeof CASES =>
  cases.filter((_, i) => i % (IS_WHOLE ? whole : few) === 0);

interface RequestCase {
  readonly fault: RequestFault;
  readonly operation: 'list' | 'get';
  /** How often it strikes. */
  readonly times: number;
}

function ruleOf(name: string, { fault, operation, times }: RequestCase, key: string) {
  const random = seededRandom(name);
  const bytes = NOW.logs.get(key)?.body.length ?? 0;
  const place = (): number => 1 + Math.floor(random() * ((operation === 'list' ? 300 : bytes) - 2));
  return { match: operation === 'list' ? isList : isGet(key), times, fault: fault.fault(place) };
}

describe('a bucket of which most is in the cache', () => {
  test('without a fault: only what is new is fetched', async () => {
    const before = own.s3.requests.length;
    checkAnswer(await ask('logs', cache), undefined);
    const fetched = own.s3.requests.slice(before).filter(({ operation }) => operation === 'GetObject');
    expect(fetched.map(({ key }) => key).sort()).toEqual([`${PREFIX}3.json`, `${PREFIX}new.json`]);
  });

  test.each(chosen(CASES, { whole: 2, few: 12 }))('%s', async (name, one) => {
    own.s3.faults.add(ruleOf(name, one, 'new.json'));
    const struck = own.s3.faults.struck.length;
    const end = await ask('logs', cache);
    expect(own.s3.faults.struck.length).toBeGreaterThan(struck);
    for (const secret of Object.values(CREDENTIALS)) expect(end.stdout + end.stderr).not.toContain(secret);
    if (one.times < Infinity) checkAnswer(end, undefined);
    else if (one.operation === 'list') checkRefused(end, one.fault.reason);
    else checkAnswer(end, { key: 'new.json', reason: one.fault.reason });
  });

  test('when an object of the cache is gone, its rows are, too; when it is put back with other bytes, they are those', async () => {
    const key = `${PREFIX}5.json`;
    own.s3.remove('logs', key);
    const gone = await ask('logs', cache);
    expect(idsOf(gone)).toEqual(idsIn([...NOW.logs].filter(([name]) => name !== '5.json')));
    const other = textLog('other');
    own.s3.put('logs', key, other.body, { checksum: 'CRC32' });
    const back = await ask('logs', cache);
    own.s3.put('logs', key, NOW.logs.get('5.json')?.body ?? '', { checksum: 'CRC32' });
    expect(idsOf(back)).toEqual(idsIn([...NOW.logs, ['5.json', other]]));
  });
});

describe('a cache that is filled while', () => {
  // A filling waits for a silent server as long as a command does by default.
  const cases = CASES.filter(([, { fault, times }]) => times === Infinity && fault.isSilent !== true);
  test.each(chosen(cases, { whole: 3, few: 8 }))('%s', async (name, one) => {
    own.s3.faults.add({ ...ruleOf(name, one, '6.json'), match: within('filling', ruleOf(name, one, '6.json').match) });
    const env = { ...cache, XDG_CACHE_HOME: newFolder() };
    await fill('filling', env);
    own.s3.faults.clear();
    const end = await ask('filling', env);
    expect(end, end.stderr).toMatchObject({ code: 0 });
    expect(idsOf(end)).toEqual(idsIn([...MERGED.logs]));
    expect(cachedIn(end)).toBe(one.operation === 'list' ? 0 : MERGED.logs.size - 1);
  });
});

function within(bucket: string, match: (request: SeenRequest) => boolean): (request: SeenRequest) => boolean {
  return (request) => request.bucket === bucket && match(request);
}

/** All of the answer with what the cache has, without the one that is lost. */
function checkAnswer(end: Ended, lost: { readonly key: string; readonly reason: RegExp } | undefined): void {
  expect(end, end.stderr).toMatchObject({ code: lost === undefined ? 0 : 3, left: [] });
  expect(idsOf(end)).toEqual(idsIn([...NOW.logs].filter(([key]) => key !== lost?.key)));
  expect(cachedIn(end)).toBe(CACHED);
  const { objects, reasons } = jsonOf<JsonAnswer>(end).accounting;
  expect(objects).toMatchObject({
    read: NOW.logs.size - (lost === undefined ? 0 : 1),
    failed: lost === undefined ? 0 : 1,
  });
  if (lost !== undefined)
    expect(reasons).toContainEqual({
      reason: expect.stringMatching(lost.reason) as string,
      count: 1,
      example: lost.key,
    });
}

function checkRefused(end: Ended, reason: RegExp): void {
  expect(end, end.stderr).toMatchObject({ code: 2, left: [] });
  expect(end.stderr).toMatch(reason);
}

function cachedIn(end: Ended): number | undefined {
  return (jsonOf<JsonAnswer>(end).accounting.objects as { readonly cached?: number }).cached ?? 0;
}

function idsOf(end: Ended): unknown[] {
  return jsonOf(end)
    .rows.map((row) => row['event_id'])
    .sort();
}

function idsIn(logs: readonly (readonly [string, { readonly ids: readonly string[] }])[]): string[] {
  return [...new Map(logs).values()].flatMap(({ ids }) => ids).sort();
}
