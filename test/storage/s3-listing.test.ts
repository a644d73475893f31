import { describe, expect, test } from 'vitest';
import { judgePrefix } from '../../src/layouts/prune-prefix.js';
import { UserError } from '../../src/errors.js';
import { seededChance } from '../records/seeded-chance.js';
import type { Fault } from '../s3/faults.js';
import { serverForTest } from '../s3/sdk-client.js';
import type { TestS3 } from '../s3/s3-server.js';
import { entriesOf, type Judge, keysOf, openBucket } from './open-bucket.js';

const HOUR_MS = 3_600_000;

describe('a listing', () => {
  test('of more than three pages below one prefix has every key once, in the order of their bytes', async () => {
    const s3 = await serverForTest();
    const keys = Array.from({ length: 3456 }, (_, i) => `k${i}`);
    for (const key of keys) s3.put('logs', `data/${key}`, '');
    const store = await openBucket(s3, 'logs/data/');
    expect(await keysOf(store)).toEqual(sorted(keys));
    expect(store.requests?.()).toEqual({ ListObjectsV2: 4 });
  });

  test('ends at the slash: json-data is never json-data-old', async () => {
    const s3 = await serverForTest();
    for (const key of ['json-data/a', 'json-data/b/c', 'json-data-old/a', 'json-data.json', 'json-data0'])
      s3.put('logs', key, '{}');
    for (const source of ['logs/json-data', 'logs/json-data/']) {
      const store = await openBucket(s3, source);
      expect(store).toMatchObject({ name: 's3://logs/json-data/', context: 'json-data/' });
      expect(await keysOf(store)).toEqual(['a', 'b/c']);
    }
  });

  test('reports folder markers, but not that of its own root', async () => {
    const s3 = await serverForTest();
    for (const key of ['data/', 'data/a/', 'data/a/b', 'data/c//']) s3.put('logs', key, '');
    s3.put('logs', 'data/no-marker/', '{}');
    const entries = await entriesOf(await openBucket(s3, 'logs/data'));
    expect(entries).toMatchObject([
      { kind: 'skipped', entry: { key: 'a/', reason: 'folder marker' } },
      { kind: 'object', object: { key: 'a/b' } },
      { kind: 'skipped', entry: { key: 'c//', reason: 'folder marker' } },
      { kind: 'object', object: { key: 'no-marker/', size: 2 } },
    ]);
  });

  test('can be made twice, and sees what is new', async () => {
    const s3 = await serverForTest();
    s3.put('logs', 'a', '');
    const store = await openBucket(s3, 'logs');
    expect(await keysOf(store)).toEqual(['a']);
    s3.put('logs', 'b', '');
    expect(await keysOf(store)).toEqual(['a', 'b']);
  });

  test('that is broken off asks for no more', async () => {
    const s3 = await serverForTest();
    for (let i = 0; i < 5000; i++) s3.put('logs', `${i % 10}/${i}`, '');
    const store = await openBucket(s3, 'logs');
    for await (const entry of store.list(() => 'descend')) {
      expect(entry.kind).toBe('object');
      break;
    }
    const { length } = s3.requests;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(s3.requests.length).toBeLessThanOrEqual(length + 1);
  });

  test('asks the judge once for each prefix, from the outermost inwards, and not within what is left out', async () => {
    const s3 = await serverForTest();
    for (const key of ['a/b/c/1', 'a/b/c/2', 'a/d/3', 'e/f/4', 'g/h/5']) s3.put('logs', key, '');
    const asked: string[] = [];
    const judge: Judge = (prefix) => {
      asked.push(prefix);
      return prefix === 'e/' ? 'outside' : prefix.startsWith('g/') ? { skip: `no log: ${prefix}` } : 'descend';
    };
    const entries = await entriesOf(await openBucket(s3, 'logs'), judge);
    expect(asked).toEqual(['a/', 'a/b/', 'a/b/c/', 'a/d/', 'e/', 'g/', 'g/h/']);
    expect(entries.map((entry) => (entry.kind === 'object' ? entry.object.key : entry.entry))).toEqual([
      'a/b/c/1',
      'a/b/c/2',
      'a/d/3',
      { key: 'g/h/5', reason: 'no log: g/' },
    ]);
  });
});

