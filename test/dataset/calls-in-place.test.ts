import { copyFileSync, cpSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ChangedInPlace } from '../../src/dataset/calls-in-place.js';
import type { CallFilters } from '../../src/dataset/filter-calls.js';
import { findRepeated } from '../../src/dataset/find-repeated.js';
import { planScan, type PlannedObject, type RepeatedIdentities, type ScanPlan } from '../../src/dataset/plan-scan.js';
import { SqlError, type Engine } from '../../src/engines/engine.js';
import { askQuestions, type Answers } from '../../src/queries/ask-questions.js';
import { plainQuery } from '../../src/queries/plain-query.js';
import { openFileStore } from '../../src/storage/file-store.js';
import { HAS_SHARED_DATA, sharedPath } from '../records/shared-data.js';
import { tempFolder } from '../storage/temp-folder.js';
import { formatOf, mergeFolder } from './merge-folder.js';
import {
  differences,
  NO_FILTERS,
  type OpenedSource,
  openRun,
  openSource,
  recordingEngine,
  withRun,
  PLAIN_READING,
} from './open-source.js';
import { recordedCall } from './recorded-calls.js';

/** All that can be asked without loading. */
const CALLS = 'SELECT * EXCLUDE (object_key) FROM api_calls';
/** The same of CloudTrail records, of which much is in JSON. */
const TRAIL = {
  asked:
    'SELECT "timestamp", event_id, region, service, operation, source_ip, user_agent, error_code, error_message FROM api_calls',
  dedupe: false,
};

const fixture = (name: string): string => fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));

/** One call in eleven has no time. */
function timeOf(i: number): string | null {
  return i % 11 === 3 ? null : `2026-03-01T06:00:${String(i % 60).padStart(2, '0')}`;
}

/** A folder with a merged file for each of some lists of calls, and a plain file with the last. */
async function mergedCalls(...lists: readonly (readonly Record<string, unknown>[])[]): Promise<string> {
  const folder = tempFolder();
  for (const [i, list] of lists.slice(0, -1).entries()) {
    const source = tempFolder({ 'a.json': list.map((call) => JSON.stringify(call)).join('\n') });
    const { path } = await mergeFolder(source, { format: formatOf('api-call') });
    copyFileSync(path, join(folder, `${i}.parquet`));
  }
  const [rest = []] = lists.slice(-1);
  writeFileSync(join(folder, 'rest.json'), rest.map((call) => JSON.stringify(call)).join('\n'));
  return folder;
}

interface Opening {
  readonly asked?: string;
  readonly engine?: (engine: Engine) => Engine;
  readonly plan?: ScanPlan;
  readonly inPlace?: boolean;
  readonly dedupe?: boolean;
  readonly filters?: Partial<CallFilters>;
}

function open(
  folder: string,
  { asked = CALLS, engine, plan, inPlace = true, dedupe = true, filters = {} }: Opening = {},
): Promise<OpenedSource> {
  return openSource(folder, {
    asked: [asked],
    filters,
    ...(engine === undefined ? {} : { wrap: engine }),
    request: { inPlace, dedupe, ...(plan === undefined ? {} : { plan }) },
  });
}

/** What `folder` gives in place has to be what it gives loaded. */
async function expectSame(folder: string, opening: Opening = {}): Promise<OpenedSource> {
  const inPlace = await open(folder, opening);
  const { asked = CALLS, dedupe = true, filters = {} } = opening;
  const loaded = await open(folder, { asked, dedupe, filters, inPlace: false });
  expect(inPlace.dataset.inPlace.length).toBeGreaterThan(0);
  expect(loaded.dataset.inPlace).toEqual([]);
  expect(differences(await inPlace.rows(asked), await loaded.rows(asked))).toEqual([]);
  expect(inPlace.accounting.records).toEqual(loaded.accounting.records);
  expect(inPlace.accounting.reasons).toEqual(loaded.accounting.reasons);
  return inPlace;
}

