import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seededChance } from '../records/seeded-chance.js';
import { jsonOf } from './answer.js';
import { madeObject, MADE_KEYS, madeSource, newSource } from './made-source.js';
import { apiCall, cloudtrailRecord } from './made-calls.js';
import { awsusage, BUCKET, type Ended, newFolder, startAwsusage } from './run-awsusage.js';
import { type OwnS3, putFolder, startOwnS3 } from './s3-bucket.js';

const ALL = ['sql', 'select * from api_calls order by all', '--limit', '0', '-o', 'ndjson'];

/** A user with a cache of their own, which only they fill: a busy machine would do it behind some answers and not behind others. */
class User {
  readonly home = newFolder();
  readonly env = { AWSUSAGE_CACHE: 'read', XDG_CACHE_HOME: this.home };
  readonly root = join(this.home, 'awsusage');

  run(args: readonly string[], env: Readonly<Record<string, string | undefined>> = {}): Promise<Ended> {
    return awsusage(args, { env: { ...this.env, ...env } });
  }

  async fill(source: string, env: Readonly<Record<string, string | undefined>> = {}): Promise<Ended> {
    return this.run(['cache', 'fill', source, '--json'], env);
  }

  /** The folder of the one cache. */
  get folder(): string {
    const [name = 'none', ...others] = readdirSync(this.root);
    if (others.length > 0) throw new Error(`more than one cache: ${[name, ...others].join()}`);
    return join(this.root, name);
  }

  filesOfCache(): string[] {
    const entries = readdirSync(this.folder, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  }
}

/** A question of ours, which needs not be asked of loaded calls. */
const OURS = ['query', 'services', '--output', 'csv'];

/** Calls of these ids. */
function twice(ids: readonly string[]): string {
  return ids.map((id) => `${apiCall({ event_id: id })}\n`).join('');
}

function jsonIn<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}

/** How many objects an answer took from the cache. */
function cachedIn({ stderr }: Ended): number {
  return Number(/ read \(([\d,]+) from the cache\)/.exec(stderr)?.[1]?.replaceAll(',', '') ?? 0);
}

/** A made source whose objects are old enough to be cached. */
function oldSource(more: Readonly<Record<string, string | Buffer>> = {}): string {
  const folder = join(newSource(more), 'json-data');
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) utimesSync(join(entry.parentPath, entry.name), 1_790_000_000, 1_790_000_000);
  }
  return folder;
}

