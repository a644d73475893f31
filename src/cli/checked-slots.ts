import { hashObject } from '../compaction/hash-object.js';
import type { Slot } from '../compaction/read-ledger.js';
import { slotKey } from '../compaction/slot-key.js';
import { ObjectReadError, type ObjectStore } from '../storage/object-store.js';
import { readChecked, writeChecked } from './cache-record.js';

/** What is noted of a cache's slots, in its folder. */
export async function openCheckedSlots(folder: string): Promise<CheckedSlots> {
  return new CheckedSlots(folder, await readChecked(folder));
}

/** Parquet has no checksums of its own that are looked at: a file that was touched since it was last compared is compared again. */
export class CheckedSlots {
  readonly #folder: string;
  readonly #checked: Map<string, string>;
  #isChanged = false;

  constructor(folder: string, checked: ReadonlyMap<string, string>) {
    this.#folder = folder;
    this.#checked = new Map(checked);
  }

  /** Whether the bytes of a slot are those that the ledger knows. */
  async isIntact(data: ObjectStore, slot: Slot): Promise<boolean> {
    const { object, sha256 } = slot;
    if (object === undefined || sha256 === undefined) return false;
    const key = slotKey(slot);
    if (this.#checked.get(key) === object.version) return true;
    const isIntact = (await hashOrNothing(data, slot)) === sha256;
    if (isIntact) this.#checked.set(key, object.version);
    this.#isChanged ||= isIntact;
    return isIntact;
  }

  /** Notes what was compared. */
  async save(): Promise<void> {
    if (this.#isChanged) await writeChecked(this.#folder, this.#checked).catch(() => undefined);
  }
}

async function hashOrNothing(data: ObjectStore, { object }: Slot): Promise<string | undefined> {
  try {
    return object === undefined ? undefined : await hashObject(data, object);
  } catch (error) {
    if (error instanceof ObjectReadError) return undefined;
    throw error;
  }
}
