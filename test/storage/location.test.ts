import { chmodSync, symlinkSync } from 'node:fs';
import { Readable } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { UserError } from '../../src/errors.js';
import { type Location, openLocation, parseLocation } from '../../src/storage/location.js';
import { ObjectReadError, type ObjectStore } from '../../src/storage/object-store.js';
import { serverForTest } from '../s3/sdk-client.js';
import { countingStore } from './counting-store.js';
import { useCredentials } from './open-bucket.js';
import { tempFolder, withoutRootRights } from './temp-folder.js';
import { SYSTEM_CLOCK } from './system-clock.js';

test.each<readonly [string, Location]>([
  ['-', { kind: 'stdin' }],
  ['s3://bucket/prefix/', { kind: 's3', bucket: 'bucket', prefix: 'prefix/' }],
  ['s3://bucket', { kind: 's3', bucket: 'bucket', prefix: '' }],
  ['s3://bucket/', { kind: 's3', bucket: 'bucket', prefix: '' }],
  ['s3://bucket//a/../b', { kind: 's3', bucket: 'bucket', prefix: '/a/../b' }],
  ['S3://bucket/new\nline', { kind: 's3', bucket: 'bucket', prefix: 'new\nline' }],
  ...[
    'arn:aws:s3:eu-west-1:123456789012:accesspoint/logs',
    'arn:aws-cn:s3:cn-north-1:123456789012:accesspoint:logs',
  ].map((bucket) => [`s3://${bucket}/a/b/`, { kind: 's3', bucket, prefix: 'a/b/' }] as const),
  [
    's3://arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-1/accesspoint/logs/a/b/',
    {
      kind: 's3',
      bucket: 'arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-1/accesspoint/logs',
      prefix: 'a/b/',
    },
  ],
  ['logs', { kind: 'path', path: 'logs' }],
  ['./-', { kind: 'path', path: './-' }],
  ['/var/log/*.json', { kind: 'path', path: '/var/log/*.json' }],
  ['s3:/x', { kind: 'path', path: 's3:/x' }],
])('the source %s', (text, expected) => {
  expect(parseLocation(text)).toEqual(expected);
});

test.each(['', 's3://', 's3:///prefix/'])('no source: %j', (text) => {
  expect(() => parseLocation(text)).toThrow(UserError);
});

test.each(['https://key:FAKE@b.s3.amazonaws.com/FAKE?X-Amz-Signature=FAKE', 'HTTP://FAKE FAKE/', 'http://'])(
  'an address of the web is no source, and is not shown whole: %j',
  (text) => {
    expect(() => parseLocation(text)).toThrow(/^Cannot read .*addresses of the web are no sources$/);
    expect(() => parseLocation(text)).not.toThrow(/FAKE/);
  },
);

const FILES = {
  'logs/a.json': '',
  'logs/b.json.gz': '',
  'logs/2023/c.json': '',
  'logs/2023/06/d.json': '',
  'logs/2024/e.json': '',
  'logs/.hidden/f.json': '',
  'logs/[x].json': '',
  'logs/line\nfeed.json': '',
  'other/g.json': '',
  'data (1)/h.json': '',
};

