import type { PlannedObject } from '../dataset/plan-scan.js';
import type { BatchInput } from './batch-plan.js';
import { exactKey } from './exact-key.js';
import type { Candidate } from './plan-compaction.js';
import type { Ledger, Slot } from './read-ledger.js';

/** Why a merged object is left where it is. */
export type LeaveReason =
  | 'within the grace period'
  | 'with quarantined records'
  | 'with records that are no calls'
  | 'in several slots'
  | 'slot not recorded'
  | 'slot missing'
  | 'slot not as written'
  | 'written again with the same bytes'
  | 'changed after merging'
  | 'cannot be read'
  | 'not reached';

/** A merged object that may go, with what was merged of it. */
export interface RemovableObject {
  readonly candidate: Candidate;
  readonly input: BatchInput;
}

export interface LeftObject {
  readonly candidate: Candidate;
  readonly why: LeaveReason;
}

/** What may be removed of one slot's inputs. */
export interface RemovableBatch {
  readonly slot: Slot;
  readonly objects: readonly RemovableObject[];
}

export interface RemovalPlan {
  readonly batches: readonly RemovableBatch[];
  readonly left: readonly LeftObject[];
  /** Of another version than the one that was merged: only their bytes tell whether they changed. */
  readonly otherVersion: readonly Candidate[];
}

export interface RemovalLimits {
  /** So long after its slot was recorded an object stays; in milliseconds. */
  readonly graceMs: number;
  /** Epoch milliseconds. */
  readonly now: number;
}

/**
 * Decides which listed objects may go, as far as the ledger tells: those that are in a slot, in exactly this version, with all
 * of their records. What the ledger does not know is no candidate.
 */
export function planRemoval(objects: readonly PlannedObject[], ledger: Ledger, limits: RemovalLimits): RemovalPlan {
  const batches = new Map<Slot, RemovableObject[]>();
  const left: LeftObject[] = [];
  const otherVersion: Candidate[] = [];
  for (const planned of objects) {
    const key = exactKey(planned.store, planned.object);
    const [consumed, ...more] = ledger.consumed.get(key) ?? [];
    if (consumed === undefined) continue;
    const { slot, input } = consumed;
    const candidate = { ...planned, exactKey: key, partition: slot.partition };
    const why = more.length > 0 ? 'in several slots' : reasonToLeave(slot, input, limits);
    if (why === undefined && isOtherVersion(candidate, input)) otherVersion.push(candidate);
    else if (why === undefined) pushTo(batches, slot, { candidate, input });
    else left.push({ candidate, why });
  }
  return { batches: [...batches].map(([slot, removable]) => ({ slot, objects: removable })), left, otherVersion };
}

function reasonToLeave(slot: Slot, input: BatchInput, { graceMs, now }: RemovalLimits): LeaveReason | undefined {
  if (slot.object === undefined) return 'slot missing';
  if (slot.copy === undefined) return 'slot not recorded';
  // The later of the two: the copy is written after the slot, and a restored slot is a new one.
  const since = Math.max(slot.object.modified ?? Infinity, slot.copy.modified ?? Infinity);
  // Without a grace period, a store's clock that goes ahead of ours keeps nothing.
  if (since === Infinity || (graceMs > 0 && now - since < graceMs)) return 'within the grace period';
  if (input.quarantined > 0) return 'with quarantined records';
  return input.passedOver > 0 ? 'with records that are no calls' : undefined;
}

function isOtherVersion({ object }: Candidate, { version, size }: BatchInput): boolean {
  return object.version !== version || object.size !== size;
}

function pushTo(batches: Map<Slot, RemovableObject[]>, slot: Slot, removable: RemovableObject): void {
  const batch = batches.get(slot);
  if (batch === undefined) batches.set(slot, [removable]);
  else batch.push(removable);
}