describe.concurrent('a cache', () => {
  test('gives the same answer, and says what came from it', async () => {
    const user = new User();
    const without = await user.run([...ALL, BUCKET, '--no-cache']);
    expect(cachedIn(without)).toBe(0);
    const filled = await user.fill(BUCKET);
    expect(jsonOf<object>(filled)).toMatchObject({
      filled: [{ new_objects: 21, cached_objects: 21, rows: 494, left: 0 }],
    });
    const cached = await user.run([...ALL, BUCKET]);
    expect(cached.stdout).toBe(without.stdout);
    expect(cachedIn(cached)).toBe(21);
    expect((await user.run([...ALL, BUCKET, '--no-cache'])).stderr).not.toContain('from the cache');
    expect(cachedIn(await user.run([...ALL, BUCKET], { AWSUSAGE_CACHE: 'off' }))).toBe(0);
    const { accounting } = jsonOf(await user.run(['query', 'services', BUCKET, '--json']));
    expect(accounting.objects).toEqual({ listed: 22, read: 21, skipped: 1, failed: 0, cached: 21 });
    expect(accounting.records).toMatchObject({ read: 494, kept: 478, duplicate: 16 });
  });

  test('is read by its owner alone', async () => {
    const user = new User();
    await user.fill(BUCKET);
    expect(statSync(user.root).mode & 0o777).toBe(0o700);
    expect(statSync(user.folder).mode & 0o777).toBe(0o700);
  });

  test('is shown, and removed', async () => {
    const user = new User();
    await user.fill(BUCKET);
    const status = await user.run(['cache', 'status', '--json']);
    expect(jsonOf<object>(status)).toMatchObject({
      cache: [{ source: expect.stringMatching(/fixtures\/example-bucket$/) as string, not_cached_because: null }],
      folder: user.root,
    });
    expect((await user.run(['cache'])).stdout).toContain('fixtures/example-bucket');
    const cleared = await user.run(['cache', 'clear']);
    expect(cleared).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringMatching(/ kB removed from /) as string,
    });
    expect(readdirSync(user.root)).toEqual([]);
    expect(cachedIn(await user.run([...ALL, BUCKET]))).toBe(0);
  });

  test('of objects that change, come and go is never in the answer with what it held of them', async () => {
    const user = new User();
    const source = oldSource();
    await user.fill(source);
    const [changed = '', gone = '', forged = ''] = MADE_KEYS.map((key) => join(source, key));
    writeFileSync(changed, madeObject('changed'));
    rmSync(gone);
    // Of the same size, with the time of before: only the time of the change tells.
    const size = statSync(forged).size;
    writeFileSync(forged, madeObject('object-9'));
    expect(statSync(forged).size).toBe(size);
    utimesSync(forged, 1_790_000_000, 1_790_000_000);
    writeFileSync(join(source, 'new.json'), madeObject('new'));
    const answer = await user.run([...ALL, source]);
    expect(answer.stdout).toBe((await user.run([...ALL, source, '--no-cache'])).stdout);
    expect(cachedIn(answer)).toBe(2);
    for (const session of ['changed', 'object-9', 'new']) expect(answer.stdout).toContain(`"${session}"`);
    for (const session of ['object-0', 'object-1', 'object-2']) expect(answer.stdout).not.toContain(`"${session}"`);
  });

  test('holds nothing of an object of which something was put aside: it is counted as it is', async () => {
    const user = new User();
    const source = oldSource({ 'broken.json': `${apiCall({ session_id: 'whole' })}\n{"timestamp": \n${apiCall()}\n` });
    expect(jsonOf<object>(await user.fill(source))).toMatchObject({ filled: [{ cached_objects: 6 }] });
    const cached = await user.run([...ALL, source]);
    const without = await user.run([...ALL, source, '--no-cache']);
    expect(cachedIn(cached)).toBe(5);
    expect({ code: cached.code, stdout: cached.stdout }).toEqual({ code: 3, stdout: without.stdout });
    expect(cached.stderr).toContain('1 quarantined');
  });

  test('answers for a window as the source does', async () => {
    const user = new User();
    const calls = [1, 2, 3].map((day) => apiCall({ session_id: `day-${day}`, timestamp: `2026-10-0${day}T23:59:59` }));
    // A call of the second day in an object of the third, and one of the third in an object of the first.
    const source = oldSource({
      'year=2026/month=10/day=01/hour=00/a.json': `${calls[0]}\n${calls[2]}\n`,
      'year=2026/month=10/day=02/hour=00/b.json': `${calls[1]}\n`,
      'year=2026/month=10/day=03/hour=00/c.json': `${calls[2]}\n${calls[1]}\n`,
    });
    await user.fill(source);
    for (const window of [
      ['--since', '2026-10-02', '--lateness', '0s'],
      ['--until', '2026-10-02'],
      ['--since', '2026-10-03'],
    ]) {
      const cached = await user.run([...ALL, source, ...window]);
      const without = await user.run([...ALL, source, ...window, '--no-cache']);
      expect(cached.stdout).toBe(without.stdout);
      expect(cachedIn(cached)).toBeGreaterThan(0);
    }
  });

  test('whose files are damaged is as none', { timeout: 180_000 }, async () => {
    const user = new User();
    const source = oldSource();
    const questions = [ALL, OURS].map((words) => [...words, source]);
    const expected = await Promise.all(
      questions.map(async (words) => (await user.run([...words, '--no-cache'])).stdout),
    );
    const chance = seededChance(6);
    await user.fill(source);
    const files = user.filesOfCache();
    expect(files.some((file) => file.endsWith('.parquet'))).toBe(true);
    // Each way of damage on some of them: all would take minutes.
    for (const [index, file] of files.entries()) {
      const bytes = readFileSync(file);
      const at = chance.below(Math.max(1, bytes.length));
      const flipped = bytes.map((byte, place) => (place === at ? byte ^ 0xff : byte));
      writeFileSync(file, index % 2 === 0 ? flipped : bytes.subarray(0, bytes.length >> 1));
      for (const [i, words] of questions.entries()) {
        const answer = await user.run(words);
        expect({ file, code: answer.code, stdout: answer.stdout }).toEqual({ file, code: 0, stdout: expected[i] });
      }
      writeFileSync(file, bytes);
    }
    expect(cachedIn(await user.run([...ALL, source]))).toBe(5);
  });

  test('notes which records were delivered twice, and what is new is compared with them', async () => {
    const user = new User();
    const source = oldSource({ 'twice.json': twice(['a', 'a', 'b']) });
    await user.fill(source);
    const noted = (): readonly string[] => jsonIn<{ hashes: string[] }>(join(user.folder, 'repeated.json')).hashes;
    expect(noted().length).toBe(1);
    const duplicates = async (): Promise<unknown> => {
      const asked = [...OURS, source, '--json'];
      const [cached, without] = [await user.run(asked), await user.run([...asked, '--no-cache'])];
      expect(jsonOf(cached).accounting.records).toEqual(jsonOf(without).accounting.records);
      return (jsonOf(cached).accounting.records as { duplicate: number }).duplicate;
    };
    expect(await duplicates()).toBe(1);
    writeFileSync(join(source, 'later.json'), twice(['b', 'c']));
    expect(await duplicates()).toBe(2);
    await wait(2100);
    await user.fill(source);
    expect(noted().length).toBe(2);
    expect(await duplicates()).toBe(2);
  });

  test.each(['gone', 'damaged'])('compares a slot that was %s while others were compared', async (how) => {
    const user = new User();
    const source = oldSource({ 'first.json': twice(['e-QQQ1', 'b']) });
    await user.fill(source);
    const slot = join(user.folder, 'table', 'c-00000001.parquet');
    const aside = join(user.home, 'aside.parquet');
    cpSync(slot, aside, { preserveTimestamps: true });
    const bytes = readFileSync(slot);
    if (how === 'gone') rmSync(slot);
    else writeFileSync(slot, Buffer.from(bytes.toString('latin1').replaceAll('e-QQQ1', 'e-QQQ7'), 'latin1'));
    writeFileSync(join(source, 'later.json'), twice(['e-QQQ1', 'c']));
    await wait(2100);
    await user.fill(source);
    cpSync(aside, slot, { preserveTimestamps: true });
    for (const words of [OURS, ['sql', 'select count(*) from api_calls']]) {
      const asked = [...words, source, '--json'];
      const [cached, without] = [await user.run(asked), await user.run([...asked, '--no-cache'])];
      expect(jsonOf(cached).accounting.records).toEqual(jsonOf(without).accounting.records);
      expect(jsonOf(cached).accounting.records).toMatchObject({ duplicate: 1 });
    }
  });

  test('whose last filling was killed, and of which much is stale, is made anew', async () => {
    const user = new User();
    const source = oldSource({ 'first.json': apiCall() });
    await user.fill(source);
    writeFileSync(join(source, 'later.json'), apiCall());
    await wait(2100);
    await user.fill(source);
    for (const file of user.filesOfCache().filter((one) => one.endsWith('00000002.json.gz'))) rmSync(file);
    for (const key of ['first.json', ...MADE_KEYS]) chmodSync(join(source, key), 0o600);
    await wait(2100);
    expect(await user.fill(source)).toMatchObject({ code: 0 });
    expect(cachedIn(await user.run([...ALL, source]))).toBe(7);
  });

  test('does not believe a note that is damaged', async () => {
    const user = new User();
    const source = oldSource({ 'twice.json': twice(['a', 'a']) });
    await user.fill(source);
    const path = join(user.folder, 'repeated.json');
    writeFileSync(path, JSON.stringify({ ...jsonIn<object>(path), hashes: [] }));
    const answer = await user.run([...OURS, source, '--json']);
    expect(cachedIn(await user.run([...OURS, source]))).toBe(6);
    expect(jsonOf(answer).accounting.records).toMatchObject({ duplicate: 1 });
  });

  test('of files that were all linked or copied anew is made anew, once', async () => {
    const user = new User();
    const source = oldSource();
    await user.fill(source);
    for (const key of MADE_KEYS) chmodSync(join(source, key), 0o600);
    expect(cachedIn(await user.run([...ALL, source]))).toBe(0);
    const record = (): { left: number } =>
      JSON.parse(readFileSync(join(user.folder, 'cache.json'), 'utf8')) as { left: number };
    await wait(2100);
    expect(jsonOf<object>(await user.fill(source))).toMatchObject({ filled: [{ new_objects: 5 }] });
    expect(record().left).toBe(0);
    expect(cachedIn(await user.run([...ALL, source]))).toBe(5);
  });

  test('that cannot be read is made anew by the next filling', async () => {
    const user = new User();
    const source = oldSource();
    await user.fill(source);
    for (const file of user.filesOfCache().filter((one) => one.includes('table.ledger')))
      writeFileSync(file, 'damaged');
    expect(cachedIn(await user.run([...ALL, source]))).toBe(0);
    expect(await user.fill(source)).toMatchObject({ code: 0 });
    expect(cachedIn(await user.run([...ALL, source]))).toBe(5);
  });

  test('whose last filling was killed before its end is filled', async () => {
    const user = new User();
    const source = oldSource();
    await user.fill(source);
    const unrecord = (): void => {
      for (const file of user.filesOfCache().filter((one) => one.includes('commits'))) rmSync(file);
    };
    unrecord();
    expect(cachedIn(await user.run([...ALL, source]))).toBe(0);
    expect(jsonOf<object>(await user.fill(source))).toMatchObject({ filled: [{ new_objects: 5, left: 0 }] });
    expect(cachedIn(await user.run([...ALL, source]))).toBe(5);
    unrecord();
    writeFileSync(join(source, 'later.json'), apiCall());
    await wait(2100);
    expect(jsonOf<object>(await user.fill(source))).toMatchObject({ filled: [{ new_objects: 6, left: 0 }] });
    expect(cachedIn(await user.run([...ALL, source]))).toBe(6);
  });

  test('is never wrong where its filling is killed', { timeout: 120_000 }, async () => {
    const source = oldSource();
    const expected = (await new User().run([...ALL, source, '--no-cache'])).stdout;
    const chance = seededChance(7);
    const user = new User();
    let killed = 0;
    for (let run = 0; run < 8; run++) {
      const { child, ended } = startAwsusage(['cache', 'fill', source], { env: user.env });
      await Promise.race([wait(150 + chance.below(1200)), ended]);
      child.kill('SIGKILL');
      if ((await ended).code === null) killed++;
      const answer = await user.run([...ALL, source]);
      expect({ code: answer.code, stdout: answer.stdout }).toEqual({ code: 0, stdout: expected });
    }
    expect(killed).toBeGreaterThan(0);
    expect(await user.fill(source)).toMatchObject({ code: 0 });
    expect(cachedIn(await user.run([...ALL, source]))).toBe(5);
  });

  test('that is filled by two at once is filled by one', async () => {
    const user = new User();
    const source = oldSource();
    const ends = await Promise.all([user.fill(source), user.fill(source), user.fill(source)]);
    expect(ends.map(({ code }) => code).filter((code) => code !== 0 && code !== 4)).toEqual([]);
    expect(ends.some(({ code }) => code === 0)).toBe(true);
    expect(cachedIn(await user.run([...ALL, source]))).toBe(5);
  });

  test('of several formats is not kept, and the status says why', async () => {
    const user = new User();
    const source = oldSource({ 'trail.json': JSON.stringify({ Records: [cloudtrailRecord()] }) });
    expect(await user.fill(source)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('several formats') as string,
    });
    expect((await user.run(['cache', 'status'])).stdout).toContain('several formats');
    expect(await user.run([...ALL, source])).toMatchObject({ code: 0 });
  });

  test('grows no larger than it may', async () => {
    const user = new User();
    await user.fill(oldSource(), { AWSUSAGE_CACHE_SIZE: '1KB' });
    // Else every question would fill it again.
    expect(user.filesOfCache()).toEqual([join(user.folder, 'cache.json')]);
    expect((await user.run(['cache', 'status'])).stdout).toContain('larger than the cache may be');
    await user.run(['cache', 'clear']);
    const sources = [oldSource(), oldSource()];
    for (const source of sources) await user.fill(source);
    const [first = '', second = ''] = readdirSync(user.root);
    const bytes =
      jsonOf<{ cache: { bytes: number }[] }>(await user.run(['cache', 'status', '--json'])).cache[0]?.bytes ?? 0;
    await user.run([...ALL, sources[0] ?? '']);
    await user.fill(sources[0] ?? '', { AWSUSAGE_CACHE_SIZE: String(Math.round(bytes * 1.5)) });
    expect(readdirSync(user.root)).toHaveLength(1);
    expect(first).not.toBe(second);
    expect(cachedIn(await user.run([...ALL, sources[0] ?? '']))).toBe(5);
  });

  test('says nothing where its record is nonsense', async () => {
    const user = new User();
    await user.fill(BUCKET);
    for (const filledAt of [1e300, 'today', null]) {
      writeFileSync(join(user.folder, 'cache.json'), JSON.stringify({ source: 'x', filledAt, left: 0 }));
      const status = await user.run(['cache', 'status', '--json']);
      expect(jsonOf<object>(status)).toMatchObject({ cache: [{ source: null, filled: null }] });
      expect(cachedIn(await user.run([...ALL, BUCKET]))).toBe(21);
    }
  });

  test('of several sources has those that can be cached', async () => {
    const user = new User();
    const several = oldSource({ 'trail.json': JSON.stringify({ Records: [cloudtrailRecord()] }) });
    const source = oldSource();
    const fill = ['cache', 'fill', '--in-background', several, source];
    expect(await user.run(fill)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('several formats') as string,
    });
    expect(cachedIn(await user.run([...ALL, source]))).toBe(5);
    // What cannot be cached is not read again and again.
    expect(await user.run(fill)).toMatchObject({ stderr: expect.not.stringContaining('several formats') as string });
  });

  test('of all times outlives that the few objects of a window changed', async () => {
    const user = new User();
    const source = oldSource({ 'year=2026/month=10/day=09/hour=00/a.json': `${apiCall()}\n` });
    await user.fill(source);
    chmodSync(join(source, 'year=2026/month=10/day=09/hour=00/a.json'), 0o600);
    await user.run(['cache', 'fill', source, '--since', '2026-10-09']);
    expect(cachedIn(await user.run([...ALL, source]))).toBe(5);
  });

  test.each([
    ['a file', (path: string) => writeFileSync(path, '')],
    ['a link', (path: string) => symlinkSync(newFolder(), path)],
    ['a folder that is closed', (path: string) => mkdirSync(path, { mode: 0o000 })],
  ])('whose place is %s is no trouble', async (_, make) => {
    const user = new User();
    make(user.root);
    const answer = await user.run([...ALL, BUCKET]);
    expect(answer).toMatchObject({ code: 0 });
    expect(cachedIn(answer)).toBe(0);
  });

  test('is on or off', async () => {
    const user = new User();
    const end = await user.run([...ALL, BUCKET], { AWSUSAGE_CACHE: 'perhaps' });
    expect(end).toMatchObject({ code: 2, stderr: 'Error: Cannot use AWSUSAGE_CACHE\n  Set it to on, read or off.\n' });
    await user.fill(BUCKET);
    expect(cachedIn(await user.run([...ALL, BUCKET], { AWSUSAGE_CACHE: undefined }))).toBe(21);
    expect(cachedIn(await user.run([...ALL, BUCKET], { AWSUSAGE_CACHE: undefined, CI: 'true' }))).toBe(0);
    expect(cachedIn(await user.run([...ALL, BUCKET], { CI: 'true' }))).toBe(21);
  });
});