describe('calls that are asked where they lie are those that would be loaded', () => {
  const SETS = [
    ['example-bucket', 'api-call', { asked: CALLS }],
    ['apigateway-bucket', 'apigateway', { asked: CALLS }],
    ['cloudtrail-bucket', 'cloudtrail', TRAIL],
  ] as const;

  test.each(SETS)('%s', async (name, format, opening) => {
    const { folder } = await mergeFolder(fixture(name), { format: formatOf(format) });
    const inPlace = await expectSame(folder, opening);
    // The types of columns are those of the table, whatever the file's are.
    const loaded = await open(folder, { ...opening, inPlace: false });
    const types = ({ rows }: OpenedSource) => rows(`SELECT column_name, column_type FROM (DESCRIBE ${opening.asked})`);
    expect(await types(inPlace)).toEqual(await types(loaded));
  });

  test.skipIf(!HAS_SHARED_DATA).each([
    ['invictus-aws-dataset/CloudTrail', 'cloudtrail', TRAIL],
    ['stratus-red-team/docs', 'cloudtrail', TRAIL],
    ['opensearch-catalog/aws_cloudtrail/samples-large.json', 'cloudtrail', TRAIL],
    ['opensearch-catalog/amazon_s3/raw.log', 's3-access', { asked: CALLS }],
  ] as const)('%s (../shared/data has to be beside the checkout)', async (set, format, opening) => {
    const { folder } = await mergeFolder(sharedPath(set), { format: formatOf(format) });
    await expectSame(folder, opening);
  });

  test('calls of several files, and of objects that are read', async () => {
    const calls = Array.from({ length: 90 }, (_, i) => recordedCall(i, { event_id: `e-${i}` }));
    const { accounting } = await expectSame(
      await mergedCalls(calls.slice(0, 30), calls.slice(30, 60), calls.slice(60)),
    );
    expect(accounting.records).toMatchObject({ read: 90, kept: 90, duplicate: 0 });
  });

  test('records that are no calls are counted, and left out', async () => {
    const event = { eventVersion: '1.10', eventTime: '2026-10-01T06:00:00Z', eventSource: 's3.amazonaws.com' };
    const events = ['Management', 'Insight', 'Management'].map((eventCategory, i) => {
      return JSON.stringify({ ...event, eventName: `Name${i}`, eventID: `e-${i}`, eventCategory });
    });
    const { folder } = await mergeFolder(tempFolder({ 'a.json': events.join('\n') }), {
      format: formatOf('cloudtrail'),
    });
    const { accounting, rows } = await expectSame(folder, TRAIL);
    expect(accounting.records).toMatchObject({ read: 3, kept: 2, filtered: 1 });
    expect(await rows('SELECT operation FROM api_calls ORDER BY 1')).toEqual([
      { operation: 'Name0' },
      { operation: 'Name2' },
    ]);
  });

  const FILTERS: Readonly<Record<string, Partial<CallFilters>>> = {
    'a window': { window: { since: Date.parse('2026-03-01T06:00:20Z'), until: Date.parse('2026-03-01T06:00:50Z') } },
    'an open window': { window: { since: Date.parse('2026-03-01T06:00:20Z') } },
    'a window of nothing': { window: { until: 0 } },
    'errors only': { errorsOnly: true },
    'a service, whatever its case': { values: { service: ['S3'] } },
    'several values': { values: { operation: ['Good1', "'; DROP TABLE loaded_calls; --", 'Good41', 'Good2'] } },
    'no value that there is': { values: { region: ['mars'] } },
    'a column that is NULL': { values: { principal: ['x'] } },
    all: {
      window: { since: Date.parse('2026-03-01T06:00:05Z') },
      values: { service: ['s3', 'dynamodb'], session_id: ['session-0', 'session-1', 'session-3'] },
      errorsOnly: true,
    },
  };

  test.each(Object.entries(FILTERS))('filtered by %s', async (_, filters) => {
    const calls = Array.from({ length: 90 }, (_, i) =>
      recordedCall(i, { event_id: `e-${i % 80}`, timestamp: timeOf(i) }),
    );
    const folder = await mergedCalls(calls.slice(0, 30), calls.slice(30, 60), calls.slice(60));
    const { accounting } = await expectSame(folder, { filters });
    expect(accounting.records.filtered).toBeGreaterThan(0);
    expect(accounting.records.duplicate).toBe(10);
  });

  test('nothing is loaded of them', async () => {
    const calls = [recordedCall(1, { event_id: 'a' }), recordedCall(2)];
    const { engine } = await open(await mergedCalls(calls, []));
    expect(await engine.rows('SELECT count(*) FROM loaded_calls')).toEqual([[0n]]);
  });

  test.each([
    ['where they come from is asked', 'SELECT object_key FROM api_calls', {}],
    ['there is a condition', CALLS, { where: ['true'] }],
    ['raw records are asked', 'SELECT * FROM raw', {}],
  ])('they are loaded where %s', async (_, sql, filters) => {
    const folder = await mergedCalls([recordedCall(1)], []);
    const { dataset } = await openSource(folder, { asked: [sql], filters, request: { inPlace: true } });
    expect(dataset.inPlace).toEqual([]);
  });

  test('they are loaded where what is asked is in JSON', async () => {
    const { folder } = await mergeFolder(fixture('cloudtrail-bucket'), { format: formatOf('cloudtrail') });
    const { dataset } = await open(folder, { asked: 'SELECT principal FROM api_calls', dedupe: false });
    expect(dataset.inPlace).toEqual([]);
  });

  test('an engine that is locked reads no other file', async () => {
    const folder = await mergedCalls([recordedCall(1)], [recordedCall(2)]);
    const { engine } = await open(folder);
    const path = join(folder, 'rest.json');
    await expect(engine.rows(`FROM read_text('${path}')`)).rejects.toThrow(/disabled by configuration/);
    await expect(engine.run(`COPY (SELECT 1) TO '${path}'`)).rejects.toThrow(/disabled by configuration/);
  });
});

