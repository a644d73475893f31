import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { firstValue, jsonOf } from './answer.js';
import { AT_ONCE, MADE_KEYS, madeObject, madeSource, merge, newSource } from './made-source.js';
import { awsusage, type Ended } from './run-awsusage.js';
import { type OwnS3, startOwnS3 } from './s3-bucket.js';

interface Gc {
  readonly gc: readonly Readonly<Record<string, number>>[];
  readonly objects: readonly { object: string; bytes: number; slot: string }[];
  readonly left: readonly { why: string; objects: number }[];
  readonly left_objects: readonly { key: string; why: string }[];
  readonly failed: readonly { key: string; reason: string }[];
  readonly problems: readonly { slot: string; kind: string }[];
  readonly trash?: { purged: number; kept: number; doubtful: readonly { file: string; reason: string }[] };
}

const NOW = ['--grace', '0', '--force', '--json'];
const SLOT = 'year=2026/month=10/day=01/hour=06/c-00000001.parquet';
const [A, B, C, D, E] = MADE_KEYS as [string, string, string, string, string];

function removedBy(end: Ended): string[] {
  return jsonOf<Gc>(end).objects.map(({ object }) => object);
}

function leftBy(end: Ended): Record<string, string> {
  return Object.fromEntries(jsonOf<Gc>(end).left_objects.map(({ key, why }) => [key, why]));
}

function ask(cwd: string, ...args: string[]): Promise<Ended> {
  return awsusage(['compact', 'gc', 'json-data', ...args], { cwd });
}

/** What the records are, from wherever they are read. */
async function records(cwd: string, sources: readonly string[]): Promise<unknown> {
  const sql = "select string_agg(event_id || service, ',' order by event_id) from api_calls";
  return firstValue(await awsusage(['sql', sql, ...sources, '--json'], { cwd }));
}

