import { expect, it } from 'vitest';

import { limitBytes } from '../../src/cli/limit-bytes.js';
import type { PlannedObject } from '../../src/dataset/plan-scan.js';
import { UserError } from '../../src/errors.js';
import type { ObjectStore } from '../../src/storage/object-store.js';

/** Only its name and whether it counts requests are looked at. */
function store(name: string, counts: boolean): ObjectStore {
  const nothing = async function* () {};
  return { name, list: nothing, read: nothing, ...(counts ? { requests: () => ({}) } : {}) };
}

function objects(of: ObjectStore, sizes: readonly number[]): PlannedObject[] {
  return sizes.map((size, index) => ({
    store: of,
    object: { key: `${index}`, size, identity: `${of.name}${index}`, version: '' },
    layout: 'plain',
  }));
}

const FAR = store('s3://b/p/', true);
const HERE = store('logs/', false);

it.each([
  ['50GB', [49e9, 1e9]],
  ['0', [9e15]],
  ['none', [9e15]],
  [' None ', [9e15]],
  ['1', []],
])('%s is enough for %j', (limit, sizes) => {
  expect(limitBytes({ objects: objects(FAR, sizes) }, limit)).toBeUndefined();
});

it('says how many objects of how many bytes there are, and how to go on', () => {
  const error = limitBytes({ objects: objects(FAR, [60e9, 1_000_000_001]) }, '50GB');
  expect(error).toBeInstanceOf(UserError);
  expect(error?.exitCode).toBe('usage');
  expect(error?.message).toBe('Reading s3://b/p/ would fetch 2 objects of 61 GB, and --max-bytes allows 50 GB');
  const wayOut = error?.wayOut.join('\n') ?? '';
  for (const way of ['--since', '--until', '--dry-run', '--max-bytes 62GB', 'none']) expect(wayOut).toContain(way);
});

it('counts what is fetched, not what is read from this machine', () => {
  const here = objects(HERE, [100e9, 100e9]);
  expect(limitBytes({ objects: here }, '1')).toBeUndefined();
  const both = limitBytes({ objects: [...here, ...objects(FAR, [2])] }, '1');
  expect(both?.message).toBe('Reading s3://b/p/ would fetch 1 object of 2 B, and --max-bytes allows 1 B');
});

it.each([
  [2, '--max-bytes 2B'],
  [999, '--max-bytes 999B'],
  [1001, '--max-bytes 2kB'],
  [999_001, '--max-bytes 1000kB'],
  [3_000_000, '--max-bytes 3MB'],
  [61_000_000_001, '--max-bytes 62GB'],
  [1_234_567_890_123, '--max-bytes 2TB'],
])('suggests for %d bytes an amount that is enough', (size, suggested) => {
  const plan = { objects: objects(FAR, [size]) };
  const error = limitBytes(plan, '1');
  expect(error?.wayOut.join('\n')).toContain(`${suggested} `);
  expect(limitBytes(plan, suggested.replace('--max-bytes ', ''))).toBeUndefined();
});

it.each(['', '-1', '50%', 'fifty', 'no'])('refuses %j, also where nothing is fetched', (limit) => {
  expect(() => limitBytes({ objects: [] }, limit)).toThrow(UserError);
});