describe('a glob', () => {
  test.each<readonly [string, readonly string[]]>([
    ['logs/*.json', ['[x].json', 'a.json', 'line\nfeed.json']],
    [
      'logs/**/*.json',
      ['.hidden/f.json', '2023/06/d.json', '2023/c.json', '2024/e.json', '[x].json', 'a.json', 'line\nfeed.json'],
    ],
    [
      'logs/**',
      [
        '.hidden/f.json',
        '2023/06/d.json',
        '2023/c.json',
        '2024/e.json',
        '[x].json',
        'a.json',
        'b.json.gz',
        'line\nfeed.json',
      ],
    ],
    ['logs/202?/*.json', ['2023/c.json', '2024/e.json']],
    ['logs/2023*', ['2023/06/d.json', '2023/c.json']],
    ['logs/2023*/', ['2023/06/d.json', '2023/c.json']],
    ['logs/{2023/06,2024}/*', ['2023/06/d.json', '2024/e.json']],
    ['logs/@(a|b).json*', ['a.json', 'b.json.gz']],
    ['./logs/a*', ['a.json']],
    ['logs/../other/*', ['g.json']],
    ['*/g.json', ['other/g.json']],
    ['logs/[ab].json', ['a.json']],
    ['logs/\\[x\\].j*', ['[x].json']],
    ['logs/*/../../other/*', []],
    ['logs/*.parquet', []],
    ['data (1)/*', ['h.json']],
  ])('%s gives %j', async (path, keys) => {
    const store = await openLocation({ kind: 'path', path }, { cwd: tempFolder(FILES) });
    expect(await keysOf(store)).toEqual(keys);
    expect(store.name).toBe(path);
  });

  test('asks only for folders that can match, and never outside of its base', async () => {
    const cwd = tempFolder(FILES);
    const asked: string[] = [];
    const store = await openLocation({ kind: 'path', path: 'logs/2023/*/d.json' }, { cwd });
    const { store: counted } = countingStore(store);
    for await (const entry of counted.list((prefix) => (asked.push(prefix), 'descend')))
      expect(entry.kind).toBe('object');
    expect(asked).toEqual(['06/']);

    const wide = await openLocation({ kind: 'path', path: '*/202[4]/**/e*' }, { cwd });
    asked.length = 0;
    for await (const entry of wide.list((prefix) => (asked.push(prefix), 'descend'))) expect(entry.kind).toBe('object');
    expect(asked).toEqual(['data (1)/', 'logs/', 'logs/2024/', 'other/']);
  });

  test('obeys the judge', async () => {
    const store = await openLocation({ kind: 'path', path: 'logs/**/*.json' }, { cwd: tempFolder(FILES) });
    expect(await keysOf(store, (prefix) => (prefix === '2023/' ? 'outside' : 'descend'))).not.toContain('2023/c.json');
  });

  test('reports folders that it cannot look into, and only those links that match', async () => {
    const cwd = tempFolder({ 'logs/closed/a.json': '', 'logs/b.json': '' });
    symlinkSync('b.json', `${cwd}/logs/link.json`);
    symlinkSync('b.json', `${cwd}/logs/link.txt`);
    chmodSync(`${cwd}/logs/closed`, 0o000);
    const entries = await withoutRootRights(async () => {
      const store = await openLocation({ kind: 'path', path: 'logs/**/*.json' }, { cwd });
      const found = [];
      for await (const entry of store.list(() => 'descend')) found.push(entry);
      return found.map((entry) => [entry.kind, entry.kind === 'object' ? entry.object.key : entry.entry.key]);
    });
    chmodSync(`${cwd}/logs/closed`, 0o755);
    expect(entries).toEqual([
      ['object', 'b.json'],
      ['failed', 'closed/'],
      ['skipped', 'link.json'],
    ]);
  });
});

