import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { crc64nvmeOf } from '../../src/storage/s3-crc64nvme.js';
import { openS3WritableStore } from '../../src/storage/s3-writable-store.js';
import { probeStore } from '../../src/storage/probe-store.js';
import type { StoreCapabilities, WritableStore } from '../../src/storage/writable-store.js';
import { useSuiteCredentials } from '../faults/run-fault-case.js';
import { newNames } from '../storage/new-names.js';
import { text, versionOf } from '../storage/writable-bucket.js';
import { EVERY_SERVER, type Server, type ServerName, startServer } from './every-server.js';
import { fillBucket } from './fill-bucket.js';
import { SYSTEM_CLOCK } from '../storage/system-clock.js';

const ALL: StoreCapabilities = {
  createIfAbsent: true,
  multipartCreateIfAbsent: true,
  conditionalRemove: true,
  conditionalBatchRemove: true,
  listsAtOnce: true,
  keepsMetadata: true,
  findings: [],
};

const FOUND: Readonly<Record<ServerName, StoreCapabilities>> = {
  'in-process': ALL,
  ministack: ALL,
  versitygw: {
    ...ALL,
    conditionalBatchRemove: false,
    findings: ['Many at once, an object is removed although it is another version than the one that was named.'],
  },
};

/** It says of what is not there that it was removed. */
const tellsGone = (name: ServerName): boolean => name !== 'versitygw';
/** It keeps no checksum of the whole of what is sent in parts. */
const sumsParts = (name: ServerName): boolean => name !== 'ministack';

describe.each(EVERY_SERVER)('%s', (name) => {
  let server: Server;
  let store: WritableStore;

  beforeAll(async () => {
    server = await startServer(name);
    await fillBucket(server, 'table', new Map([['ledger/other', 'x']]));
  });

  useSuiteCredentials(() => server.credentials);

  beforeAll(async () => {
    const { endpoint, region } = server;
    store = await openS3WritableStore({
      bucket: 'table',
      prefix: 'ledger',
      access: { ...SYSTEM_CLOCK, endpointUrl: endpoint, region },
    });
  });

  afterAll(async () => {
    store.close?.();
    await server.stop();
  });

  test('the probe finds what it can do, and leaves nothing', async () => {
    const capabilities = await probeStore(store, newNames('probe'));
    expect(capabilities).toEqual(FOUND[name]);
    expect(await store.lists('other')).toBe(true);
    store.adopt(capabilities);
  });

  test.each(['create', 'createInParts'] as const)('%s: one winner, whose bytes and facts are there', async (how) => {
    const create = store[how] ?? store.create;
    const key = `p=1/${how}`;
    const bodies = Array.from({ length: 8 }, (_, at) => `body ${at}`);
    const results = await Promise.all(bodies.map((body) => create(key, text(body), { batchid: body })));
    expect(results.filter((result) => result === 'created')).toHaveLength(1);
    const body = bodies[results.indexOf('created')] ?? '';
    expect(Buffer.from((await store.get(key)) ?? []).toString()).toBe(body);
    const isSummed = how === 'create' || sumsParts(name);
    const crc64nvme = isSummed ? await crc64nvmeOf(text(body)) : undefined;
    const facts = await store.facts(key);
    expect([facts?.size, facts?.metadata, facts?.crc64nvme]).toEqual([6, { batchid: body }, crc64nvme]);
    expect(await store.create(key, text('late'))).toBe('exists');
  });

  test('several parts are one object with one checksum', async () => {
    const bytes = Buffer.alloc(17 << 20, 'several parts are one object');
    expect(await store.createInParts?.('large', { bytes })).toBe('created');
    const facts = await store.facts('large');
    const crc64nvme = sumsParts(name) ? await crc64nvmeOf({ bytes }) : undefined;
    expect([facts?.size, facts?.crc64nvme]).toEqual([bytes.length, crc64nvme]);
    expect(bytes.equals((await store.get('large')) ?? Buffer.alloc(0))).toBe(true);
  });

  test('what is not there', async () => {
    expect([await store.facts('none'), await store.get('none')]).toEqual([undefined, undefined]);
    expect(await store.remove('none', '"0"')).toBe(tellsGone(name) ? 'gone' : 'removed');
  });

  test('only the version that is named is removed or tagged, alone and among many', async () => {
    const keys = Array.from({ length: 12 }, (_, at) => `many/${at}`);
    for (const key of keys) await store.create(key, text(key));
    const items = await Promise.all(keys.map(async (key) => ({ key, version: await versionOf(store, key) })));
    const [first, second, third, ...others] = items;
    if (first === undefined || second === undefined || third === undefined) throw new Error('there are twelve');
    expect(await store.remove(first.key, second.version)).toBe('changed');
    expect(await store.remove(first.key, first.version)).toBe('removed');
    const wrong = { ...second, version: third.version };
    expect(await store.tag?.(wrong, { merged: 'yes' })).toBe('changed');
    expect(await store.tag?.(second, { merged: 'yes' })).toBe('tagged');
    const results = await store.removeMany([first, wrong, third, ...others]);
    expect(results).toEqual([
      tellsGone(name) ? 'gone' : 'removed',
      'changed',
      ...Array.from({ length: 10 }, () => 'removed'),
    ]);
    expect(await Promise.all(keys.map((key) => store.lists(key)))).toEqual(keys.map((key) => key === second.key));
  });
});
