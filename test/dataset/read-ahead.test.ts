import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { planScan, type PlannedObject } from '../../src/dataset/plan-scan.js';
import { ReadAhead } from '../../src/dataset/read-ahead.js';
import { openFileStore } from '../../src/storage/file-store.js';
import { seededChance } from '../records/seeded-chance.js';
import { tempFolder } from '../storage/temp-folder.js';
import { damagedGzips } from './damaged-gzips.js';
import { ALL_CALLS, differences, openSource, withoutLocalPath } from './open-source.js';

/** Fewer files are not worth a second thread. */
const MANY = 1100;
const MEBIBYTE = 1024 ** 2;

function callLine(file: number, line: number): string {
  const call = {
    timestamp: `2026-10-01T00:00:${String(line % 60).padStart(2, '0')}Z`,
    service: 's3',
    region: 'eu-west-1',
  };
  return JSON.stringify({ ...call, operation: `Operation${file % 7}`, requestId: `${file}-${line}`, status_code: 200 });
}

function callsOf(file: number, lines = 3): string {
  return Array.from({ length: lines }, (_, line) => `${callLine(file, line)}\n`).join('');
}

/** Many good files, and others by their names. */
function folderWith(more: Readonly<Record<string, string | Buffer>>, many = MANY): string {
  const good = Array.from({ length: many }, (_, file) =>
    file % 2 === 0 ? [`good-${file}.json`, callsOf(file)] : [`good-${file}.json.gz`, gzipSync(callsOf(file))],
  );
  return tempFolder({ ...Object.fromEntries(good), ...more });
}

async function planOf(folder: string): Promise<readonly PlannedObject[]> {
  const { objects } = await planScan({ stores: [await openFileStore(folder)], window: {}, latenessMs: 0 });
  return objects;
}

function readAhead(planned: readonly PlannedObject[]): ReadAhead {
  const ahead = new ReadAhead(planned, { hashes: true });
  onTestFinished(() => void ahead.close());
  return ahead;
}

/** What is given for each key: the text, or undefined. */
async function takeAll(planned: readonly PlannedObject[]): Promise<Map<string, string | undefined>> {
  const ahead = readAhead(planned);
  const taken = new Map<string, string | undefined>();
  for (const { object } of planned) {
    const ready = await ahead.take(object);
    if (ready !== undefined) expect(ready.packedBytes).toBe(object.size);
    taken.set(object.key, ready && `${ready.sha256} ${Buffer.from(ready.text).toString('latin1')}`);
  }
  return taken;
}

function plainly(bytes: Buffer, text: Buffer | string): string {
  return `${createHash('sha256').update(bytes).digest('hex')} ${Buffer.from(text).toString('latin1')}`;
}

describe('files that are read ahead', () => {
  test('are given in order, unpacked, with their hashes', async () => {
    const folder = folderWith({});
    const planned = await planOf(folder);
    const taken = await takeAll(planned);
    const expected = planned.map(({ object: { key } }) => {
      const bytes = readFileSync(join(folder, key));
      return [key, plainly(bytes, key.endsWith('.gz') ? gunzipSync(bytes) : bytes)];
    });
    expect(taken).toEqual(new Map(expected as [string, string][]));
  });

  test('of any size and name that one call can unpack', async () => {
    const large = callsOf(1, 40_000);
    expect(large.length).toBeGreaterThan(4 * MEBIBYTE);
    const whole = 'x'.repeat(MEBIBYTE);
    const more: Record<string, Buffer> = {
      'twice.gz': gzipSync(gzipSync('inner')),
      'unpacks-to-much.gz': gzipSync(large),
      'whole.json': Buffer.from(whole),
      'two\nlines.json': Buffer.from('{}'),
      'ünïcode.json': Buffer.from('\ufeff{}'),
    };
    const taken = await takeAll(await planOf(folderWith(more)));
    expect(taken.get('twice.gz')).toBe(plainly(more['twice.gz']!, 'inner'));
    expect(taken.get('unpacks-to-much.gz')).toBe(plainly(more['unpacks-to-much.gz']!, large));
    expect(taken.get('whole.json')).toBe(plainly(more['whole.json']!, whole));
    expect(taken.get('two\nlines.json')).toBe(plainly(more['two\nlines.json']!, '{}'));
    expect(taken.get('ünïcode.json')).toBe(plainly(more['ünïcode.json']!, '{}'));
  });

  test('are left to the careful reader where anything is unusual', async () => {
    const folder = folderWith({
      'cut.gz': gzipSync('cut').subarray(0, 20),
      'behind.gz': Buffer.concat([gzipSync('one'), Buffer.from('!')]),
      'empty.json': '',
      'parquet.parquet': 'PAR1',
      'large.json': 'x'.repeat(MEBIBYTE + 1),
      'gone.json': '{}',
      'grown.json': '{}',
    });
    const planned = await planOf(folder);
    rmSync(join(folder, 'gone.json'));
    writeFileSync(join(folder, 'grown.json'), '{} {}');
    const taken = await takeAll(planned);
    const without = [...taken].filter(([, text]) => text === undefined).map(([key]) => key);
    expect(without).toEqual([
      'behind.gz',
      'cut.gz',
      'empty.json',
      'gone.json',
      'grown.json',
      'large.json',
      'parquet.parquet',
    ]);
  });

  test('hundreds without a text in a row do not end it', async () => {
    const bad = Array.from({ length: 700 }, (_, i) => [`bad-${i}.gz`, gzipSync('x').subarray(0, 15)]);
    const taken = await takeAll(await planOf(folderWith(Object.fromEntries(bad))));
    expect([...taken.values()].filter((text) => text !== undefined)).toHaveLength(MANY);
  });

  test('others between them are the caller’s', async () => {
    const planned = await planOf(folderWith({}));
    const [stranger] = await planOf(folderWith({}, 1));
    const ahead = readAhead(planned);
    expect(await ahead.take(planned[0]!.object)).toBeDefined();
    expect(await ahead.take(stranger!.object)).toBeUndefined();
    expect(await ahead.take(planned[1]!.object)).toBeDefined();
  });

  test('a few are not worth it', async () => {
    const planned = await planOf(folderWith({}, 20));
    expect(await readAhead(planned).take(planned[0]!.object)).toBeUndefined();
  });

  test('when the thread ends early, the rest is the caller’s', async () => {
    const planned = await planOf(folderWith({}, 4 * MANY));
    const ahead = readAhead(planned);
    expect(await ahead.take(planned[0]!.object)).toBeDefined();
    ahead.close();
    let given = 1;
    for (const { object } of planned.slice(1)) given += (await ahead.take(object)) === undefined ? 0 : 1;
    expect(given).toBeLessThan(planned.length);
  });
});

describe('a source of damaged and good files', () => {
  test('1,000 damaged gzips among good ones: the same rows and accounting as read one by one', async () => {
    const folder = folderWith(damagedGzips(1000, (file) => callsOf(file + MANY), seededChance(20261129)));
    const ahead = await openSource(folder);
    const alone = await openSource([withoutLocalPath(await openFileStore(folder))]);
    expect(ahead.accounting.objects.failed).toBeGreaterThan(900);
    expect(ahead.accounting).toEqual(alone.accounting);
    const sql = ALL_CALLS;
    expect(differences(await ahead.rows(sql), await alone.rows(sql))).toEqual([]);
    expect(ahead.accounting.records.kept).toBeGreaterThanOrEqual(3 * MANY);
  });
});