describe('a window', () => {
  const from = Date.UTC(2026, 9, 14);
  const window = { since: from, until: from + 24 * HOUR_MS };
  const judge: Judge = (prefix) => judgePrefix(prefix, { window, latenessMs: 24 * HOUR_MS });

  test.each<readonly [string, (hour: Date) => string]>([
    ['Hive partitions of four levels', (hour) => hive(hour)],
    ['dates as folders', (hour) => hour.toISOString().slice(0, 13).replaceAll(/[-T]/g, '/')],
  ])('one day of a year of hourly partitions costs a few dozen requests: %s', async (_, folderOf) => {
    const { s3, keys } = await yearOfHours(folderOf);
    const store = await openBucket(s3, 'logs/data/');
    const listed = await keysOf(store, judge);
    expect(listed).toEqual(sorted(keys.filter((key) => isWanted(key, judge))));
    expect(listed.length).toBeGreaterThan(24 * 3);
    expect(listed.length).toBeLessThan(24 * 3 * 4);
    expect(s3.requests.length).toBeLessThanOrEqual(60);
    expect(s3.requests.every(({ operation }) => operation === 'ListObjectsV2')).toBe(true);
  });

  test('all of the year is listed side by side, in little more requests than pages', async () => {
    const { s3, keys } = await yearOfHours(hive);
    s3.faults.add({ match: () => true, fault: { kind: 'slow', delayMs: 500 } });
    expect(await keysOf(await openBucket(s3, 'logs/data/'))).toEqual(sorted(keys));
    expect(s3.requests.length).toBeLessThan((keys.length / 1000) * 2 + 16);
    expect(s3.mostInFlight).toBeGreaterThan(4);
  });

  async function yearOfHours(folderOf: (hour: Date) => string): Promise<{ s3: TestS3; keys: readonly string[] }> {
    const s3 = await serverForTest();
    const hours = Array.from({ length: 8760 }, (_, i) => new Date(Date.UTC(2026, 0, 1) + i * HOUR_MS));
    const keys = hours.flatMap((hour) => [0, 1, 2].map((part) => `${folderOf(hour)}/part-${part}.json.gz`));
    for (const key of keys) s3.put('logs', `data/${key}`, '');
    return { s3, keys };
  }

  function hive(hour: Date): string {
    const [, year, month, day, hours] = /^(\d+)-(\d+)-(\d+)T(\d+)/.exec(hour.toISOString()) ?? [];
    return `year=${year}/month=${month}/day=${day}/hour=${hours}`;
  }
});

describe('any tree of keys', () => {
  test.each(Array.from({ length: 12 }, (_, i) => i + 1))('is listed as its keys say: seed %i', async (seed) => {
    const { below } = seededChance(seed);
    const s3 = await serverForTest();
    const keys = randomKeys(below, 1000 + below(6000));
    for (const key of keys) s3.put('logs', `p/${key}`, 'x');
    const outside = 1 + below(9);
    const judge: Judge = (prefix) =>
      sumOf(prefix) % 10 < outside ? 'outside' : sumOf(prefix) % 10 === 9 ? { skip: `skip ${prefix}` } : 'descend';
    const entries = await entriesOf(await openBucket(s3, 'logs/p/'), seed % 4 === 0 ? () => 'descend' : judge);
    const expected = sorted(keys.filter((key) => seed % 4 === 0 || isWanted(key, judge)));
    expect(entries.map((entry) => (entry.kind === 'object' ? entry.object.key : entry.entry.key))).toEqual(expected);
    expect(entries.filter(({ kind }) => kind === 'failed')).toEqual([]);
  });

  const NAMES = [
    'a',
    'a-',
    'a.b',
    'a~',
    'a~~',
    'b',
    '0',
    'é',
    'z',
    '\u{1f600}',
    '\uff5e',
    ' ',
    '',
    '..',
    '~~~~',
    '日本',
  ];

  function randomKeys(below: (limit: number) => number, count: number): string[] {
    const keys = new Set<string>();
    while (keys.size < count) {
      const depth = below(5);
      const folders = Array.from({ length: depth }, () => `${NAMES[below(NAMES.length)]}/`).join('');
      keys.add(`${folders}${NAMES[below(NAMES.length)]}${below(400)}`);
    }
    return [...keys];
  }

  function sumOf(prefix: string): number {
    return [...prefix].reduce((sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0)) % 9973, 7);
  }
});

