import {
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
} from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { compareUtf8 } from './object-table.js';
import { requestPlainly } from './plain-request.js';
import type { TestS3 } from './s3-server.js';
import { clientFor, errorOf, serverForTest } from './sdk-client.js';
import { seededRandom } from './seeded-random.js';

/** Characters around every place where the order of UTF-8 and that of UTF-16 part. */
const ALPHABET = [
  'a',
  'Z',
  '/',
  '.',
  '-',
  '\u0001',
  '\u00e9',
  '\ud7ff',
  '\ue000',
  '\uff5e',
  '\uffff',
  '\u{10000}',
  '\u{1f600}',
];

test('the order of keys is that of their UTF-8 bytes', () => {
  const random = seededRandom('order');
  const keys = Array.from({ length: 2000 }, () => randomKey(random));
  const byBytes = [...keys].sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
  expect([...keys].sort(compareUtf8)).toEqual(byBytes);
  expect([...keys].sort()).not.toEqual(byBytes);
});

test('pages of any size, with and without a delimiter, give what filtering all keys gives', async () => {
  const random = seededRandom('pages');
  const s3 = await serverForTest();
  const keys = new Set(Array.from({ length: 60 }, () => randomKey(random).replaceAll('\uffff', 'b')));
  for (const key of keys) s3.put('logs', key, '');
  const sorted = [...keys].sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
  expect(s3.keys('logs')).toEqual(sorted);
  for (const Delimiter of [undefined, '/', 'a']) {
    for (const Prefix of ['', 'a', 'Z/']) {
      for (const MaxKeys of [1, 4, 1000]) {
        const query = { Delimiter, Prefix, MaxKeys };
        const wanted = rollUp(sorted, Prefix, Delimiter);
        expect(await listAll(s3, query), JSON.stringify(query)).toEqual(wanted);
      }
    }
  }
});

test('start-after begins with the next key, and holds for the first page only', async () => {
  const s3 = await serverForTest();
  for (const key of ['a/1', 'a/2', 'b/1', 'b/2', 'c']) s3.put('logs', key, '');
  expect(await listAll(s3, { StartAfter: 'a/2', MaxKeys: 1 })).toEqual(['b/1', 'b/2', 'c']);
  expect(await listAll(s3, { StartAfter: 'a/1', Delimiter: '/' })).toEqual(['a/', 'b/', 'c']);
  expect(await listAll(s3, { StartAfter: 'a/2', Delimiter: '/' })).toEqual(['b/', 'c']);
  expect(await listAll(s3, { StartAfter: 'z' })).toEqual([]);
});

test('what an answer says of itself', async () => {
  const s3 = await serverForTest();
  s3.put('logs', 'p/a', 'text', { lastModified: new Date('2026-01-02T03:04:05.678Z'), storageClass: 'GLACIER' });
  s3.put('logs', 'p/b', 'text');
  const answer = await clientFor(s3).send(new ListObjectsV2Command({ Bucket: 'logs', Prefix: 'p', MaxKeys: 1 }));
  expect(answer).toMatchObject({ Name: 'logs', Prefix: 'p', MaxKeys: 1, KeyCount: 1, IsTruncated: true });
  expect(answer.NextContinuationToken).not.toContain('p/a');
  expect(answer.Contents).toEqual([
    {
      Key: 'p/a',
      Size: 4,
      ETag: '"1cb251ec0d568de6a929b520c4aed8d1"',
      LastModified: new Date('2026-01-02T03:04:05Z'),
      StorageClass: 'GLACIER',
      ChecksumAlgorithm: ['CRC64NVME'],
      ChecksumType: 'FULL_OBJECT',
    },
  ]);
});

test('keys are encoded where that is asked for', async () => {
  const s3 = await serverForTest();
  const keys = ['p/a b+c%2F~(\u0001', 'p/\u00e9/\u{1f600}'];
  for (const key of keys) s3.put('logs', key, '');
  const query = { Bucket: 'logs', Prefix: 'p/', Delimiter: '/' };
  const encoded = await clientFor(s3).send(new ListObjectsV2Command({ ...query, EncodingType: 'url' }));
  expect(encoded).toMatchObject({ EncodingType: 'url', Prefix: 'p/', Delimiter: '/' });
  expect(encoded.Contents?.map(({ Key }) => Key)).toEqual(['p/a+b%2Bc%252F%7E%28%01']);
  expect(encoded.CommonPrefixes?.map(({ Prefix }) => Prefix)).toEqual(['p/%C3%A9/']);
  const plain = await clientFor(s3).send(new ListObjectsV2Command(query));
  expect(plain.EncodingType).toBeUndefined();
  expect(plain.Contents?.map(({ Key }) => Key)).toEqual(keys.slice(0, 1));
});

