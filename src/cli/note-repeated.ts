import { toWholeSlot } from '../compaction/read-from-cache.js';
import type { Slot } from '../compaction/read-ledger.js';
import { findRepeated } from '../dataset/find-repeated.js';
import type { PlannedObject } from '../dataset/plan-scan.js';
import type { Engine } from '../engines/engine.js';
import type { ObjectStore } from '../storage/object-store.js';
import { readRepeated, writeRepeated } from './cache-record.js';
import { openCheckedSlots } from './checked-slots.js';
import { requireFreeBytes } from './free-space.js';
import type { RunResources } from './run-resources.js';

export interface FilledCache {
  /** The folder of the cache. */
  readonly path: string;
  readonly slots: readonly Slot[];
  readonly data: ObjectStore;
  readonly openEngine: () => Promise<Engine>;
}

/** A slot that can be read, and whose bytes are those that the ledger knows. */
interface SoundSlot {
  readonly sha256: string;
  readonly planned: PlannedObject;
}

/**
 * Notes which identities more than one row of a cache has, so that not every question has to compare all of them. What was
 * noted of its slots before still holds. Slots that are damaged or gone are not compared, and may come back: they are not noted.
 * @throws ChangedInPlace when a slot changes meanwhile
 */
export async function noteRepeated(cache: FilledCache, resources: RunResources): Promise<void> {
  const { path, openEngine } = cache;
  const before = await readRepeated(path);
  const sound = await findSound(cache);
  const isKnown = ({ sha256 }: SoundSlot): boolean => before?.slots.includes(sha256) === true;
  const [known, fresh] = [sound.filter(isKnown), sound.filter((slot) => !isKnown(slot))];
  if (fresh.length === 0) return;
  const isHopeless = before !== undefined && before.found === undefined && known.length > 0;
  const folder = (await resources.folder()).path;
  const found = isHopeless
    ? undefined
    : await findRepeated({
        engine: await openEngine(),
        folder,
        fresh: fresh.map(({ planned }) => planned),
        known: known.map(({ planned }) => planned),
        repeated: before?.found ?? { hashes: [] },
        requireFreeBytes: (bytes) => requireFreeBytes(folder, bytes),
      });
  await writeRepeated(path, { slots: sound.map(({ sha256 }) => sha256), found });
}

async function findSound({ path, slots, data }: FilledCache): Promise<readonly SoundSlot[]> {
  const checked = await openCheckedSlots(path);
  const sound: SoundSlot[] = [];
  for (const slot of slots) {
    const planned = toWholeSlot(slot, data);
    const { sha256 } = slot;
    if (planned === undefined || sha256 === undefined) continue;
    if (await checked.isIntact(data, slot)) sound.push({ sha256, planned });
  }
  await checked.save();
  return sound;
}