describe('secrets in calls that are asked where they lie', () => {
  test.each(['operation', 'user_agent', 'err_msg', 'request', 'response'])('are taken out of %s', async (field) => {
    const secret = JSON.stringify({ password: 'geheim' });
    const calls = Array.from({ length: 50 }, (_, i) => recordedCall(i));
    const folder = await mergedCalls([...calls, recordedCall(50, { [field]: secret })], []);
    const { rows } = await expectSame(folder);
    const text = JSON.stringify(await rows(CALLS), (_, value: unknown) => (typeof value === 'bigint' ? 1 : value));
    expect(text).toContain('password');
    expect(text).not.toContain('geheim');
  });
});

describe('records with the same id, of which some are asked where they lie', () => {
  const call = (i: number, id: string, fields: Record<string, unknown> = {}): Record<string, unknown> =>
    recordedCall(i, { event_id: id, ...fields });
  const early = { timestamp: '2026-01-01T00:00:00' };
  const lists = {
    'in one file': [[call(1, 'a'), call(2, 'a', early), call(3, 'b'), recordedCall(4)], []],
    'in two files': [[call(1, 'a'), call(3, 'b')], [call(2, 'a', early), call(4, 'c'), recordedCall(5)], []],
    'in a file and an object': [
      [call(1, 'a'), call(3, 'b'), recordedCall(4)],
      [call(2, 'a', early), call(5, 'c')],
    ],
    'in an object': [
      [call(3, 'b'), call(4, 'c')],
      [call(1, 'a'), call(2, 'a', early)],
    ],
  };

  test.each(Object.entries(lists))('%s: the earliest counts', async (_, [...calls]) => {
    const { rows, accounting } = await expectSame(await mergedCalls(...calls));
    expect(accounting.records.duplicate).toBe(1);
    expect(await rows(`SELECT operation FROM api_calls WHERE event_id = 'a'`)).toEqual([{ operation: 'Good2' }]);
  });

  test.each(Object.entries(lists))('%s: the same where it is known which are repeated', async (_, [...calls]) => {
    const folder = await mergedCalls(...calls);
    const repeated = await repeatedIn(folder);
    const ran: string[] = [];
    const { rows, accounting } = await expectSame(folder, {
      plan: await planOf(folder, repeated),
      engine: (engine) => recordingEngine(engine, ran).engine,
    });
    expect(accounting.records.duplicate).toBe(1);
    expect(await rows(`SELECT operation FROM api_calls WHERE event_id = 'a'`)).toEqual([{ operation: 'Good2' }]);
    expect(ran.filter((sql) => sql.includes('suspected') && sql.includes('HAVING'))).toEqual([]);
  });

  test('differ in what no question reads', async () => {
    const twins = [call(1, 'a', { response: 'x' }), call(1, 'a', { response: 'b' })];
    const folder = await mergedCalls([...twins, call(2, 'b')], []);
    const asked = 'SELECT operation FROM api_calls';
    const narrow = await open(folder, { asked });
    expect(narrow.accounting.records.duplicate).toBe(1);
    expect(narrow.dataset.inPlace.length).toBe(1);
    expect((await (await open(folder)).rows(`SELECT response FROM api_calls WHERE event_id = 'a'`))[0]).toEqual({
      response: 'b',
    });
  });

  test('all count where nothing is to be left out', async () => {
    const [calls = []] = lists['in one file'];
    const folder = await mergedCalls(calls, []);
    const { accounting } = await openSource(folder, { asked: [CALLS], request: { inPlace: true, dedupe: false } });
    expect(accounting.records).toMatchObject({ kept: 4, duplicate: 0 });
  });

  test('are compared after all where merged files are not what is known', async () => {
    const [calls = []] = lists['in one file'];
    const folder = await mergedCalls(calls, []);
    const [slot] = (await planOf(folder, { hashes: [] })).objects;
    const source = tempFolder({ 'a.json': calls.map((one) => JSON.stringify(one)).join('\n') });
    const stale = { ...slot!, standsFor: { objects: 1, rows: 5, repeated: { hashes: [] } } };
    const stores = [await openFileStore(source)];
    const without = await planScan({ stores, window: {}, latenessMs: 0 });
    const { accounting } = await openSource(folder, {
      asked: [CALLS],
      request: { inPlace: true, plan: { ...without, objects: [stale] }, planWithout: () => Promise.resolve(without) },
    });
    expect(accounting.records).toMatchObject({ kept: 3, duplicate: 1 });
    expect(accounting.objects.cached).toBeUndefined();
  });
});

