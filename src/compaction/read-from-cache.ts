import type { PlannedObject, RepeatedIdentities, ScanPlan } from '../dataset/plan-scan.js';
import type { ObjectStore } from '../storage/object-store.js';
import { exactKey } from './exact-key.js';
import type { Ledger, Slot } from './read-ledger.js';

/** A source and a private table of what was read of it before. */
export interface Cache {
  readonly source: ObjectStore;
  /** The table's own store, which its slots are read from. */
  readonly data: ObjectStore;
  readonly ledger: Ledger;
  /** Whether a slot's bytes are those that were written. */
  readonly isIntact: (slot: Slot) => Promise<boolean>;
  /** What is known of the identities of a slot's rows and those of others, the same for all of which it is known. */
  readonly repeatedOf: (slot: Slot) => RepeatedIdentities | undefined;
}

/** A plan, and how many of its objects are not read themselves. */
export interface CachedPlan {
  readonly plan: ScanPlan;
  readonly cached: number;
}

/**
 * Puts slots in the place of the objects that they were made of. The answer stays the same: rows of objects that are gone,
 * changed, or outside of the window are left out of a slot, and an object of which anything was put aside or passed over is
 * read itself, so that it is counted as it is.
 */
export async function readFromCache(plan: ScanPlan, cache: Cache): Promise<CachedPlan> {
  const { kept, bySlot } = sortBySlot(plan.objects, cache);
  const slots: PlannedObject[] = [];
  let cached = 0;
  for (const [slot, objects] of bySlot) {
    const part = (await cache.isIntact(slot)) ? toPart(slot, objects, cache) : undefined;
    if (part === undefined) kept.push(...objects);
    else slots.push(part);
    cached += part === undefined ? 0 : objects.length;
  }
  const objects = [...slots, ...kept];
  return { plan: { ...plan, objects, bytes: objects.reduce((sum, { object }) => sum + object.size, 0) }, cached };
}

interface SortedObjects {
  /** Objects that are to be read themselves. */
  readonly kept: PlannedObject[];
  readonly bySlot: ReadonlyMap<Slot, readonly PlannedObject[]>;
}

function sortBySlot(objects: readonly PlannedObject[], { source, ledger }: Cache): SortedObjects {
  const kept: PlannedObject[] = [];
  const bySlot = new Map<Slot, PlannedObject[]>();
  for (const planned of objects) {
    const slot = planned.store === source ? slotOf(planned, ledger) : undefined;
    const others = slot === undefined ? kept : bySlot.get(slot);
    if (others !== undefined) others.push(planned);
    else if (slot !== undefined) bySlot.set(slot, [planned]);
  }
  return { kept, bySlot };
}

/**
 * The slot that has all of an object as it is now, to the time of its last change: a file whose bytes were replaced may have the
 * size and the time of before.
 */
export function slotOf(planned: PlannedObject, { consumed }: Ledger): Slot | undefined {
  const found = (consumed.get(exactKey(planned.store, planned.object)) ?? []).find(
    ({ input, slot }) =>
      slot.object !== undefined &&
      input.version === planned.object.version &&
      input.quarantined === 0 &&
      input.passedOver === 0,
  );
  return found?.slot;
}

function toPart(slot: Slot, objects: readonly PlannedObject[], { data, repeatedOf }: Cache): PlannedObject | undefined {
  const whole = toWholeSlot(slot, data);
  if (whole === undefined) return undefined;
  const rowsOf = new Map(slot.inputs.map(({ key, rows }) => [key, rows]));
  const rows = objects.reduce((sum, { store, object }) => sum + (rowsOf.get(exactKey(store, object)) ?? 0), 0);
  const isWhole = objects.length === slot.inputs.length;
  const only = isWhole ? {} : { only: objects.map(({ object }) => object.key) };
  const repeated = repeatedOf(slot);
  const known = repeated === undefined ? {} : { repeated };
  return { ...whole, standsFor: { objects: objects.length, rows, ...only, ...known } };
}

/** A slot in the place of all objects that it was made of; undefined where it is gone. */
export function toWholeSlot({ object, inputs, rows }: Slot, data: ObjectStore): PlannedObject | undefined {
  if (object === undefined) return undefined;
  return { store: data, object, layout: 'plain', standsFor: { objects: inputs.length, rows } };
}
