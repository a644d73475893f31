import { writeFileSync } from 'node:fs';
import { GetObjectTaggingCommand } from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { openS3WritableStore } from '../../src/storage/s3-writable-store.js';
import { MAX_WHOLE_BYTES, type StoreCapabilities, StoreFailure } from '../../src/storage/writable-store.js';
import { computeChecksum } from '../s3/checksums.js';
import type { Fault, SeenRequest } from '../s3/faults.js';
import { clientFor, serverForTest } from '../s3/sdk-client.js';
import type { TestS3 } from '../s3/s3-server.js';
import { objectsOf, openBucket } from './open-bucket.js';
import { tempFolder } from './temp-folder.js';
import { failureOf, openWritableBucket, text, versionOf } from './writable-bucket.js';
import { SYSTEM_CLOCK } from './system-clock.js';

const EVERYTHING: StoreCapabilities = {
  createIfAbsent: true,
  multipartCreateIfAbsent: true,
  conditionalRemove: true,
  conditionalBatchRemove: true,
  listsAtOnce: true,
  keepsMetadata: true,
  findings: [],
};

/** Few attempts, so that what fails for ever fails soon. */
const FEW = { env: { AWS_MAX_ATTEMPTS: '3' } };
const PART_BYTES = 16 << 20;

describe('create', () => {
  test('stores the bytes with their checksum and metadata', async () => {
    const s3 = await withBucket();
    const store = await openWritableBucket(s3, 'b/table');
    expect(store.name).toBe('s3://b/table/');
    expect(await store.create('p=1/c', text('one'), { batchid: 'x1' })).toBe('created');
    expect(s3.get('b', 'table/p=1/c')?.toString()).toBe('one');
    const facts = await store.facts('p=1/c');
    expect(facts).toMatchObject({ size: 3, metadata: { batchid: 'x1' } });
    expect(facts?.crc64nvme).toBe(computeChecksum('CRC64NVME', Buffer.from('one')).value);
    expect(store.requests?.()).toEqual({ PutObject: 1, HeadObject: 1 });
    expect(s3.requests[0]?.headers).toMatchObject({ 'if-none-match': '*' });
  });

  test('replaces nothing', async () => {
    const s3 = await withBucket();
    const store = await openWritableBucket(s3, 'b');
    await store.create('a', text('one'));
    expect(await store.create('a', text('two'))).toBe('exists');
    expect(await store.createInParts?.('a', text('three'))).toBe('exists');
    expect(s3.get('b', 'a')?.toString()).toBe('one');
  });

  test.each(['create', 'createInParts'] as const)('%s has one winner of many', async (how) => {
    const s3 = await withBucket();
    const store = await openWritableBucket(s3, 'b');
    const bodies = ['0', '1', '2', '3', '4', '5', '6', '7'];
    const create = store[how] ?? store.create;
    const results = await Promise.all(bodies.map((body) => create('a', text(body))));
    expect(results.filter((result) => result === 'created')).toHaveLength(1);
    expect(s3.get('b', 'a')?.toString()).toBe(bodies[results.indexOf('created')]);
  });

  test('a large file goes in parts once that is known to be safe, and in one piece before', async () => {
    const s3 = await withBucket();
    const store = await openWritableBucket(s3, 'b');
    const bytes = pattern(4 * PART_BYTES + 5);
    const file = `${tempFolder()}/large`;
    writeFileSync(file, bytes);
    expect(await store.create('whole', { file }, { n: '1' })).toBe('created');
    expect(store.requests?.()).toEqual({ PutObject: 1 });
    store.adopt(EVERYTHING);
    expect(await store.create('parts', { file }, { n: '2' })).toBe('created');
    expect(store.requests?.()).toMatchObject({ CreateMultipartUpload: 1, UploadPart: 5, CompleteMultipartUpload: 1 });
    const facts = [await store.facts('whole'), await store.facts('parts')];
    const { value } = computeChecksum('CRC64NVME', bytes);
    expect(facts).toMatchObject([
      { size: bytes.length, crc64nvme: value, metadata: { n: '1' } },
      { size: bytes.length, crc64nvme: value, metadata: { n: '2' } },
    ]);
    expect(s3.get('b', 'parts')?.equals(bytes)).toBe(true);
  });

  test('an empty object, whole and in parts', async () => {
    const s3 = await withBucket();
    const store = await openWritableBucket(s3, 'b');
    expect([await store.create('a', text('')), await store.createInParts?.('b', text(''))]).toEqual([
      'created',
      'created',
    ]);
    expect([s3.get('b', 'a')?.length, s3.get('b', 'b')?.length]).toEqual([0, 0]);
  });

  test('keys of any characters', async () => {
    const s3 = await withBucket();
    const store = await openWritableBucket(s3, 'b/p');
    const keys = ['a b+c%2F=&?#.json', 'é/日本', '..', 'x//y', "!'()*", 'a\nb'];
    for (const key of keys) expect(await store.create(key, text(key)), key).toBe('created');
    expect([...s3.keys('b')].sort()).toEqual(keys.map((key) => `p/${key}`).sort());
    for (const key of keys) {
      expect(Buffer.from((await store.get(key)) ?? []).toString()).toBe(key);
      expect(await store.remove(key, await versionOf(store, key)), key).toBe('removed');
    }
  });

  test('a file that is not there is told, and nothing is sent', async () => {
    const s3 = await withBucket();
    const store = await openWritableBucket(s3, 'b');
    const failure = await failureOf(store.create('a', { file: `${tempFolder()}/none` }));
    expect(failure).toMatchObject({ outcome: 'refused' });
    expect(failure.message).toBe('Cannot create s3://b/a: its file here cannot be read: it is gone');
    expect(s3.requests).toEqual([]);
  });
});

