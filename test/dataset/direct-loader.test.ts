import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Engine } from '../../src/engines/engine.js';
import { openFileStore } from '../../src/storage/file-store.js';
import type { ObjectStore } from '../../src/storage/object-store.js';
import { REAL_LOGS_ABSENT } from '../queries/cloudtrail-calls.js';
import { tempFolder } from '../storage/temp-folder.js';
import {
  ALL_CALLS,
  type ObjectRow,
  differences,
  openSource,
  recordingEngine,
  unordered,
  withoutLocalPath,
} from './open-source.js';
import { DAMAGED_LINES } from './damaged-lines.js';
import { callLines } from './recorded-calls.js';

type Place = 'start' | 'middle' | 'end';

const PLACES: readonly Place[] = ['start', 'middle', 'end'];
/** Few and long, about 40 kB: above the size from which the engine may read a file itself. */
const GOOD_LINES = 30;
const LONG = { region: 'eu-west-1 "é" \\\n'.repeat(60) };

describe('the direct path', () => {
  test('is taken for large plain files of good records', async () => {
    const folder = writeFiles({
      'a.json': body('', 'middle'),
      'b [x]*?.ndjson': body('', 'end'),
      "it's\n é": body('', 'start'),
      'region=nowhere/status_code=500/c.json': body('', 'start'),
    });
    const { direct, rows } = await compareWays(folder);
    expect(direct).toBe(4);
    expect(rows).toHaveLength(4 * GOOD_LINES);
  });

  test('is not taken for small files', async () => {
    expect((await compareWays(writeFiles({ 'a.json': Buffer.from(`${callLines(3).join('\n')}\n`) }))).direct).toBe(0);
  });

  test('gives the same answer and the same accounting as the careful one, wherever the damage is', async () => {
    const files = Object.entries(DAMAGED_LINES).flatMap(([name, line], i) =>
      PLACES.map((place): [string, Buffer] => [
        `${i} ${name.replace(/[^a-z ]/gi, '')} at the ${place}.json`,
        body(line, place),
      ]),
    );
    const { direct } = await compareWays(writeFiles(Object.fromEntries(files)));
    expect(direct).toBeGreaterThan(20);
  });

  test('no final newline', async () => {
    const { direct, rows } = await compareWays(writeFiles({ 'a.json': body('', 'end').subarray(0, -1) }));
    expect(direct).toBe(1);
    expect(rows).toHaveLength(GOOD_LINES);
  });

  test('fields of JSON that hold text', async () => {
    const events = Array.from({ length: 300 }, (_, i) => ({
      event_id: `e${i}`,
      event_timestamp: '2026-03-01T06:00:00Z',
      event_type: 'opened',
      app_title: 'App',
      user_id: 'u',
      meta: i % 2 === 0 ? 'text' : '{"a":1}',
      padding: 'x'.repeat(100),
    }));
    const lines = Buffer.from(events.map((event) => JSON.stringify(event)).join('\n'));
    const { rows } = await compareWays(writeFiles({ 'a.json': lines }));
    expect(new Set(rows.map(({ request }) => request))).toEqual(new Set(['"text"', '{"a":1}']));
  });

  test('records that give several rows', async () => {
    const events = Array.from({ length: 300 }, (_, i) => ({
      name: i % 3 === 0 ? 'aws_request' : i % 3 === 1 ? 'aws_request_agg' : 'other',
      metadata: '{"session_id":"s"}',
      payload:
        i % 2 === 0
          ? { service: 's3', operation: 'A', api_calls: [{ service: 's3', operation: 'B', count: 3 }] }
          : 'text',
      padding: 'x'.repeat(100),
    }));
    await compareWays(writeFiles({ 'a.json': Buffer.from(events.map((event) => JSON.stringify(event)).join('\n')) }));
  });

  test.skipIf(REAL_LOGS_ABSENT !== undefined)('every body of JSONTestSuite, as a line and as a value', async () => {
    const suite = fileURLToPath(new URL('../../../shared/data/json-test-suite/test_parsing/', import.meta.url));
    const files = readdirSync(suite).flatMap((name, i): [string, Buffer][] => {
      const bytes = readFileSync(join(suite, name));
      const value = (field: string): Buffer =>
        Buffer.concat([
          Buffer.from(`{"service":"s3","operation":"Case","session_id":"1","${field}":`),
          bytes,
          Buffer.from('}'),
        ]);
      return [
        ...PLACES.map((place): [string, Buffer] => [`line/${place}/${i}`, body(bytes, place)]),
        ...['status_code', 'request', 'more'].map((field): [string, Buffer] => [
          `${field}/${i}`,
          body(value(field), 'middle'),
        ]),
      ];
    });
    expect(files).toHaveLength(318 * 6);
    const { direct } = await compareWays(writeFiles(Object.fromEntries(files)));
    expect(direct).toBeGreaterThan(80);
  });
});