describe('the cache of a bucket', () => {
  let own: OwnS3;

  beforeAll(async () => {
    own = await startOwnS3();
  });

  afterAll(() => own.s3.close());

  const countGets = (bucket: string): number =>
    own.s3.requests.filter((one) => one.bucket === bucket && one.operation === 'GetObject').length;

  async function waitFor(condition: () => boolean): Promise<void> {
    const end = Date.now() + 30_000;
    while (!condition()) {
      if (Date.now() > end) throw new Error('it does not happen');
      await wait(50);
    }
  }

  test('is filled behind the first answer; the second reads nothing from the bucket, the third what is new', async () => {
    const user = new User();
    for (const [key, body] of Object.entries(madeSource())) own.s3.put('logs', key, body);
    await wait(2500);
    const ask = (): Promise<Ended> => own.ask([...ALL, 's3://logs/'], { env: { ...user.env, AWSUSAGE_CACHE: 'on' } });
    const isFilled = (): boolean =>
      existsSync(user.root) && readdirSync(user.root).some((name) => existsSync(join(user.root, name, 'cache.json')));
    const first = await ask();
    await waitFor(isFilled);
    await waitFor(() => !existsSync(join(user.folder, 'filling.json')));
    const before = countGets('logs');
    const second = await ask();
    expect(countGets('logs')).toBe(before);
    expect(second.stdout).toBe(first.stdout);
    expect(cachedIn(second)).toBe(5);
    own.s3.put('logs', MADE_KEYS[0] ?? '', madeObject('changed'));
    own.s3.put('logs', 'new.json.gz', madeObject('new'));
    const third = await ask();
    expect(cachedIn(third)).toBe(4);
    expect(third.stdout).toBe((await own.ask([...ALL, 's3://logs/'])).stdout);
    expect(third.stdout).toContain('"changed"');
  });

  test('is no reason to read everything again where an object cannot be read', async () => {
    const user = new User();
    putFolder(own.s3, oldSource({ 'locked.json': madeObject('locked') }), { bucket: 'locked' });
    await wait(2500);
    await own.ask(['cache', 'fill', 's3://locked/'], { env: user.env });
    own.s3.put('locked', 'locked.json', madeObject('changed'));
    own.s3.faults.add({
      match: ({ operation, key }) => operation === 'GetObject' && key === 'locked.json',
      fault: { kind: 'error', code: 'AccessDenied' },
    });

    const reads = (): number =>
      own.s3.requests.filter(
        (one) => one.bucket === 'locked' && one.operation === 'GetObject' && one.key !== 'locked.json',
      ).length;
    const before = reads();
    const cached = await own.ask([...ALL, 's3://locked/'], { env: user.env });
    expect(cached.code).toBe(3);
    expect(cachedIn(cached)).toBe(5);
    expect(reads()).toBe(before);
  });

  test('of another server is another cache', async () => {
    const user = new User();
    const other = await startOwnS3();
    try {
      putFolder(own.s3, oldSource(), { bucket: 'same' });
      putFolder(other.s3, oldSource({ 'more.json': madeObject('more') }), { bucket: 'same' });
      await wait(2500);
      await own.ask(['cache', 'fill', 's3://same/'], { env: user.env });
      expect(cachedIn(await own.ask([...ALL, 's3://same/'], { env: user.env }))).toBe(5);
      expect(cachedIn(await other.ask([...ALL, 's3://same/'], { env: user.env }))).toBe(0);
    } finally {
      await other.s3.close();
    }
  });
});