describe('create, where requests go wrong', () => {
  const LOST: readonly Fault[] = [
    { kind: 'reset', at: 'head' },
    { kind: 'cut', at: 'head' },
    { kind: 'stall', at: 'head' },
    { kind: 'error-in-200', code: 'InternalError' },
  ];

  test.each(LOST)('an answer that is lost ($kind) leaves an object and the word that there is one', async (fault) => {
    for (const operation of ['PutObject', 'CompleteMultipartUpload']) {
      const s3 = await withBucket();
      strike(s3, operation, fault, 1);
      const store = await openWritableBucket(s3, 'b', { readTimeoutMs: 300 });
      const create = operation === 'PutObject' ? store.create('a', text('1')) : store.createInParts?.('a', text('1'));
      expect(await create).toBe('exists');
      expect(s3.get('b', 'a')?.toString()).toBe('1');
    }
  });

  test.each(LOST)('an answer that is always lost ($kind) is looked for', async (fault) => {
    const s3 = await withBucket();
    strike(s3, 'PutObject', fault);
    strike(s3, 'CompleteMultipartUpload', fault);
    const store = await openWritableBucket(s3, 'b', { readTimeoutMs: 300, ...FEW });
    for (const how of ['create', 'createInParts'] as const) {
      expect(await store[how]?.(how, text('1'))).toBe('exists');
      expect(s3.get('b', how)?.toString()).toBe('1');
    }
  });

  test.each([
    ['create', 'PutObject', 'unknown'],
    ['createInParts', 'CompleteMultipartUpload', 'unknown'],
    ['createInParts', 'UploadPart', 'refused'],
    ['createInParts', 'CreateMultipartUpload', 'refused'],
  ] as const)('%s, %s never answered: %s', async (how, operation, outcome) => {
    const s3 = await withBucket();
    strike(s3, operation, { kind: 'reset', at: 'request' });
    const store = await openWritableBucket(s3, 'b', FEW);
    const failure = await failureOf(store[how]?.('a', text('1')) ?? Promise.resolve());
    expect(failure).toMatchObject({ outcome });
    expect(failure.message).toBe('Cannot create s3://b/a: the connection broke off (3 attempts)');
  });

  test('what was in doubt stays so when a later attempt is refused', async () => {
    const s3 = await withBucket();
    strike(s3, 'PutObject', { kind: 'reset', at: 'request' }, 1);
    strike(s3, 'PutObject', { kind: 'error', code: 'AccessDenied' });
    const store = await openWritableBucket(s3, 'b');
    expect(await failureOf(store.create('a', text('1')))).toMatchObject({ outcome: 'unknown' });
  });

  test('a refusal is certain, and says what is needed', async () => {
    const s3 = await withBucket();
    strike(s3, 'PutObject', { kind: 'error', code: 'AccessDenied' });
    const store = await openWritableBucket(s3, 'b/t');
    const failure = await failureOf(store.create('a', text('1')));
    expect(failure).toMatchObject({ outcome: 'refused', exitCode: 'usage' });
    expect(failure.message).toBe('Cannot create s3://b/t/a: access denied: s3:PutObject is not allowed');
    expect(failure.wayOut[0]).toBe('It needs s3:PutObject on arn:aws:s3:::b/*.');
  });

  test('a server that is not there: refused; one that cannot do it: a conflict', async () => {
    const s3 = await withBucket();
    strike(s3, 'PutObject', { kind: 'error', code: 'NotImplemented' });
    const store = await openWritableBucket(s3, 'b');
    expect(await failureOf(store.create('a', text('1')))).toMatchObject({ outcome: 'refused', exitCode: 'conflict' });
    const nowhere = await openWritableBucket({ ...s3, endpoint: 'http://127.0.0.1:1' }, 'b', FEW);
    expect(await failureOf(nowhere.create('a', text('1')))).toMatchObject({ outcome: 'refused' });
  });

  test('a conflict is no decision: it is tried again, parts from their start', async () => {
    const s3 = await withBucket();
    const conflict: Fault = { kind: 'error', code: 'ConditionalRequestConflict', status: 409 };
    strike(s3, 'PutObject', conflict, 2);
    strike(s3, 'CompleteMultipartUpload', conflict, 2);
    const store = await openWritableBucket(s3, 'b');
    expect(await store.create('a', text('1'))).toBe('created');
    expect(await store.createInParts?.('b', text('2'))).toBe('created');
    expect(store.requests?.()).toMatchObject({ PutObject: 3, CreateMultipartUpload: 3, CompleteMultipartUpload: 3 });
    expect(s3.get('b', 'b')?.toString()).toBe('2');
  });

  test('an upload that is gone begins anew', async () => {
    const s3 = await withBucket();
    strike(s3, 'CompleteMultipartUpload', { kind: 'error', code: 'NoSuchUpload', status: 404 }, 1);
    const store = await openWritableBucket(s3, 'b');
    expect(await store.createInParts?.('a', text('1'))).toBe('created');
    expect(store.requests?.()).toMatchObject({ CreateMultipartUpload: 2 });
  });

  test('an upload that failed is aborted', async () => {
    const s3 = await withBucket();
    strike(s3, 'UploadPart', { kind: 'error', code: 'AccessDenied' });
    const store = await openWritableBucket(s3, 'b');
    await failureOf(store.createInParts?.('a', text('1')) ?? Promise.resolve());
    expect(s3.requests.at(-1)).toMatchObject({ operation: 'AbortMultipartUpload', status: 204 });
  });

  test('503 and a slow server are waited for', async () => {
    const s3 = await withBucket();
    strike(s3, 'PutObject', { kind: 'error', code: 'SlowDown', status: 503 }, 3);
    const store = await openWritableBucket(s3, 'b');
    expect(await store.create('a', text('1'))).toBe('created');
    expect(store.requests?.()).toEqual({ PutObject: 4 });
  });
});