describe('a path', () => {
  test.each<readonly [string, string, readonly string[]]>([
    ['logs/[x].json', 'logs/[x].json', ['[x].json']],
    ['other', 'other/', ['g.json']],
    ['other/', 'other/', ['g.json']],
    ['data (1)', 'data (1)/', ['h.json']],
  ])('%s that exists is taken literally', async (path, name, keys) => {
    const store = await openLocation({ kind: 'path', path }, { cwd: tempFolder(FILES) });
    expect(store.name).toBe(name);
    expect(await keysOf(store)).toEqual(keys);
  });

  test.each<readonly [path: string, named: string, wayOut: string | null]>([
    ['nothing', 'nothing', null],
    ['log', 'log', 'Did you mean logs?'],
    ['logs/2032/06', 'logs/2032/06', 'Did you mean logs/2023?'],
    ['LOGS', 'LOGS', 'Did you mean logs?'],
    ['./oter/x.json', './oter/x.json', 'Did you mean other?'],
    ['othre/*.json', 'othre', 'Did you mean other?'],
    ['data (2)', 'data (2)', 'Did you mean data (1)?'],
    ['logs/a.json/b', 'logs/a.json/b', null],
    ['logs/a.json/*', 'logs/a.json/*', null],
    ['a\0b', 'a\0b', null],
    ['x'.repeat(300), 'x'.repeat(300), null],
  ])('%j that does not exist', async (path, named, wayOut) => {
    const error = await errorOf(openLocation({ kind: 'path', path }, { cwd: tempFolder(FILES) }));
    expect(error.message).toBe(`No such file or folder: ${named}`);
    expect(error.wayOut).toEqual(wayOut === null ? [] : [wayOut]);
  });

  test('without permission says so', async () => {
    const cwd = tempFolder(FILES);
    chmodSync(`${cwd}/other`, 0o000);
    const errors = await withoutRootRights(async () => [
      await errorOf(openLocation({ kind: 'path', path: 'other' }, { cwd })),
      await errorOf(openLocation({ kind: 'path', path: 'other/g.json' }, { cwd })),
      await errorOf(openLocation({ kind: 'path', path: 'other/*.json' }, { cwd })),
    ]);
    chmodSync(`${cwd}/other`, 0o755);
    for (const error of errors) {
      expect(error.message).toMatch(/^Cannot read other.*: permission denied$/);
      expect(error.wayOut.join()).toMatch(/permission/);
    }
  });
});

test('a bucket is opened with the access that is given', async () => {
  const s3 = await serverForTest();
  s3.put('my-logs', 'data/a', 'text');
  useCredentials(s3.credentials);
  const access = { ...SYSTEM_CLOCK, endpointUrl: s3.endpoint };
  const folder = () => Promise.resolve(tempFolder());
  const store = await openLocation(parseLocation('s3://my-logs/data/'), { cwd: '.', s3: { access, folder } });
  onTestFinished(() => store.close?.());
  expect(store.name).toBe('s3://my-logs/data/');
  expect(await keysOf(store)).toEqual(['a']);
});

describe('standard input', () => {
  test('is one object that can be read once', async () => {
    const stdin = Readable.from([Buffer.from('{"a":'), Buffer.from('1}')]);
    const store = await openLocation({ kind: 'stdin' }, { cwd: '.', stdin });
    expect(await keysOf(store)).toEqual(['stdin']);
    expect(await textOf(store)).toBe('{"a":1}');
    await expect(textOf(store)).rejects.toThrow(new ObjectReadError('standard input can be read only once'));
  });

  test('that breaks off is an ObjectReadError', async () => {
    const broken = (async function* () {
      yield Buffer.from('{');
      throw new Error('EIO');
    })();
    const store = await openLocation({ kind: 'stdin' }, { cwd: '.', stdin: broken });
    await expect(textOf(store)).rejects.toThrow(new ObjectReadError('standard input broke off'));
  });
});

async function keysOf(
  store: ObjectStore,
  judge: Parameters<ObjectStore['list']>[0] = () => 'descend',
): Promise<string[]> {
  const keys = [];
  for await (const entry of store.list(judge)) keys.push(entry.kind === 'object' ? entry.object.key : entry.entry.key);
  return keys;
}

async function textOf(store: ObjectStore): Promise<string> {
  let text = '';
  for await (const entry of store.list(() => 'descend')) {
    if (entry.kind !== 'object') continue;
    for await (const chunk of store.read(entry.object)) text += Buffer.from(chunk).toString();
  }
  return text;
}

async function errorOf(promise: Promise<unknown>): Promise<UserError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof UserError) return error;
  throw new Error('no UserError was thrown', { cause: error });
}