describe('files', () => {
  let cwd = '';

  async function start(more: Readonly<Record<string, string>> = {}): Promise<(key: string) => string> {
    cwd = newSource(more);
    await merge(cwd);
    return (key) => join(cwd, 'json-data', key);
  }

  function ledger(...parts: string[]): string {
    return join(cwd, 'json-data-compacted.ledger', ...parts);
  }

  test('without --yes, and with --dry-run, it is only told', async () => {
    const at = await start();
    for (const args of [[], ['--yes', '--dry-run']]) {
      const end = await ask(cwd, ...NOW, ...args);
      expect(end).toMatchObject({ code: 0, left: [] });
      expect(end.stderr).toContain('Nothing was removed: that takes --yes.');
      expect(removedBy(end)).toEqual(MADE_KEYS);
      expect(jsonOf<Gc>(end).gc).toMatchObject([{ candidates: 5, to_be_removed: 5, left: 0 }]);
    }
    for (const key of MADE_KEYS) expect(existsSync(at(key))).toBe(true);
    expect(existsSync(ledger('trash'))).toBe(false);
  });

  test('what was merged is kept for the grace period', async () => {
    const at = await start();
    const end = await ask(cwd, '--yes', '--json');
    expect(end).toMatchObject({ code: 0 });
    expect(jsonOf<Gc>(end).left).toEqual([{ why: 'within the grace period', objects: 5 }]);
    expect(existsSync(at(A))).toBe(true);
    const short = await ask(cwd, '--yes', '--grace', '23h');
    expect(short).toMatchObject({ code: 2, stdout: '' });
    expect(short.stderr).toContain('--force');
  });

  test('files go to the trash with a list of where they were, then for good; the records stay', async () => {
    const at = await start();
    const before = await records(cwd, ['json-data']);
    const end = await ask(cwd, ...NOW, '--yes');
    expect(end).toMatchObject({ code: 0, left: [] });
    expect(jsonOf<Gc>(end).gc).toMatchObject([{ candidates: 5, removed: 5, gone: 0, left: 0, failed: 0 }]);
    for (const key of MADE_KEYS) expect(existsSync(at(key))).toBe(false);
    for (const sources of [['json-data-compacted'], ['json-data', 'json-data-compacted']])
      expect(await records(cwd, sources)).toBe(before);
    const restored = readdirSync(ledger('trash')).flatMap((batch) => {
      const text = readFileSync(ledger('trash', batch, 'index.json'), 'utf8');
      const { files } = JSON.parse(text) as { files: { number: number; key: string }[] };
      return files.map(({ number, key }): [string, Buffer] => [
        key,
        readFileSync(ledger('trash', batch, String(number))),
      ]);
    });
    expect(Object.fromEntries(restored)).toEqual(madeSource());
    const again = await ask(cwd, ...NOW, '--yes');
    expect(again.code).toBe(0);
    expect(jsonOf<Gc>(again)).toMatchObject({ gc: [{ candidates: 0 }], trash: { purged: 5, kept: 0, doubtful: [] } });
    expect(readdirSync(ledger('trash'))).toEqual([]);
    expect(await records(cwd, ['json-data-compacted'])).toBe(before);
  });

  test('any doubt leaves a file', async () => {
    const at = await start();
    appendFileSync(at(A), 'more');
    const { atime, mtime } = statSync(at(B));
    renameSync(at(B), `${at(B)}.old`);
    writeFileSync(at(B), readFileSync(`${at(B)}.old`));
    utimesSync(at(B), atime, mtime);
    writeFileSync(at('year=2026/month=10/day=01/hour=06/new.json.gz'), madeObject('new'));
    const end = await ask(cwd, ...NOW, '--yes');
    expect(end.code).toBe(3);
    expect(leftBy(end)).toEqual({ [A]: 'changed after merging', [B]: 'written again with the same bytes' });
    expect(removedBy(end)).toEqual([C, D, E]);
    for (const key of [A, B]) expect(existsSync(at(key))).toBe(true);
    expect(existsSync(at('year=2026/month=10/day=01/hour=06/new.json.gz'))).toBe(true);
  });

  test('a file with records that were put aside stays', async () => {
    cwd = newSource({ 'year=2026/month=10/day=01/hour=06/broken.json': 'no json\n{}\n' });
    await awsusage(['compact', 'json-data', ...AT_ONCE, '--max-wait', '0'], { cwd });
    const end = await ask(cwd, ...NOW, '--yes');
    expect(end.code).toBe(0);
    expect(leftBy(end)).toEqual({ 'year=2026/month=10/day=01/hour=06/broken.json': 'with quarantined records' });
    expect(removedBy(end)).toEqual(MADE_KEYS);
  });

  test.each<[string, (table: string) => void, string]>([
    ['damaged', (table) => flip(join(table, SLOT)), 'slot not as written'],
    ['gone', (table) => rmSync(join(table, SLOT)), 'slot missing'],
    ['without its plan', () => rmSync(ledger('plans'), { recursive: true }), 'slot not as written'],
  ])('a slot that is %s keeps its files', async (_name, harm, why) => {
    const at = await start();
    harm(join(cwd, 'json-data-compacted'));
    const end = await ask(cwd, ...NOW, '--yes');
    expect(end.code).toBe(3);
    expect(leftBy(end)).toMatchObject({ [A]: why, [B]: why, [C]: why });
    for (const key of [A, B, C]) expect(existsSync(at(key))).toBe(true);
    if (why === 'slot not as written') expect(jsonOf<Gc>(end).problems[0]).toMatchObject({ slot: SLOT });
  });

  test('a slot that nobody recorded keeps its files until --verify has', async () => {
    const at = await start();
    rmSync(ledger('commits'), { recursive: true });
    const end = await ask(cwd, ...NOW, '--yes');
    expect(end.code).toBe(0);
    expect(new Set(Object.values(leftBy(end)))).toEqual(new Set(['slot not recorded']));
    expect((await awsusage(['compact', 'json-data', '--verify'], { cwd })).code).toBe(0);
    expect(removedBy(await ask(cwd, ...NOW, '--yes'))).toEqual(MADE_KEYS);
    expect(existsSync(at(A))).toBe(false);
  });

  test('what is in the trash and is not what was put there, or whose slot is damaged, stays there', async () => {
    await start();
    await ask(cwd, ...NOW, '--yes');
    const batches = readdirSync(ledger('trash')).sort();
    expect(batches).toHaveLength(2);
    const [changed] = batches.filter((batch) => readdirSync(ledger('trash', batch)).length === 3);
    appendFileSync(ledger('trash', changed!, '1'), 'late');
    writeFileSync(ledger('trash', changed!, 'mine'), 'of somebody');
    flip(join(cwd, 'json-data-compacted', SLOT));
    const end = await ask(cwd, ...NOW, '--yes');
    expect(end.code).toBe(3);
    expect(jsonOf<Gc>(end).trash).toMatchObject({ purged: 1, kept: 0 });
    expect(
      jsonOf<Gc>(end)
        .trash?.doubtful.map(({ reason }) => reason)
        .sort(),
    ).toEqual([
      'it is not what was put there',
      'nothing tells what it is',
      ...Array<string>(3).fill('the slot that it is in is not as it was written'),
    ]);
  });

  test('runs at once remove everything once', async () => {
    const at = await start();
    const ends = await Promise.all([1, 2, 3].map(() => ask(cwd, ...NOW, '--yes')));
    for (const end of ends) expect(end, end.stderr + end.stdout).toMatchObject({ code: 0 });
    expect(ends.flatMap(removedBy).sort()).toEqual(MADE_KEYS);
    for (const key of MADE_KEYS) expect(existsSync(at(key))).toBe(false);
  });

  test('there is no table, and files have no tags', async () => {
    const none = newSource();
    const end = await ask(none, ...NOW, '--yes');
    expect(end).toMatchObject({ code: 2 });
    expect(end.stderr).toContain('There is no merged table');
    await start();
    const tagged = await ask(cwd, '--tag', 'a=b', '--yes');
    expect(tagged).toMatchObject({ code: 2, stdout: '' });
    expect(tagged.stderr).toContain('Files have no tags');
  });
});