describe('findRepeated', () => {
  const ids = (prefix: string, ...list: readonly number[]): Record<string, unknown>[] =>
    list.map((i) => recordedCall(i, { event_id: `${prefix}-${i}` }));

  test('finds as much file by file as in all at once', async () => {
    const folder = await mergedCalls(ids('x', 1, 2, 3, 3), ids('x', 3, 4, 5), ids('x', 5, 6, 6, 1), []);
    const objects = (await planOf(folder, { hashes: [] })).objects.slice(0, 3);
    const all = await find(objects, [], []);
    expect(all?.length).toBe(4);
    const first = await find(objects.slice(0, 1), [], []);
    expect(first?.length).toBe(1);
    const second = await find(objects.slice(1, 2), objects.slice(0, 1), first ?? []);
    expect(second?.length).toBe(1);
    const third = await find(objects.slice(2), objects.slice(0, 2), second ?? []);
    expect(new Set(third)).toEqual(new Set(all));
  });

  test('refuses a file that is not what it was', async () => {
    const folder = await mergedCalls(ids('x', 1, 2), []);
    const [slot] = (await planOf(folder, { hashes: [] })).objects;
    await expect(find([{ ...slot!, standsFor: { objects: 1, rows: 3 } }], [], [])).rejects.toThrow(ChangedInPlace);
  });

  test('gives no list that would be long', async () => {
    const many = Array.from({ length: 100_001 }, (_, i) => i % 50_001);
    const folder = await mergedCalls(ids('x', ...many), []);
    const [slot] = (await planOf(folder, { hashes: [] })).objects;
    expect((await find([slot!], [], []))?.length).toBe(50_000);
    expect(
      await find(
        [slot!],
        [],
        Array.from({ length: 60_000 }, (_, i) => BigInt(i)),
      ),
    ).toBeUndefined();
  });
});

describe('a question of files that change under it', () => {
  const calls = Array.from({ length: 40 }, (_, i) => recordedCall(i, { event_id: `e-${i}` }));
  const CHANGES: Readonly<Record<string, (slot: string) => void>> = {
    'are removed': (slot) => rmSync(slot),
    'have other rows by now': (slot) => replaceByOther(slot),
    'are cut': (slot) => writeFileSync(slot, readFileSync(slot).subarray(0, 300)),
    'are others by now': (slot) => {
      const { atime, mtime } = statSync(slot);
      writeFileSync(`${slot}.new`, readFileSync(slot));
      renameSync(`${slot}.new`, slot);
      utimesSync(slot, atime, mtime);
    },
    'are damaged, which only the engine sees': (slot) => damage(slot),
  };

  const CASES = Object.entries(CHANGES).flatMap(([name, change]) =>
    (['views', 'lock', 'question'] as const).map((moment) => [name, moment, change] as const),
  );

  test.each(CASES)('that %s (before the %s) is answered from the objects', async (name, moment, change) => {
    const folder = await mergedCalls(calls, []);
    const slot = join(folder, '0.parquet');
    cpSync(await mergedCalls([recordedCall(1)], []), join(folder, 'other'), { recursive: true });
    const source = tempFolder({ 'a.json': calls.map((one) => JSON.stringify(one)).join('\n') });
    const plan = await planOf(folder, { hashes: [] });
    const withoutSlots = await planScan({ stores: [await openFileStore(source)], window: {}, latenessMs: 0 });
    const isSilent = name.includes('only the engine');
    if (isSilent) change(slot);
    const listed = isSilent ? await planOf(folder, { hashes: [] }) : plan;
    let changed = isSilent;
    const answers = await ask(
      { ...listed, objects: listed.objects.filter(({ object: { key } }) => key === '0.parquet') },
      withoutSlots,
      (now) => {
        if (!changed && now === moment) change(slot);
        changed ||= now === moment;
      },
    );
    expect(changed).toBe(true);
    const rows: unknown[] = [];
    for await (const { chunks } of answers.answers) for await (const chunk of chunks) rows.push(...chunk);
    const expected = calls.map((one) => String(one['operation'])).sort();
    expect(rows.map((row) => String((row as unknown[])[0])).sort()).toEqual(expected);
    expect(answers.dataset.accounting.objects).toMatchObject({ listed: 1, read: 1, failed: 0 });
    expect(answers.dataset.accounting.records).toMatchObject({ read: 40, kept: 40 });
  });
});