test('what cannot be understood is refused', async () => {
  const s3 = await serverForTest();
  s3.createBucket('open', { anonymous: true });
  for (const query of ['max-keys=x', 'max-keys=-1', 'encoding-type=html', 'continuation-token=p%2Fa']) {
    const answer = await requestPlainly(s3.endpoint, { path: `/open?list-type=2&${query}` });
    expect([answer.status, answer.body.toString()], query).toEqual([400, expect.stringContaining('InvalidArgument')]);
  }
});

test('version 1 goes on after a key or a prefix', async () => {
  const s3 = await serverForTest();
  for (const key of ['a/1', 'a/2', 'b', 'c/1']) s3.put('logs', key, '');
  const client = clientFor(s3);
  const query = { Bucket: 'logs', Delimiter: '/', MaxKeys: 1 };
  const first = await client.send(new ListObjectsCommand(query));
  expect([first.CommonPrefixes, first.NextMarker]).toEqual([[{ Prefix: 'a/' }], 'a/']);
  const second = await client.send(new ListObjectsCommand({ ...query, Marker: first.NextMarker }));
  expect([second.Contents?.map(({ Key }) => Key), second.CommonPrefixes]).toEqual([['b'], undefined]);
});

test('versions and marks of deletion, the newest of a key first', async () => {
  const s3 = await serverForTest();
  s3.createBucket('logs', { versioning: 'Enabled' });
  for (const body of ['1', '22']) s3.put('logs', 'a', body);
  s3.put('logs', 'b', '333');
  const client = clientFor(s3);
  await client.send(new DeleteObjectCommand({ Bucket: 'logs', Key: 'a' }));
  const listed = await client.send(new ListObjectVersionsCommand({ Bucket: 'logs' }));
  expect(listed.Versions?.map(({ Key, Size, IsLatest }) => [Key, Size, IsLatest])).toEqual([
    ['a', 2, false],
    ['a', 1, false],
    ['b', 3, true],
  ]);
  expect(listed.DeleteMarkers?.map(({ Key, IsLatest }) => [Key, IsLatest])).toEqual([['a', true]]);
  expect(await listAll(s3, {})).toEqual(['b']);
});

test('a bucket that is not there', async () => {
  const s3 = await serverForTest();
  expect(await errorOf(clientFor(s3).send(new ListObjectsV2Command({ Bucket: 'none' })))).toBe('NoSuchBucket');
});

function randomKey(random: () => number): string {
  const length = 1 + Math.floor(random() * 6);
  return Array.from({ length }, () => ALPHABET[Math.floor(random() * ALPHABET.length)]).join('');
}

/** Names in their order, prefixes among them: what all pages of a listing together must hold. */
function rollUp(keys: readonly string[], prefix: string, delimiter: string | undefined): string[] {
  const names = keys
    .filter((key) => key.startsWith(prefix))
    .map((key) => {
      const rest = key.slice(prefix.length);
      const [first = ''] = delimiter === undefined ? [rest] : rest.split(delimiter);
      return delimiter !== undefined && rest.includes(delimiter) ? `${prefix}${first}${delimiter}` : key;
    });
  return [...new Set(names)];
}

async function listAll(s3: TestS3, query: Omit<ListObjectsV2CommandInput, 'Bucket'>): Promise<string[]> {
  const client = clientFor(s3);
  const names: string[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await client.send(new ListObjectsV2Command({ ...query, Bucket: 'logs', ContinuationToken }));
    const [keys, prefixes] = [page.Contents ?? [], page.CommonPrefixes ?? []];
    expect(keys.length + prefixes.length).toBeLessThanOrEqual(query.MaxKeys ?? 1000);
    names.push(
      ...[...keys.map(({ Key }) => Key ?? ''), ...prefixes.map(({ Prefix }) => Prefix ?? '')].sort(compareUtf8),
    );
    ContinuationToken = page.NextContinuationToken;
    expect(ContinuationToken !== undefined).toBe(page.IsTruncated);
  } while (ContinuationToken !== undefined);
  return names;
}
