import { readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ObjectReadError, type ObjectStore, type StoredObject } from '../../src/storage/object-store.js';
import { openS3Store, type S3Access } from '../../src/storage/s3-store.js';
import { serverForTest } from '../s3/sdk-client.js';
import type { TestS3 } from '../s3/s3-server.js';
import { contentOf, objectsOf, useCredentials } from './open-bucket.js';
import { tempFolder } from './temp-folder.js';
import { SYSTEM_CLOCK } from './system-clock.js';

const MEGABYTE = 1024 * 1024;

describe('what was announced', () => {
  test('is fetched ahead, each object once, side by side', async () => {
    const { s3, store, objects } = await bucketOf(Array.from({ length: 300 }, () => 2000));
    s3.faults.add({ match: () => true, fault: { kind: 'slow', delayMs: 20 } });
    store.expect?.(objects);
    for (const object of objects) expect((await contentOf(store, object)).equals(bodyOf(object.key, 2000))).toBe(true);
    expect(store.requests?.()).toEqual({ ListObjectsV2: 1, GetObject: 300 });
    expect(s3.mostInFlight).toBeGreaterThan(16);
    expect(s3.mostInFlight).toBeLessThanOrEqual(64);
  });

  test('is held within 64 MB', async () => {
    const { s3, store, objects } = await bucketOf(Array.from({ length: 24 }, () => 6 * MEGABYTE));
    store.expect?.(objects);
    await contentOf(store, objects[0] as StoredObject);
    await quiet(s3);
    expect(s3.requests.filter(({ operation }) => operation === 'GetObject').length).toBeLessThanOrEqual(11);
    for (const object of objects) expect((await contentOf(store, object)).length).toBe(6 * MEGABYTE);
  });

  test('may be read in another order, twice, or not at all', async () => {
    const { store, objects } = await bucketOf(Array.from({ length: 50 }, (_, i) => i * 10));
    store.expect?.(objects);
    for (const object of [...objects].reverse().filter((_, i) => i % 3 !== 0)) {
      for (let time = 0; time < 2; time++)
        expect((await contentOf(store, object)).equals(bodyOf(object.key, object.size))).toBe(true);
    }
    store.expect?.(objects.slice(0, 10));
    for (const object of objects.slice(0, 10)) expect((await contentOf(store, object)).length).toBe(object.size);
  });

  test('fails alone where it fails', async () => {
    const { s3, store, objects } = await bucketOf([10, 10, 10]);
    s3.remove('logs', 'k001');
    store.expect?.(objects);
    await quiet(s3);
    expect((await contentOf(store, objects[0]!)).length).toBe(10);
    await expect(contentOf(store, objects[1]!)).rejects.toThrow(ObjectReadError);
    expect((await contentOf(store, objects[2]!)).length).toBe(10);
  });

  test('and not read does not outlive the store', async () => {
    const { s3, store, objects, folder } = await bucketOf([9 * MEGABYTE, 9 * MEGABYTE, 100]);
    store.expect?.(objects);
    await quiet(s3);
    store.close?.();
    await quiet(s3);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('a large object', () => {
  test('lies in a private file while it is read, and no longer', async () => {
    const { store, objects, folder } = await bucketOf([9 * MEGABYTE, 10]);
    expect((await contentOf(store, objects[0]!)).equals(bodyOf('k000', 9 * MEGABYTE))).toBe(true);
    const [file = ''] = readdirSync(folder);
    expect(statSync(`${folder}/${file}`).mode & 0o777).toBe(0o600);
    await contentOf(store, objects[1]!);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('that fails leaves no file', async () => {
    const { s3, store, objects, folder } = await bucketOf([9 * MEGABYTE], { env: { AWS_MAX_ATTEMPTS: '2' } });
    s3.faults.add({ match: ({ operation }) => operation === 'GetObject', fault: { kind: 'cut', at: 'middle' } });
    await expect(contentOf(store, objects[0]!)).rejects.toThrow(ObjectReadError);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('a download', () => {
  test.each([100, 9 * MEGABYTE])('of %i bytes is a file, made of what was read just before', async (size) => {
    const { store, objects } = await bucketOf([size, 10]);
    await contentOf(store, objects[0]!);
    const path = await store.download?.(objects[0]!);
    expect(readFileSync(path as Buffer).equals(bodyOf('k000', size))).toBe(true);
    expect((await contentOf(store, objects[0]!)).length).toBe(size);
    expect(store.requests?.()).toMatchObject({ GetObject: 1 });
  });
});

async function bucketOf(sizes: readonly number[], access: Partial<S3Access> = {}) {
  const s3 = await serverForTest();
  for (const [index, size] of sizes.entries()) {
    const key = `k${String(index).padStart(3, '0')}`;
    s3.put('logs', key, bodyOf(key, size), { checksum: 'CRC32' });
  }
  useCredentials(s3.credentials);
  const folder = tempFolder();
  const store: ObjectStore = await openS3Store({
    bucket: 'logs',
    prefix: '',
    access: { ...SYSTEM_CLOCK, endpointUrl: s3.endpoint, retryDelayMs: 1, ...access },
    folder: () => Promise.resolve(folder),
  });
  onTestFinished(() => store.close?.());
  return { s3, store, folder, objects: await objectsOf(store) };
}

function bodyOf(key: string, size: number): Buffer {
  return Buffer.alloc(size, `${key} `);
}

/** Waits until no request has come for a while. */
async function quiet(s3: TestS3): Promise<void> {
  for (let seen = -1; seen !== s3.requests.length;) {
    seen = s3.requests.length;
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}
