import type { DestinationDescription } from './destination-description.js';
import type { Candidate } from './plan-compaction.js';
import type { PreparedCompaction } from './prepare-compaction.js';
import type { Slot } from './read-ledger.js';

/**
 * What an object of the source is: `late` is what is to be merged into a partition that has slots, `pending` into another one,
 * `empty` has no byte and will never be merged.
 */
export const OBJECT_STATES = [
  'merged',
  'pending',
  'late',
  'too young',
  'empty',
  'changed after merging',
  'merged file gone',
] as const;
export type ObjectState = (typeof OBJECT_STATES)[number];

export interface ObjectCount {
  readonly objects: number;
  readonly bytes: number;
}

/** The slots of a partition, or of all, and what became of the objects that are in them. */
export interface SlotCount {
  readonly slots: number;
  readonly rows: number;
  /** Of the slots that are there. */
  readonly bytes: number;
  /** Objects that are merged, whether they are still there or not. */
  readonly inputs: number;
  /** Of them, those that had no record. */
  readonly withoutRecords: number;
  /** Records that were put aside when they were merged. */
  readonly quarantined: number;
}

export interface PartitionStatus {
  readonly partition: string;
  readonly slots: SlotCount;
  readonly objects: Readonly<Record<ObjectState, ObjectCount>>;
}

/** How far the merging of a source is, as listings and the ledger tell. */
export interface TableStatus {
  readonly description: DestinationDescription;
  /** False where nothing was merged yet, and the description is what a run would make of the source. */
  readonly isMade: boolean;
  readonly slots: SlotCount;
  /** Objects of the source that was listed, without those that are skipped or cannot be read. */
  readonly objects: Readonly<Record<ObjectState, ObjectCount>>;
  readonly skipped: number;
  readonly unreadable: number;
  /** Merged objects that are not there any more. */
  readonly removed: number;
  /** By their names. */
  readonly partitions: readonly PartitionStatus[];
  readonly changed: readonly string[];
}

/** Counts what is merged and what is not, in all and by partition. */
export function tableStatus(prepared: PreparedCompaction): TableStatus {
  const { description, isDescribed, scan, ledger, changed, unreadable } = prepared;
  const states = statesOf(prepared);
  const names = new Set([...ledger.slots, ...states.map(([candidate]) => candidate)].map(({ partition }) => partition));
  const slots = groupBy(ledger.slots, ({ partition }) => partition);
  const objects = groupBy(states, ([{ partition }]) => partition);
  return {
    description,
    isMade: isDescribed,
    slots: countSlots(ledger.slots),
    objects: countObjects(states),
    skipped: scan.skipped.length,
    unreadable: scan.failed.length + unreadable.length,
    removed: countRemoved(prepared),
    partitions: [...names].sort().map((partition) => ({
      partition,
      slots: countSlots(slots.get(partition) ?? []),
      objects: countObjects(objects.get(partition) ?? []),
    })),
    changed: changed.map(({ object }) => object.key),
  };
}

type State = readonly [Candidate, ObjectState];

function statesOf({ plan, changed, rewritten, ledger }: PreparedCompaction): State[] {
  const begun = new Set(ledger.slots.map(({ partition }) => partition));
  const pending = [...plan.batches.flatMap(({ inputs }) => inputs), ...plan.waiting];
  const stateOf = ({ object, partition }: Candidate): ObjectState =>
    object.size === 0 ? 'empty' : begun.has(partition) ? 'late' : 'pending';
  const all = (candidates: readonly Candidate[], state: ObjectState): State[] =>
    candidates.map((candidate) => [candidate, state]);
  return [
    ...all([...plan.merged, ...rewritten], 'merged'),
    ...pending.map((candidate): State => [candidate, stateOf(candidate)]),
    ...all(plan.tooYoung, 'too young'),
    ...all(changed, 'changed after merging'),
    ...all(plan.slotGone, 'merged file gone'),
  ];
}

/** Only a listing of all tells what is not there any more. */
function countRemoved({ ledger, plan }: PreparedCompaction): number {
  const known = [...plan.merged, ...plan.slotGone, ...plan.otherVersion];
  return ledger.consumed.size - new Set(known.map(({ exactKey }) => exactKey)).size;
}

function countSlots(slots: readonly Slot[]): SlotCount {
  const inputs = slots.flatMap((slot) => slot.inputs);
  return {
    slots: slots.length,
    rows: sumOf(slots, ({ rows }) => rows),
    bytes: sumOf(slots, ({ object }) => object?.size ?? 0),
    inputs: inputs.length,
    withoutRecords: inputs.filter(({ rows }) => rows === 0).length,
    quarantined: sumOf(inputs, ({ quarantined }) => quarantined),
  };
}

function countObjects(states: readonly State[]): Record<ObjectState, ObjectCount> {
  const counts = Object.fromEntries(OBJECT_STATES.map((state) => [state, { objects: 0, bytes: 0 }]));
  for (const [{ object }, state] of states) {
    const count = counts[state]!;
    count.objects++;
    count.bytes += object.size;
  }
  return counts as Record<ObjectState, ObjectCount>;
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

function sumOf<T>(items: readonly T[], pick: (item: T) => number): number {
  return items.reduce((sum, item) => sum + pick(item), 0);
}