describe('a listing that fails', () => {
  test('at its root is an error', async () => {
    const s3 = await serverForTest();
    for (let i = 0; i < 2500; i++) s3.put('logs', `k${i}`, '');
    const store = await openBucket(s3, 'logs');
    s3.faults.add({ match: () => true, fault: { kind: 'error', code: 'InternalError' } });
    const error = await keysOf(store).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toMatch(
      /^Cannot read s3:\/\/logs\/: the server answered 500 InternalError.*\(8 attempts\)$/,
    );
  });

  test('below it is reported with the prefix, and the rest is listed', async () => {
    const s3 = await serverForTest();
    for (let i = 0; i < 6000; i++) s3.put('logs', `f${i % 6}/d/k${i}`, '');
    const store = await openBucket(s3, 'logs');
    s3.faults.add({ match: ({ query }) => query['prefix'] === 'f4/', fault: { kind: 'error', code: 'AccessDenied' } });
    // Each folder is listed by itself, as its neighbours are left out.
    const entries = await entriesOf(store, (prefix) => (/^f[0135]/.test(prefix) ? 'outside' : 'descend'));
    expect(entries.filter(({ kind }) => kind === 'object')).toHaveLength(1000);
    expect(entries.filter(({ kind }) => kind !== 'object')).toEqual([
      { kind: 'failed', entry: { key: 'f4/', reason: 'access denied: s3:ListBucket is not allowed' } },
    ]);
  });

  test.each<readonly [string, Fault]>([
    ['503 SlowDown', { kind: 'error', code: 'SlowDown' }],
    ['500', { kind: 'error', code: 'InternalError' }],
    ['an error with status 200', { kind: 'error-in-200', code: 'InternalError' }],
    ['reset before the reply', { kind: 'reset', at: 'request' }],
    ['reset in the body', { kind: 'reset', at: 'middle' }],
    ['no reply', { kind: 'stall', at: 'head' }],
    ['a body that stalls', { kind: 'stall', at: 'middle' }],
    ['a cut body', { kind: 'cut', at: 'middle' }],
    ['half of the XML', { kind: 'garble' }],
    ['nothing', { kind: 'answer', status: 200, body: '' }],
    ['a page of a proxy', { kind: 'answer', status: 200, body: '<html>hello</html>' }],
  ])('now and then is complete all the same, and for good is an error: %s', async (_, fault) => {
    const s3 = await serverForTest();
    const keys = Array.from({ length: 2345 }, (_key, i) => `k${i}`);
    for (const key of keys) s3.put('logs', key, '');
    const store = await openBucket(s3, 'logs', { readTimeoutMs: 300, env: { AWS_MAX_ATTEMPTS: '3' } });
    s3.faults.add({ match: ({ attempt }) => attempt <= 2, fault });
    expect(await keysOf(store)).toEqual(sorted(keys));
    expect(s3.faults.struck).toHaveLength(4);
    s3.faults.add({ match: ({ query }) => 'continuation-token' in query, fault });
    await expect(keysOf(store)).rejects.toThrow(UserError);
  });
});

function isWanted(key: string, judge: Judge): boolean {
  const prefixes = [...key.matchAll(/\//g)].map(({ index }) => key.slice(0, index + 1));
  return prefixes.every((prefix) => judge(prefix) !== 'outside');
}

function sorted(keys: readonly string[]): string[] {
  return [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

describe('a listing that cannot be trusted', () => {
  const page = (keys: readonly string[], next: string): string => {
    const contents = keys.map((key) => `<Contents><Key>${key}</Key><Size>1</Size><ETag>"e"</ETag></Contents>`).join('');
    return `<ListBucketResult><IsTruncated>true</IsTruncated><KeyCount>${keys.length}</KeyCount><NextContinuationToken>${next}</NextContinuationToken>${contents}</ListBucketResult>`;
  };

  test.each([
    ['whose keys are out of order', [page(['c', 'd'], '1'), page(['a', 'b'], '2')]],
    ['that gives the same page again', [page(['a', 'b'], '1'), page(['a', 'b'], '2')]],
    ['whose token leads to itself', [page(['a'], '1'), page([], '1')]],
  ])('%s is refused', async (_, pages) => {
    const s3 = await serverForTest();
    s3.put('logs', 'a', 'x');
    for (const body of pages) {
      const fault: Fault = { kind: 'answer', status: 200, body };
      s3.faults.add({ match: ({ operation }) => operation === 'ListObjectsV2', times: 1, fault });
    }
    const store = await openBucket(s3, 'logs');
    await expect(keysOf(store)).rejects.toThrow(/the answer cannot be understood/);
    expect(s3.faults.struck).toHaveLength(2);
  });
});