describe('a bucket', () => {
  let own: OwnS3;
  beforeAll(async () => {
    own = await startOwnS3();
  });
  afterAll(() => own.s3.close());

  async function start(bucket: string, to: readonly string[] = []): Promise<void> {
    for (const [key, body] of Object.entries(madeSource())) own.s3.put(bucket, `json-data/${key}`, body);
    const end = await own.ask(['compact', `s3://${bucket}/json-data/`, ...AT_ONCE, ...to]);
    expect(end).toMatchObject({ code: 0 });
  }

  function sourceOf(bucket: string): string[] {
    return own.s3.keys(bucket).flatMap((key) => (key.startsWith('json-data/') ? key.slice('json-data/'.length) : []));
  }

  test('objects are removed by their ETags; the records stay', async () => {
    await start('all');
    const sql = ['sql', "select string_agg(event_id, ',' order by event_id) from api_calls", '--json'];
    const before = firstValue(await own.ask([...sql, 's3://all/json-data/']));
    const end = await own.ask(['compact', 'gc', 's3://all/json-data/', ...NOW, '--yes']);
    expect(end).toMatchObject({ code: 0, left: [] });
    expect(removedBy(end).sort()).toEqual(MADE_KEYS);
    expect(sourceOf('all')).toEqual([]);
    expect(firstValue(await own.ask([...sql, 's3://all/json-data-compacted/']))).toBe(before);
    const again = await own.ask(['compact', 'gc', 's3://all/json-data/', ...NOW, '--yes']);
    expect(jsonOf<Gc>(again).gc).toMatchObject([{ candidates: 0 }]);
  });

  test('an object that is overwritten between the plan and the removal is kept', async () => {
    await start('raced');
    own.s3.faults.add({
      match: ({ operation, bucket }) => bucket === 'raced' && operation === 'DeleteObjects',
      times: 1,
      fault: { kind: 'change', key: `json-data/${B}`, body: madeObject('newer') },
    });
    const end = await own.ask(['compact', 'gc', 's3://raced/json-data/', ...NOW, '--yes']);
    expect(own.s3.faults.struck.some(({ request }) => request.bucket === 'raced')).toBe(true);
    expect(end.code).toBe(3);
    expect(leftBy(end)).toEqual({ [B]: 'changed meanwhile' });
    expect(sourceOf('raced')).toEqual([B]);
    expect(own.s3.get('raced', `json-data/${B}`)).toEqual(madeObject('newer'));
  });

  test('a store that ignores conditions is refused, and nothing is removed', async () => {
    for (const [key, body] of Object.entries(madeSource())) own.s3.put('lax', `json-data/${key}`, body);
    own.s3.faults.add({
      match: ({ operation, bucket }) => bucket === 'lax' && /^DeleteObjects?$/.test(operation),
      fault: { kind: 'no-conditions' },
    });
    expect(await own.ask(['compact', 's3://lax/json-data/', ...AT_ONCE])).toMatchObject({ code: 0 });
    const end = await own.ask(['compact', 'gc', 's3://lax/json-data/', ...NOW, '--yes']);
    expect(end.code).toBe(4);
    expect(end.stderr).toContain('Cannot remove objects safely');
    expect(sourceOf('lax')).toEqual(MADE_KEYS);
  });

  test('objects are tagged, and stay', async () => {
    await start('tagged');
    const end = await own.ask(['compact', 'gc', 's3://tagged/json-data/', ...NOW, '--yes', '--tag', 'awsusage=merged']);
    expect(end).toMatchObject({ code: 0 });
    expect(jsonOf<Gc>(end).gc).toMatchObject([{ candidates: 5, tagged: 5 }]);
    expect(sourceOf('tagged')).toEqual(MADE_KEYS);
    const tagged = own.s3.requests.filter(
      ({ operation, bucket }) => operation === 'PutObjectTagging' && bucket === 'tagged',
    );
    expect(tagged.map(({ key }) => key).sort()).toEqual(MADE_KEYS.map((key) => `json-data/${key}`));
  });

  test('a table in another bucket: the bucket of the source is probed, and left as it was', async () => {
    own.s3.createBucket('into');
    await start('from', ['--to', 's3://into/table/']);
    const end = await own.ask(['compact', 'gc', 's3://into/table/', ...NOW, '--yes']);
    expect(end).toMatchObject({ code: 0 });
    expect(own.s3.keys('from')).toEqual([]);
    const probes = own.s3.requests.filter(
      ({ bucket, key }) => bucket === 'from' && key.startsWith('json-data.ledger/'),
    );
    expect(probes.length).toBeGreaterThan(0);
  });

  test('a slot of other bytes keeps its objects', async () => {
    await start('damaged');
    const key = `json-data-compacted/${SLOT}`;
    const bytes = Buffer.from(own.s3.get('damaged', key)!);
    bytes[40]! ^= 1;
    own.s3.put('damaged', key, bytes);
    const end = await own.ask(['compact', 'gc', 's3://damaged/json-data/', ...NOW, '--yes']);
    expect(end.code).toBe(3);
    expect(leftBy(end)).toEqual({ [A]: 'slot not as written', [B]: 'slot not as written', [C]: 'slot not as written' });
    expect(sourceOf('damaged')).toEqual([A, B, C]);
  });

  test('a store that fails in the middle: what is removed and what is not is told, and it is no success', async () => {
    await start('failing');
    own.s3.faults.add({
      match: ({ operation, bucket, key }) =>
        bucket === 'failing' && operation === 'HeadObject' && key.includes('hour=07/c-'),
      fault: { kind: 'error', code: 'AccessDenied' },
    });
    const end = await own.ask(['compact', 'gc', 's3://failing/json-data/', ...NOW, '--yes']);
    expect(end.code).toBe(3);
    expect(end.stderr).toContain('It ended before everything was looked at');
    expect(removedBy(end)).toEqual([A, B, C]);
    expect(leftBy(end)).toEqual({ [D]: 'not reached', [E]: 'not reached' });
    expect(sourceOf('failing')).toEqual([D, E]);
  });
});

function flip(file: string): void {
  const bytes = readFileSync(file);
  bytes[40]! ^= 0xff;
  writeFileSync(file, bytes);
}