describe('a file that changes between being looked through and being loaded', () => {
  const other = (count: number): string => `${callLines(count, { ...LONG, user_agent: 'other' }).join('\n')}\n`;
  /** The first does not need to know which object a row is from. */
  const ASKED = [
    "SELECT count(*) AS n, count(*) FILTER (WHERE operation NOT LIKE 'Good%' OR user_agent = 'other') AS others FROM api_calls",
    "SELECT count(*) AS n, count(*) FILTER (WHERE object_key <> 'b.json') AS others FROM api_calls",
  ];
  const CHANGES: Readonly<Record<string, (path: string) => void>> = {
    appended: (path) => appendFileSync(path, other(1)),
    'cut at a line': (path) => writeFileSync(path, other(GOOD_LINES - 1)),
    'cut within a line': (path) => writeFileSync(path, body('', 'end').subarray(0, -100)),
    emptied: (path) => writeFileSync(path, ''),
    'replaced by as many other records': (path) => writeFileSync(path, other(GOOD_LINES)),
    'replaced by as many empty records': (path) => writeFileSync(path, '{}\n'.repeat(GOOD_LINES)),
    'replaced by as many bytes of other records': (path) =>
      writeFileSync(path, readFileSync(path, 'latin1').replaceAll('Good', 'Evil'), 'latin1'),
    removed: (path) => rmSync(path),
    'replaced by a folder': (path) => {
      rmSync(path);
      mkdirSync(path);
    },
    'replaced by a link to another file': (path) => {
      writeFileSync(`${path}.target`, other(GOOD_LINES));
      rmSync(path);
      symlinkSync(`${path}.target`, path);
    },
    'replaced by something else': (path) => writeFileSync(path, Buffer.alloc(100_000, 0)),
  };

  test.each(Object.keys(CHANGES).flatMap((name) => ASKED.map((asked) => ({ name, asked }))))(
    '$name: $asked',
    async ({ name, asked }) => {
      const folder = writeFiles({ 'a.json': body('', 'middle'), 'b.json': body('', 'end') });
      let changed = false;
      const change = (sql: string): void => {
        if (changed || !sql.includes('read_json')) return;
        changed = true;
        CHANGES[name]?.(join(folder, 'a.json'));
      };
      const { accounting, rows } = await openSource(folder, {
        asked: [asked],
        wrap: (engine) => beforeRuns(engine, change),
      });
      expect(changed).toBe(true);
      expect(accounting.objects).toEqual({ listed: 2, read: 1, skipped: 0, failed: 1 });
      expect(accounting.records.kept).toBe(GOOD_LINES);
      expect(await rows(asked)).toEqual([{ n: BigInt(GOOD_LINES), others: 0n }]);
    },
  );

  test('while it is being looked through', async () => {
    const folder = writeFiles({ 'a.json': body('', 'middle'), 'b.json': body('', 'end') });
    const store = await openFileStore(folder);
    let reads = 0;
    const edited: ObjectStore = {
      ...store,
      read: async function* (object) {
        yield* store.read(object);
        if (reads++ === 0) appendFileSync(join(folder, object.key), other(1));
      },
    };
    const { accounting } = await openSource([edited]);
    expect(accounting.objects).toMatchObject({ read: 1, failed: 1 });
    expect(accounting.records.kept).toBe(GOOD_LINES);
  });
});

/** Good records around a line, which is empty for none; enough of them that the engine may read the file itself. */
function body(line: string | Buffer, place: Place): Buffer {
  const lines: (string | Buffer)[] = callLines(GOOD_LINES, LONG);
  const at = { start: 0, middle: GOOD_LINES / 2, end: GOOD_LINES }[place];
  if (line.length > 0) lines.splice(at, 0, line);
  return Buffer.concat(lines.flatMap((each) => [Buffer.from(each), Buffer.from('\n')]));
}

function writeFiles(files: Readonly<Record<string, Buffer>>): string {
  const folder = tempFolder();
  for (const [key, bytes] of Object.entries(files)) {
    mkdirSync(join(folder, key, '..'), { recursive: true });
    writeFileSync(join(folder, key), bytes);
  }
  return folder;
}

/**
 * Reads a folder both ways and compares all that can be seen. Where the engine would not load a batch, its objects were read
 * with care after all, which would hide a wrong verdict about one of them: then each half is read by itself.
 */
async function compareWays(
  folder: string,
  keep: (key: string) => boolean = () => true,
): Promise<{ direct: number; rows: readonly ObjectRow[] }> {
  const store = only(await openFileStore(folder), keep);
  let recorder: ReturnType<typeof recordingEngine> | undefined;
  const first = await openSource([store], { wrap: (engine) => (recorder = recordingEngine(engine)).engine });
  const second = await openSource([withoutLocalPath(store)], {});
  const rows = await first.rows(ALL_CALLS);
  expect(differences(rows, await second.rows(ALL_CALLS))).toEqual([]);
  expect(unordered(first.accounting)).toEqual(unordered(second.accounting));
  const keys = first.plan.objects.map(({ object }) => object.key);
  const batches = directBatches(recorder?.ran ?? []);
  const isTakenBack = batches.some((numbers) =>
    recorder?.ran.some((sql) => sql.endsWith(`IN (${numbers.join(', ')})`)),
  );
  if (!isTakenBack) return { direct: batches.flat().length, rows };
  if (keys.length === 1) return { direct: 0, rows };
  const half = new Set(keys.slice(0, keys.length / 2));
  const one = await compareWays(folder, (key) => keep(key) && half.has(key));
  const two = await compareWays(folder, (key) => keep(key) && !half.has(key));
  return { direct: one.direct + two.direct, rows };
}

function only(store: ObjectStore, keep: (key: string) => boolean): ObjectStore {
  return {
    ...store,
    list: async function* (judge) {
      for await (const entry of store.list(judge)) if (entry.kind !== 'object' || keep(entry.object.key)) yield entry;
    },
  };
}

/** The numbers of the objects that the engine was told to read, load by load. */
function directBatches(ran: readonly string[]): string[][] {
  const loads = ran.filter((sql) => sql.startsWith('INSERT INTO loaded_calls') && sql.includes('read_json'));
  return loads.map((sql) => (/\(\[([\d, ]+)\]\)\[list_position/.exec(sql)?.[1] ?? '').split(', '));
}

function beforeRuns(engine: Engine, before: (sql: string) => void): Engine {
  return {
    ...recordingEngine(engine).engine,
    run: (sql, parameters) => {
      before(sql);
      return engine.run(sql, parameters);
    },
  };
}
