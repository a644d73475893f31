import { expect, test } from 'vitest';
import { announceObjects } from '../../src/dataset/announce-objects.js';
import { planScan } from '../../src/dataset/plan-scan.js';
import { openFileStore } from '../../src/storage/file-store.js';
import type { ObjectStore, StoredObject } from '../../src/storage/object-store.js';
import { tempFolder } from '../storage/temp-folder.js';
import { openSource } from './open-source.js';
import { callLines } from './recorded-calls.js';

/** A folder that wants to know what will be read. */
async function expectingStore(files: Readonly<Record<string, string>>) {
  const local = await openFileStore(tempFolder(files));
  const expected: StoredObject[][] = [];
  const store: ObjectStore = { ...local, expect: (objects) => void expected.push([...objects]) };
  return { local, store, expected };
}

test('each store hears once of its own objects, in the order in which they are read', async () => {
  const first = await expectingStore({ 'a.json': '{}', 'b.json': '{}', 'c.json': '{}' });
  const second = await expectingStore({ 'd.json': '{}' });
  const { objects } = await planScan({ stores: [first.store, second.store, second.local], window: {}, latenessMs: 0 });
  const mixed = [objects[2]!, objects[3]!, objects[0]!, objects[1]!];
  announceObjects(mixed);
  expect(first.expected).toEqual([[mixed[0]!.object, mixed[2]!.object, mixed[3]!.object]]);
  expect(second.expected).toEqual([[mixed[1]!.object]]);
});

test('a source is announced before the first of its objects is read', async () => {
  const { store, expected } = await expectingStore({
    'a.json': callLines(2).join('\n'),
    'b.json': callLines(3).join('\n'),
  });
  const seen: number[] = [];
  const watched: ObjectStore = {
    ...store,
    read: (object) => {
      seen.push(expected.length);
      return store.read(object);
    },
  };
  const { accounting } = await openSource([watched]);
  expect(accounting.objects.read).toBe(2);
  expect(seen).toEqual([1, 1]);
  expect(expected[0]).toHaveLength(2);
});
