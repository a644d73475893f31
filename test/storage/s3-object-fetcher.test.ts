import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.js';
import { ObjectReadError, type StoredObject } from '../../src/storage/object-store.js';
import { type Fault, kmsDenied } from '../s3/faults.js';
import { serverForTest } from '../s3/sdk-client.js';
import type { TestS3, TestS3Options } from '../s3/s3-server.js';
import { contentOf, objectsOf, openBucket } from './open-bucket.js';
import { tempFolder } from './temp-folder.js';

const LARGE = 9 * 1024 * 1024;
const QUICK = { connectTimeoutMs: 2000, readTimeoutMs: 200, env: { AWS_MAX_ATTEMPTS: '3' } };

const PASSING: readonly (readonly [string, Fault, RegExp])[] = [
  ['503 SlowDown', { kind: 'error', code: 'SlowDown' }, /slow down/],
  ['500', { kind: 'error', code: 'InternalError' }, /the server answered 500 InternalError/],
  ['502 of a proxy', { kind: 'answer', status: 502, body: '<html>' }, /the server answered 502/],
  ['504', { kind: 'answer', status: 504, body: '' }, /the server answered 504/],
  ['400 RequestTimeout', { kind: 'error', code: 'RequestTimeout' }, /RequestTimeout/],
  ['reset before the reply', { kind: 'reset', at: 'request' }, /broke off/],
  ['reset after the head', { kind: 'reset', at: 'head' }, /broke off/],
  ['reset in the body', { kind: 'reset', at: 'middle' }, /broke off/],
  ['no reply', { kind: 'stall', at: 'head' }, /does not answer/],
  ['a body that stalls', { kind: 'stall', at: 'middle' }, /does not answer/],
  ['a cut body', { kind: 'cut', at: 'middle' }, /broke off/],
  ['a wrong checksum', { kind: 'wrong-checksum' }, /does not match its checksum/],
  ['a wrong byte', { kind: 'flip' }, /does not match its checksum/],
  ['a body that is too long', { kind: 'length', by: 3 }, /another length/],
  ['a body that is too short', { kind: 'length', by: -3 }, /another length/],
];

describe.each([
  ['held in memory', 3000],
  ['downloaded', LARGE],
])('an object %s', (_, size) => {
  test.each(PASSING)('%s: read when it passes, failed when it does not', async (_name, fault, reason) => {
    const { s3, store, object, bytes } = await oneObject(size);
    s3.faults.add({ match: isGet, times: 2, fault });
    expect((await contentOf(store, object)).equals(bytes)).toBe(true);
    expect(s3.faults.struck).toHaveLength(2);

    const again = await openBucket(s3, 'logs', QUICK);
    s3.faults.add({ match: isGet, fault });
    const error = await failure(contentOf(again, object));
    expect(error).toBeInstanceOf(ObjectReadError);
    expect(error.message).toMatch(reason);
    expect(error.message).toMatch(/\(3 attempts\)$/);
  });

  test('changed since it was listed: the new version is read, of whatever size', async () => {
    for (const newSize of [10, LARGE + 10]) {
      const { s3, store, object } = await oneObject(size);
      const changed = bytesOf(newSize, 5);
      s3.put('logs', 'data/a', changed);
      expect((await contentOf(store, object)).equals(changed)).toBe(true);
      expect(operations(s3)).toEqual(['ListObjectsV2', 'GetObject', 'HeadObject', 'GetObject']);
    }
  });

  test('changing all the time: failed', async () => {
    const { s3, store, object } = await oneObject(size);
    s3.faults.add({ match: isGet, fault: { kind: 'change' } });
    expect(await failure(contentOf(store, object))).toEqual(new ObjectReadError('changed while it was read'));
    expect(operations(s3).filter((name) => name === 'GetObject')).toHaveLength(4);
  });

  test('deleted since it was listed: failed', async () => {
    const { s3, store, object } = await oneObject(size);
    s3.remove('logs', 'data/a');
    expect(await failure(contentOf(store, object))).toEqual(new ObjectReadError('gone since it was listed'));
  });
});

describe('a refusal that will not change', () => {
  test.each<readonly [string, Fault, string]>([
    ['access denied', { kind: 'error', code: 'AccessDenied' }, 'access denied: s3:GetObject is not allowed'],
    ['a key of KMS', kmsDenied(), 'access denied: kms:Decrypt is not allowed'],
    [
      'Glacier',
      { kind: 'error', code: 'InvalidObjectState' },
      'archived (Glacier): it must be restored before it can be read',
    ],
    [
      'another',
      { kind: 'error', code: 'MethodNotAllowed', message: 'No.' },
      'the server answered 405 MethodNotAllowed: No.',
    ],
  ])('%s: failed after one request', async (_, fault, reason) => {
    const { s3, store, object } = await oneObject(100);
    s3.faults.add({ match: isGet, fault });
    expect((await failure(contentOf(store, object))).message).toBe(reason);
    expect(operations(s3)).toEqual(['ListObjectsV2', 'GetObject']);
  });

  test('an object in Glacier is named as such by a strict server', async () => {
    const s3 = await serverForTest();
    s3.put('logs', 'data/a', 'text', { storageClass: 'GLACIER' });
    const store = await openBucket(s3, 'logs');
    const [object] = await objectsOf(store);
    expect((await failure(contentOf(store, object!))).message).toMatch(/Glacier/);
  });
});

