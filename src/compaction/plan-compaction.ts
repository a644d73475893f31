import type { PlannedObject } from '../dataset/plan-scan.js';
import type { BatchInput } from './batch-plan.js';
import type { Ledger } from './read-ledger.js';

/** An object of the source with what the planning looks at. */
export interface Candidate extends PlannedObject {
  /** The exact key below the source. */
  readonly exactKey: string;
  /** Where its rows go. */
  readonly partition: string;
}

export interface CompactionLimits {
  /** A partition with fewer objects to merge waits for more. */
  readonly minFiles: number;
  /** Younger objects may still be written to; in milliseconds. */
  readonly minAgeMs: number;
  /** A partition whose oldest object waits this long is merged however few there are; in milliseconds. */
  readonly maxWaitMs: number;
  /** About how large a slot is to be, in bytes. */
  readonly targetBytes: number;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** What becomes one slot. */
export interface PlannedBatch {
  readonly partition: string;
  readonly inputs: readonly Candidate[];
  /** Bytes as stored. */
  readonly bytes: number;
  /** A guess at the slot's size. */
  readonly expectedBytes: number;
}

/** What a run would do, as far as listings tell. */
export interface CompactionPlan {
  readonly batches: readonly PlannedBatch[];
  /** Objects that are merged already and unchanged. */
  readonly merged: readonly Candidate[];
  readonly tooYoung: readonly Candidate[];
  /** Objects whose slot is gone: their rows are in no file any more, and would be doubled if it came back. */
  readonly slotGone: readonly Candidate[];
  /** Objects of partitions that wait for more. */
  readonly waiting: readonly Candidate[];
  /** Objects of which an earlier version is merged: only their bytes tell whether they changed. */
  readonly otherVersion: readonly Candidate[];
}

/** More inputs make a plan that takes long to read. */
const MAX_INPUTS = 20_000;
/** Unpacked bytes of one slot: more would not fit into the engine's memory without spilling for long. */
const MAX_UNPACKED_BYTES = 2_000_000_000;
/** What logs of repeated JSON shrink to, measured on recorded calls and CloudTrail: packed files, plain files. */
const PACKED = { stored: 0.9, unpacked: 14 } as const;
const PLAIN = { stored: 0.07, unpacked: 1 } as const;

/**
 * Decides what is merged: what is listed and not consumed, old enough, by partition, in slots of about the target size.
 * The order of the objects does not matter.
 */
export function planCompaction(
  candidates: readonly Candidate[],
  ledger: Ledger,
  limits: CompactionLimits,
): CompactionPlan {
  const merged: Candidate[] = [];
  const slotGone: Candidate[] = [];
  const otherVersion: Candidate[] = [];
  const tooYoung: Candidate[] = [];
  const pending = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    const consumed = ledger.consumed.get(candidate.exactKey);
    if (consumed?.every(({ slot }) => slot.object === undefined) === true) slotGone.push(candidate);
    else if (consumed?.some(({ input }) => isVersion(candidate, input)) === true) merged.push(candidate);
    else if (consumed !== undefined) otherVersion.push(candidate);
    else if (isTooYoung(candidate, limits)) tooYoung.push(candidate);
    else pushTo(pending, candidate);
  }
  const ready = [...pending.values()].filter((group) => isReady(group, limits));
  const waiting = [...pending.values()].filter((group) => !isReady(group, limits)).flat();
  const batches = ready.flatMap((group) => cutBatches(group, limits)).sort(byPartition);
  return { batches, merged, slotGone, tooYoung, waiting, otherVersion };
}

/**
 * Whether an object is the one that was merged. Of files the inode, size and time of writing count; the device's number and the
 * time of other changes move without the content: by another mount, a link, a change of permissions.
 */
export function isVersion({ store, object }: Pick<Candidate, 'store' | 'object'>, { version }: BatchInput): boolean {
  if (object.version === version) return true;
  return store.localPath !== undefined && contentVersion(object.version) === contentVersion(version);
}

/** `device:inode:size:written:changed` without its first and its last part. */
function contentVersion(version: string): string {
  return version.split(':').slice(1, -1).join(':');
}

function pushTo(groups: Map<string, Candidate[]>, candidate: Candidate): void {
  const group = groups.get(candidate.partition);
  if (group === undefined) groups.set(candidate.partition, [candidate]);
  else group.push(candidate);
}

/** Without a least age, a store's clock that goes ahead of ours makes nothing too young. */
function isTooYoung(candidate: Candidate, limits: CompactionLimits): boolean {
  return limits.minAgeMs > 0 && ageOf(candidate, limits) < limits.minAgeMs;
}

function ageOf({ object: { modified = -Infinity } }: Candidate, { now }: CompactionLimits): number {
  return now - modified;
}

function isReady(group: readonly Candidate[], limits: CompactionLimits): boolean {
  return group.length >= limits.minFiles || group.some((one) => ageOf(one, limits) >= limits.maxWaitMs);
}

function cutBatches(group: readonly Candidate[], { targetBytes }: CompactionLimits): PlannedBatch[] {
  const sorted = [...group].sort((a, b) => (a.exactKey < b.exactKey ? -1 : 1));
  const batches: PlannedBatch[] = [];
  let cut: Candidate[] = [];
  let expected = 0;
  let unpacked = 0;
  const close = (): void => {
    if (cut.length > 0) batches.push(toBatch(cut, expected));
    cut = [];
    expected = 0;
    unpacked = 0;
  };
  for (const candidate of sorted) {
    const { size } = candidate.object;
    const shrinks = isPacked(candidate) ? PACKED : PLAIN;
    const isFull = expected + size * shrinks.stored > targetBytes || cut.length === MAX_INPUTS;
    if (isFull || unpacked + size * shrinks.unpacked > MAX_UNPACKED_BYTES) close();
    cut.push(candidate);
    expected += size * shrinks.stored;
    unpacked += size * shrinks.unpacked;
  }
  close();
  return batches;
}

/** About how many bytes the inputs of a batch come to when they are unpacked. */
export function unpackedBytes({ inputs }: PlannedBatch): number {
  return inputs.reduce((sum, one) => sum + one.object.size * (isPacked(one) ? PACKED : PLAIN).unpacked, 0);
}

/** A guess by the name, for the sizes alone: what a body is its bytes tell. */
function isPacked({ object: { key } }: Candidate): boolean {
  return /\.(?:gz|gzip|zst|zstd)$/i.test(key);
}

function toBatch(inputs: readonly Candidate[], expected: number): PlannedBatch {
  const bytes = inputs.reduce((sum, { object }) => sum + object.size, 0);
  return { partition: inputs[0]!.partition, inputs, bytes, expectedBytes: Math.ceil(expected) };
}

function byPartition(a: PlannedBatch, b: PlannedBatch): number {
  if (a.partition !== b.partition) return a.partition < b.partition ? -1 : 1;
  return a.inputs[0]!.exactKey < b.inputs[0]!.exactKey ? -1 : 1;
}