describe('facts, get and lists', () => {
  test('what is not there', async () => {
    const store = await openWritableBucket(await withBucket(), 'b/t');
    expect([await store.facts('a'), await store.get('a'), await store.lists('a')]).toEqual([
      undefined,
      undefined,
      false,
    ]);
    expect(store.requests?.()).toEqual({ HeadObject: 1, GetObject: 1, ListObjectsV2: 1 });
  });

  test('a listing has the key itself, not one that begins with it', async () => {
    const s3 = await withBucket();
    s3.put('b', 't/a1', '1');
    const store = await openWritableBucket(s3, 'b/t');
    expect([await store.lists('a'), await store.lists('a1')]).toEqual([false, true]);
  });

  test('another 404 than that of the object is not taken for its absence', async () => {
    const s3 = await withBucket();
    s3.put('b', 'a', '1');
    strike(s3, 'GetObject', { kind: 'answer', status: 404, body: '<html>' }, 1);
    const store = await openWritableBucket(s3, 'b');
    expect((await failureOf(store.get('a'))).message).toBe('Cannot read s3://b/a: the server answered 404');
    const missing = await openWritableBucket(s3, 'no-such-bucket');
    expect((await failureOf(missing.get('a'))).message).toBe(
      'Cannot read s3://no-such-bucket/a: there is no such bucket',
    );
  });

  const SPOILT: readonly Fault[] = [
    { kind: 'flip' },
    { kind: 'wrong-checksum' },
    { kind: 'cut', at: 'middle' },
    { kind: 'length', by: 1 },
    { kind: 'answer', status: 200, body: '<html>' },
  ];

  test.each(SPOILT)('an answer that is not the object ($kind) is not taken for it', async (fault) => {
    const s3 = await withBucket();
    s3.put('b', 'a', 'content');
    strike(s3, 'GetObject', fault, 1);
    const store = await openWritableBucket(s3, 'b', { readTimeoutMs: 300 });
    expect(Buffer.from((await store.get('a')) ?? []).toString()).toBe('content');
    expect(s3.faults.struck).toHaveLength(1);
  });

  test('what is too large to be read whole is refused', async () => {
    const s3 = await withBucket();
    s3.put('b', 'a', Buffer.alloc(MAX_WHOLE_BYTES + 1));
    const store = await openWritableBucket(s3, 'b');
    const failure = await failureOf(store.get('a'));
    expect(failure.message).toBe('Cannot read s3://b/a: it has too many bytes to be what it should be');
  });

  test('the version and the root are those of a listing; metadata come with either', async () => {
    const s3 = await withBucket();
    const store = await openWritableBucket(s3, 'b/t');
    await store.create('p/a', text('1'), { batchid: 'x' });
    const source = await openBucket(s3, 'b/t');
    const [object] = await objectsOf(source);
    if (object === undefined) throw new Error('nothing was listed');
    const facts = await store.facts('p/a');
    expect([object.version, object.identity.slice(source.root?.length)]).toEqual([facts?.version, 'p/a']);
    expect(Math.abs((object.modified ?? 0) - (facts?.modified ?? Infinity))).toBeLessThan(1000);
    expect(await source.metadata?.(object)).toEqual({ batchid: 'x' });
    s3.put('b', 't/p/a', '2');
    await expect(source.metadata?.(object)).rejects.toThrow('changed since it was listed');
    s3.remove('b', 't/p/a');
    await expect(source.metadata?.(object)).rejects.toThrow('gone since it was listed');
  });

  test('the root of a single object is the folder that it lies in', async () => {
    const s3 = await withBucket();
    s3.put('b', 't/p/a', '1');
    const source = await openBucket(s3, 'b/t/p/a');
    const [object] = await objectsOf(source);
    expect(object?.identity.slice(source.root?.length)).toBe('a');
    expect(object?.modified).toBeGreaterThan(0);
  });
});