describe('credentials that expire', () => {
  test('are asked for again once, and the object is read', async () => {
    const { s3, store, object, bytes, timesAsked } = await withCredentialProcess();
    s3.faults.add({ match: isGet, times: 1, fault: { kind: 'error', code: 'ExpiredToken' } });
    expect((await contentOf(store, object)).equals(bytes)).toBe(true);
    expect(timesAsked()).toBe(2);
  });

  test('for good end the run with one error, not one per object', async () => {
    const { s3, store, object } = await oneObject(100, { credentials: TEMPORARY });
    expect((await contentOf(store, object)).length).toBe(100);
    s3.put('logs', 'data/b', 'text');
    const objects = await objectsOf(store);
    s3.expireToken();
    const error = await failure(contentOf(store, objects[1] as StoredObject));
    expect(error).toBeInstanceOf(UserError);
    expect(error.message).toMatch(/^Cannot read s3:\/\/logs\/: the credentials have expired/);
  });

  const TEMPORARY = { accessKeyId: 'ASIATEST', secretAccessKey: 'secret', sessionToken: 'token' };
});

test('a clock that is an hour behind is set right by what the server says', async () => {
  const hour = 3_600_000;
  const s3 = await serverForTest({ now: () => new Date(Date.now() + hour) });
  for (const key of ['a', 'b', 'c']) s3.put('logs', key, `in ${key}`);
  const store = await openBucket(s3, 'logs');
  const objects = await objectsOf(store);
  store.expect?.(objects);
  for (const object of objects) expect((await contentOf(store, object)).toString()).toBe(`in ${object.key}`);
});

test.each(['CRC32', 'CRC32C', 'SHA1', 'SHA256', 'CRC64NVME'] as const)(
  'a body is held against its %s',
  async (checksum) => {
    const s3 = await serverForTest();
    s3.put('logs', 'a', bytesOf(70_000, 3), { checksum });
    const store = await openBucket(s3, 'logs', QUICK);
    const [object] = await objectsOf(store);
    s3.faults.add({ match: isGet, fault: { kind: 'flip' } });
    expect((await failure(contentOf(store, object!))).message).toMatch(/checksum/);
    s3.faults.clear();
    expect((await contentOf(store, object!)).equals(bytesOf(70_000, 3))).toBe(true);
  },
);

test.each([
  { checksum: 'none' },
  { checksum: 'CRC32', partSize: 10_000 },
  { checksum: 'SHA256', partSize: 10_000 },
] as const)('an object without a checksum of the whole (%j) is read', async (options) => {
  const s3 = await serverForTest();
  s3.put('logs', 'a', bytesOf(70_000, 3), options);
  const store = await openBucket(s3, 'logs');
  const [object] = await objectsOf(store);
  expect((await contentOf(store, object!)).equals(bytesOf(70_000, 3))).toBe(true);
});

test('an empty object is read', async () => {
  const { store, object } = await oneObject(0);
  expect((await contentOf(store, object)).length).toBe(0);
});

test('a server that goes away ends the run', async () => {
  const s3 = await serverForTest();
  for (let i = 0; i < 200; i++) s3.put('logs', `k${i}`, 'x');
  const store = await openBucket(s3, 'logs', QUICK);
  const objects = await objectsOf(store);
  s3.faults.add({ match: isGet, fault: { kind: 'error', code: 'InternalError' } });
  store.expect?.(objects);
  const errors: Error[] = [];
  for (const object of objects) errors.push(await failure(contentOf(store, object)));
  expect(errors[40]).toBeInstanceOf(ObjectReadError);
  expect(errors.at(-1)).toBeInstanceOf(UserError);
});

function isGet({ operation }: { operation: string }): boolean {
  return operation === 'GetObject';
}

function operations(s3: TestS3): string[] {
  return s3.requests.map(({ operation }) => operation);
}

async function oneObject(size: number, options?: TestS3Options) {
  const s3 = await serverForTest(options);
  const bytes = bytesOf(size, 1);
  s3.put('logs', 'data/a', bytes);
  const store = await openBucket(s3, 'logs', { readTimeoutMs: 200 });
  const [object] = await objectsOf(store);
  return { s3, store, object: object as StoredObject, bytes };
}

async function withCredentialProcess() {
  const { s3, store: first, object, bytes } = await oneObject(100);
  first.close?.();
  const { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey } = s3.credentials;
  const answer = JSON.stringify({ Version: 1, AccessKeyId, SecretAccessKey });
  const folder = tempFolder({ answer });
  const script = `echo >> ${folder}/asked; cat ${folder}/answer`;
  const config = `[profile p]\ncredential_process = sh -c "${script}"\n`;
  const store = await openBucket(s3, 'logs', { profile: 'p', config });
  return { s3, store, object, bytes, timesAsked: () => readFileSync(`${folder}/asked`, 'utf8').length };
}

async function failure(promise: Promise<unknown>): Promise<Error> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof Error) return error;
  throw new Error('nothing was thrown');
}

function bytesOf(size: number, seed: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; at++) bytes[at] = (at * 31 + (at >> 8) * seed) & 0xff;
  return bytes;
}
