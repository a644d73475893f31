import type { ObjectStore, PrefixVerdict, StoredObject } from '../storage/object-store.js';
import { parseCommitKey, parseSlotKey, type SlotPlace } from './slot-key.js';
import { cannotRead } from './unreadable-ledger.js';

/** A slot that a listing has found, or the copy of its facts, or both. */
export interface FoundSlot {
  readonly place: SlotPlace;
  readonly object?: StoredObject;
  /** The copy of its facts, below the ledger. */
  readonly commit?: StoredObject;
}

export interface FoundSlots {
  readonly slots: readonly FoundSlot[];
  /** Objects below the destination that are no slots. */
  readonly others: readonly StoredObject[];
}

export interface ListedStores {
  /** The destination; undefined where there is none yet. */
  readonly data: ObjectStore | undefined;
  /** Its ledger; undefined where there is none yet. */
  readonly ledger: ObjectStore | undefined;
}

/**
 * Lists the slots of a destination and the copies of their facts.
 * @param judge which partitions are looked into
 * @throws UserError when something cannot be listed
 */
export async function findSlots(
  { data, ledger }: ListedStores,
  judge: (prefix: string) => PrefixVerdict,
): Promise<FoundSlots> {
  // In this order: a copy is written after its slot, so the slot of every copy that is listed here is there to be listed next.
  const commits = await listObjects(ledger, (prefix) => judgeLedger(prefix, judge));
  const listed = await listObjects(data, judge);
  const places = new Map<string, FoundSlot>();
  const others: StoredObject[] = [];
  for (const object of listed) {
    const place = parseSlotKey(object.key);
    if (place === undefined) others.push(object);
    else places.set(nameOf(place), { place, object });
  }
  for (const commit of commits) {
    const place = parseCommitKey(commit.key);
    if (place !== undefined) places.set(nameOf(place), { place, ...places.get(nameOf(place)), commit });
  }
  return { slots: [...places.values()], others };
}

function nameOf({ partition, number }: SlotPlace): string {
  return `${number} ${partition}`;
}

function judgeLedger(prefix: string, judge: (prefix: string) => PrefixVerdict): PrefixVerdict {
  if (prefix === 'commits/') return 'descend';
  return prefix.startsWith('commits/') ? judge(prefix.slice('commits/'.length)) : 'outside';
}

async function listObjects(
  store: ObjectStore | undefined,
  judge: (prefix: string) => PrefixVerdict,
): Promise<StoredObject[]> {
  const objects: StoredObject[] = [];
  if (store === undefined) return objects;
  for await (const entry of store.list(judge)) {
    if (entry.kind === 'object') objects.push(entry.object);
    else if (entry.kind === 'failed') throw cannotRead(`${store.name}${entry.entry.key}`, entry.entry.reason);
  }
  return objects;
}