describe('remove', () => {
  test('removes the version that it is given, and no other', async () => {
    const s3 = await withBucket();
    const store = await openWritableBucket(s3, 'b/t');
    await store.create('a', text('1'));
    const version = await versionOf(store, 'a');
    s3.put('b', 't/a', '2');
    expect(await store.remove('a', version)).toBe('changed');
    expect(s3.get('b', 't/a')?.toString()).toBe('2');
    expect(await store.remove('a', await versionOf(store, 'a'))).toBe('removed');
    expect(await store.remove('a', version)).toBe('gone');
    expect(s3.keys('b')).toEqual([]);
  });

  test('a lost answer: gone', async () => {
    const s3 = await withBucket();
    strike(s3, 'DeleteObject', { kind: 'reset', at: 'head' }, 1);
    const store = await openWritableBucket(s3, 'b');
    await store.create('a', text('1'));
    expect(await store.remove('a', await versionOf(store, 'a'))).toBe('gone');
  });

  test('a server that says 412 of what is gone: gone', async () => {
    const s3 = await withBucket();
    strike(s3, 'DeleteObject', { kind: 'error', code: 'PreconditionFailed' });
    const store = await openWritableBucket(s3, 'b');
    expect(await store.remove('a', '"1"')).toBe('gone');
  });

  test('never without a version', async () => {
    const s3 = await withBucket();
    s3.put('b', 'a', '1');
    const store = await openWritableBucket(s3, 'b');
    expect(await failureOf(store.remove('a', ''))).toMatchObject({ outcome: 'refused' });
    expect(await store.removeMany([{ key: 'a', version: '' }])).toMatchObject([{ outcome: 'refused' }]);
    store.adopt(EVERYTHING);
    expect(await store.removeMany([{ key: 'a', version: '' }])).toMatchObject([{ outcome: 'refused' }]);
    expect(s3.keys('b')).toEqual(['a']);
  });

  test.each([
    ['one by one', 20, undefined, { DeleteObject: 24 }],
    ['in batches', 2001, EVERYTHING, { DeleteObjects: 3, DeleteObject: 1 }],
  ] as const)('many, %s: each has a result of its own', async (_, count, capabilities, requests) => {
    const s3 = await withBucket();
    const keys = [...Array.from({ length: count }, (_, at) => `k${at}`), 'a&<b>\'"', 'line\nfeed', 'changed', 'gone'];
    for (const key of keys.filter((key) => key !== 'gone')) s3.put('b', `t/${key}`, key);
    const source = await openBucket(s3, 'b/t');
    const versions = new Map((await objectsOf(source)).map(({ key, version }) => [key, version]));
    s3.put('b', 't/changed', 'another');
    const store = await openWritableBucket(s3, 'b/t');
    if (capabilities !== undefined) store.adopt(capabilities);
    const results = await store.removeMany(keys.map((key) => ({ key, version: versions.get(key) ?? '"none"' })));
    expect(results.slice(-2)).toEqual(['changed', 'gone']);
    expect(new Set(results.slice(0, -2))).toEqual(new Set(['removed']));
    expect(s3.keys('b')).toEqual(['t/changed']);
    expect(store.requests?.()).toMatchObject(requests);
  });

  test('a batch that fails: each has the failure; one that says too little: each is asked for', async () => {
    const s3 = await withBucket();
    for (const key of ['a', 'b']) s3.put('b', key, '1');
    const store = await openWritableBucket(s3, 'b');
    store.adopt(EVERYTHING);
    const version = await versionOf(store, 'a');
    const items = ['a', 'b'].map((key) => ({ key, version }));
    strike(s3, 'DeleteObjects', { kind: 'error', code: 'AccessDenied' }, 1);
    const failures = await store.removeMany(items);
    expect(failures).toMatchObject([{ outcome: 'refused' }, { outcome: 'refused' }]);
    expect(failures[0] instanceof StoreFailure && failures[0].message).toMatch(/s3:DeleteObject is not allowed$/);
    strike(s3, 'DeleteObjects', { kind: 'answer', status: 200, body: '<DeleteResult/>' }, 1);
    expect(await store.removeMany(items)).toEqual(['removed', 'removed']);
    expect(s3.keys('b')).toEqual([]);
  });
});