test('what goes wrong before calls are asked where they lie is told as it is, and nothing is read twice', async () => {
  const folder = await mergedCalls([recordedCall(1)], [recordedCall(2)]);
  const broken = (engine: Engine): Engine =>
    withRun(engine, (sql, parameters) => {
      if (sql.startsWith('INSERT INTO loaded_calls')) throw new SqlError('broken');
      return engine.run(sql, parameters);
    });
  await expect(open(folder, { engine: broken })).rejects.toThrow(new SqlError('broken'));
});

test('standard input is never read twice', async () => {
  const folder = await mergedCalls([recordedCall(1)], [recordedCall(2)]);
  const plan = await planOf(folder, { hashes: [] });
  const objects = plan.objects.map((planned) => ({
    ...planned,
    store: planned.standsFor === undefined ? Object.assign(planned.store, { readOnce: true }) : planned.store,
  }));
  const { dataset } = await open(folder, { plan: { ...plan, objects } });
  expect(dataset.inPlace).toEqual([]);
});

/** Another merged file, of one call, in its place. */
function replaceByOther(slot: string): void {
  renameSync(join(slot, '..', 'other', '0.parquet'), slot);
}

/** Breaks the pages of a merged file, and not its footer. */
function damage(slot: string): void {
  const bytes = readFileSync(slot);
  bytes.fill(0xff, 4, bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8));
  writeFileSync(slot, bytes);
}

/** Asks for the operations; `before` is told what comes next, once all is loaded. */
async function ask(
  plan: ScanPlan,
  withoutSlots: ScanPlan,
  before: (next: 'views' | 'lock' | 'question') => void,
): Promise<Answers> {
  const run = openRun();
  const engine = await run.openEngine();
  const watched = withRun(engine, (sql, parameters) => {
    if (sql.includes('VIEW api_calls') && sql.includes('found_calls')) before('views');
    return engine.run(sql, parameters);
  });
  return askQuestions({
    plan,
    planWithout: () => Promise.resolve(withoutSlots),
    engine: {
      ...watched,
      lock: (readable) => {
        before('lock');
        return engine.lock(readable);
      },
      stream: (sql, parameters) => {
        before('question');
        return engine.stream(sql, parameters);
      },
    },
    folder: run.folder,
    filters: NO_FILTERS,
    questions: [
      {
        query: plainQuery({ name: 'operations', summary: '', sql: 'SELECT operation FROM api_calls' }),
        parameters: {},
        limit: 0,
      },
    ],
    openProbe: run.openEngine,
    openAnother: run.openEngine,
    ...PLAIN_READING,
  });
}

/** A plan of a folder in which merged files stand for objects, of which so much is known. */
async function planOf(folder: string, repeated: RepeatedIdentities): Promise<ScanPlan> {
  const plan = await planScan({ stores: [await openFileStore(folder)], window: {}, latenessMs: 0 });
  const objects: PlannedObject[] = [];
  for (const planned of plan.objects) {
    const rows = planned.object.key.endsWith('.parquet') ? await rowsOf(join(folder, planned.object.key)) : undefined;
    objects.push(rows === undefined ? planned : { ...planned, standsFor: { objects: 1, rows, repeated } });
  }
  return { ...plan, objects };
}

async function rowsOf(path: string): Promise<number> {
  const [row] = await (
    await openRun().openEngine()
  ).rows(`SELECT sum(num_rows)::BIGINT FROM parquet_file_metadata('${path}')`);
  return Number(row?.[0]);
}

async function repeatedIn(folder: string): Promise<RepeatedIdentities> {
  const { objects } = await planOf(folder, { hashes: [] });
  const slots = objects.filter(({ standsFor }) => standsFor !== undefined);
  return { hashes: (await find(slots, [], [])) ?? [] };
}

async function find(
  fresh: readonly PlannedObject[],
  known: readonly PlannedObject[],
  hashes: readonly bigint[],
): Promise<readonly bigint[] | undefined> {
  const { folder, openEngine } = openRun();
  const found = await findRepeated({
    engine: await openEngine(),
    folder,
    fresh,
    known,
    repeated: { hashes },
    requireFreeBytes: () => Promise.resolve(),
  });
  return found?.hashes;
}
