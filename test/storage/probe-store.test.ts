import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fileWritableStore } from '../../src/storage/file-writable-store.js';
import { probeStore } from '../../src/storage/probe-store.js';
import type { StoreCapabilities, WritableStore } from '../../src/storage/writable-store.js';
import { serverForTest } from '../s3/sdk-client.js';
import type { Fault, SeenRequest } from '../s3/faults.js';
import type { TestS3 } from '../s3/s3-server.js';
import { newNames } from './new-names.js';
import { tempFolder } from './temp-folder.js';
import { failureOf, openWritableBucket } from './writable-bucket.js';

const ALL: StoreCapabilities = {
  createIfAbsent: true,
  multipartCreateIfAbsent: true,
  conditionalRemove: true,
  conditionalBatchRemove: true,
  listsAtOnce: true,
  keepsMetadata: true,
  findings: [],
};

test('a folder: everything but metadata, and nothing is left', async () => {
  const { root, staging, store } = folderStore();
  expect(await probeStore(store, newNames('x'))).toEqual({
    ...ALL,
    keepsMetadata: false,
    findings: ['User metadata are not kept.'],
  });
  expect([readdirSync(`${root}/probe`), readdirSync(staging)]).toEqual([[], []]);
});

test('a bucket: everything, with less than a hundred requests, and nothing is left', async () => {
  const { s3, store } = await bucketStore();
  expect(await probeStore(store, newNames('x'))).toEqual(ALL);
  expect(s3.keys('b')).toEqual([]);
  expect(s3.requests.length).toBeLessThan(100);
});

test('a bucket whose answers are lost now and then: everything', async () => {
  const { s3, store } = await bucketStore();
  for (const operation of ['PutObject', 'CompleteMultipartUpload', 'DeleteObject'])
    s3.faults.add({
      match: (request) => request.operation === operation && request.number % 3 === 0,
      times: 5,
      fault: { kind: 'reset', at: 'head' },
    });
  expect(await probeStore(store, newNames('x'))).toEqual(ALL);
  expect(s3.faults.struck.length).toBeGreaterThan(5);
});

test('a store that has no such thing: the reason, and nothing else is tried', async () => {
  const { s3, store } = await bucketStore();
  strike(s3, 'PutObject', {
    kind: 'error',
    code: 'NotImplemented',
    message: 'A header you provided is not implemented',
  });
  const found = await probeStore(store, newNames('x'));
  expect(found).toMatchObject({ createIfAbsent: false, multipartCreateIfAbsent: false, conditionalRemove: false });
  expect(found.findings).toEqual([
    'Cannot create s3://b/t/probe/x-1-create-twice-0: the server answered 501 NotImplemented: A header you provided is not implemented.',
  ]);
});

test('whoever may not create anything is told so', async () => {
  const { s3, store } = await bucketStore();
  strike(s3, 'PutObject', { kind: 'error', code: 'AccessDenied' });
  expect((await failureOf(probeStore(store, newNames('x')))).message).toMatch(/s3:PutObject is not allowed$/);
});

test('whoever may not remove anything can create, and is told what is left', async () => {
  const { s3, store } = await bucketStore();
  for (const operation of ['DeleteObject', 'DeleteObjects'])
    strike(s3, operation, { kind: 'error', code: 'AccessDenied' });
  const found = await probeStore(store, newNames('x'));
  expect(found).toMatchObject({ ...ALL, conditionalRemove: false, conditionalBatchRemove: false, findings: {} });
  expect(found.findings[0]).toMatch(/^Cannot remove s3:\/\/b\/t\/probe\/.* s3:DeleteObject is not allowed\.$/);
  expect(found.findings.at(-1)).toMatch(/^The probe could not remove probe\/x-1-.* from s3:\/\/b\/t\/\.$/);
});

test('whatever keeps parts from being sent, objects can be sent whole', async () => {
  const { s3, store } = await bucketStore();
  strike(s3, 'CreateMultipartUpload', { kind: 'error', code: 'AccessDenied' });
  const found = await probeStore(store, newNames('x'));
  expect(found).toMatchObject({ ...ALL, multipartCreateIfAbsent: false, findings: {} });
  expect(found.findings).toHaveLength(1);
});

/** Servers that pass over a condition, as some do. */
const CARELESS: readonly [string, RegExp, Partial<StoreCapabilities>][] = [
  ['PutObject', /^Creating an object replaces one that is there/, { createIfAbsent: false }],
  [
    'CompleteMultipartUpload',
    /^Creating an object in parts replaces one/,
    { createIfAbsent: true, multipartCreateIfAbsent: false, conditionalRemove: true, conditionalBatchRemove: true },
  ],
  [
    'DeleteObject',
    /^One by one, an object is removed although/,
    { createIfAbsent: true, conditionalRemove: false, conditionalBatchRemove: true },
  ],
  [
    'DeleteObjects',
    /^Many at once, an object is removed although/,
    { createIfAbsent: true, conditionalRemove: true, conditionalBatchRemove: false },
  ],
];

test.each(CARELESS)('a server that passes over the condition of %s', async (operation, finding, expected) => {
  const { s3, store } = await bucketStore();
  strike(s3, operation, { kind: 'no-conditions' });
  const found = await probeStore(store, newNames('x'));
  expect(found).toMatchObject(expected);
  expect(found.findings[0]).toMatch(finding);
  expect(s3.keys('b')).toEqual([]);
});

test.each([
  ['PutObject', 'Creating an object succeeds more than once', { createIfAbsent: false }],
  [
    'CompleteMultipartUpload',
    'Creating an object in parts succeeds more than once',
    { multipartCreateIfAbsent: false },
  ],
] as const)('a server whose condition of %s does not hold in a race', async (operation, finding, expected) => {
  const { s3, store } = await bucketStore();
  const match = (request: SeenRequest): boolean => request.operation === operation && request.key.includes('-race-');
  s3.faults.add({ match, fault: { kind: 'no-conditions' } });
  const found = await probeStore(store, newNames('x'));
  expect(found).toMatchObject(expected);
  expect(found.findings).toEqual([expect.stringMatching(finding)]);
});

function folderStore(): { root: string; staging: string; store: WritableStore } {
  const folder = tempFolder();
  const [root, staging] = [`${folder}/table.ledger`, `${folder}/table.ledger/staging`];
  return { root, staging, store: fileWritableStore({ root, staging, name: 'table.ledger/', newName: newNames('n') }) };
}

async function bucketStore(): Promise<{ s3: TestS3; store: WritableStore }> {
  const s3 = await serverForTest();
  s3.createBucket('b');
  return { s3, store: await openWritableBucket(s3, 'b/t') };
}

function strike(s3: TestS3, operation: string, fault: Fault): void {
  s3.faults.add({ match: (request: SeenRequest) => request.operation === operation, fault });
}