describe('tag', () => {
  test('adds to the tags of that version', async () => {
    const s3 = await withBucket();
    const store = await openWritableBucket(s3, 'b');
    await store.create('a', text('1'));
    const item = { key: 'a', version: await versionOf(store, 'a') };
    expect(await store.tag?.(item, { owner: 'me', merged: 'no' })).toBe('tagged');
    expect(await store.tag?.(item, { merged: 'yes' })).toBe('tagged');
    expect(await tagsOf(s3, 'a')).toEqual({ owner: 'me', merged: 'yes' });
  });

  test('leaves another version alone, and one that is gone', async () => {
    const s3 = await withBucket();
    s3.put('b', 'a', '2');
    const store = await openWritableBucket(s3, 'b');
    expect(await store.tag?.({ key: 'a', version: '"1"' }, { merged: 'yes' })).toBe('changed');
    expect(await store.tag?.({ key: 'none', version: '"1"' }, { merged: 'yes' })).toBe('gone');
    expect(await tagsOf(s3, 'a')).toEqual({});
  });

  test.each([undefined, 'Enabled'] as const)(
    'a version that takes the place meanwhile has no tag of ours (versioning: %s)',
    async (versioning) => {
      const s3 = await withBucket(versioning);
      s3.put('b', 'a', '1');
      strike(s3, 'PutObjectTagging', { kind: 'change', body: '2' }, 1);
      const store = await openWritableBucket(s3, 'b');
      const item = { key: 'a', version: await versionOf(store, 'a') };
      expect(await store.tag?.(item, { merged: 'yes' })).toBe('changed');
      expect(s3.get('b', 'a')?.toString()).toBe('2');
      expect(await tagsOf(s3, 'a')).toEqual({});
    },
  );
});

test('a bucket that cannot have an address is refused at once', async () => {
  const open = (bucket: string, endpointUrl?: string): Promise<unknown> =>
    openS3WritableStore({
      bucket,
      prefix: '',
      access: { ...SYSTEM_CLOCK, ...(endpointUrl === undefined ? {} : { endpointUrl }) },
    });
  await expect(open('name--use1-az4--x-s3')).rejects.toThrow(/directory bucket .* is not supported$/);
  await expect(open('b', 'nowhere')).rejects.toThrow('The endpoint nowhere is not an address');
});

async function withBucket(versioning?: 'Enabled'): Promise<TestS3> {
  const s3 = await serverForTest();
  s3.createBucket('b', versioning === undefined ? {} : { versioning });
  return s3;
}

function strike(s3: TestS3, operation: string, fault: Fault, times?: number): void {
  const match = (request: SeenRequest): boolean => request.operation === operation;
  s3.faults.add({ match, fault, ...(times === undefined ? {} : { times }) });
}

function pattern(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at += 4093) bytes[at] = at % 251;
  return bytes;
}

async function tagsOf(s3: TestS3, key: string): Promise<Record<string, string>> {
  const { TagSet = [] } = await clientFor(s3).send(new GetObjectTaggingCommand({ Bucket: 'b', Key: key }));
  return Object.fromEntries(TagSet.map(({ Key = '', Value = '' }) => [Key, Value]));
}
