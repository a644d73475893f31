import { toWholeSlot } from '../compaction/read-from-cache.js';
import type { Slot } from '../compaction/read-ledger.js';
import { findRepeated } from '../dataset/find-repeated.js';
import type { Engine } from '../engines/engine.js';
import type { ObjectStore } from '../storage/object-store.js';
import { readRepeated, writeRepeated } from './cache-record.js';
import { requireFreeBytes } from './free-space.js';
import type { RunResources } from './run-resources.js';

export interface FilledCache {
  /** The folder of the cache. */
  readonly path: string;
  readonly slots: readonly Slot[];
  readonly data: ObjectStore;
  readonly openEngine: () => Promise<Engine>;
}

/**
 * Notes which identities more than one row of a cache has, so that not every question has to compare all of them. What was
 * noted of other slots before still holds.
 */
export async function noteRepeated(
  { path, slots, data, openEngine }: FilledCache,
  resources: RunResources,
): Promise<void> {
  const before = await readRepeated(path);
  const isKnown = ({ sha256 }: Slot): boolean => sha256 !== undefined && before?.slots.includes(sha256) === true;
  const fresh = slots.filter((slot) => !isKnown(slot));
  if (fresh.length === 0) return;
  const folder = (await resources.folder()).path;
  const repeated = await findRepeated({
    engine: await openEngine(),
    folder,
    fresh: fresh.flatMap((slot) => toWholeSlot(slot, data) ?? []),
    known: slots.filter(isKnown).flatMap((slot) => toWholeSlot(slot, data) ?? []),
    repeated: { hashes: before?.hashes ?? [] },
    requireFreeBytes: (bytes) => requireFreeBytes(folder, bytes),
  });
  if (repeated === undefined) return;
  await writeRepeated(path, { slots: slots.flatMap(({ sha256 }) => sha256 ?? []), ...repeated });
}
