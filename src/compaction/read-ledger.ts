import type { ObjectStore, PrefixVerdict, StoredObject } from '../storage/object-store.js';
import { decodePlan, type BatchInput } from './batch-plan.js';
import { decodeCommit } from './commit-record.js';
import { findSlots, type FoundSlot } from './find-slots.js';
import { inParallel } from './in-parallel.js';
import { readWhole } from './read-whole.js';
import { readSlotFacts } from './slot-facts.js';
import { planKey, type SlotPlace } from './slot-key.js';
import { cannotRead, explained, explainedAsync } from './unreadable-ledger.js';

/** A slot with what went into it. */
export interface Slot extends SlotPlace {
  readonly batchId: string;
  readonly planSha256: string;
  readonly rows: number;
  readonly fingerprint: string;
  readonly engine: string;
  readonly inputs: readonly BatchInput[];
  /** The slot itself; undefined where it is gone (expired by retention) and only the ledger knows it. */
  readonly object: StoredObject | undefined;
  /** The copy of its facts in the ledger, where there is one. */
  readonly copy?: StoredObject;
  /** The copy of its facts is in the ledger. */
  readonly isRecorded: boolean;
  /** The hash of its bytes, where the ledger's copy has it. */
  readonly sha256: string | undefined;
}

/** An input with the slot that it is in. */
export interface ConsumedInput {
  readonly input: BatchInput;
  readonly slot: Slot;
}

/** What a destination holds, as far as it was looked into. */
export interface Ledger {
  readonly slots: readonly Slot[];
  /** By exact key. */
  readonly consumed: ReadonlyMap<string, readonly ConsumedInput[]>;
  /** Objects below the destination that are no slots. */
  readonly others: readonly StoredObject[];
  /** The number of the next slot of a partition. */
  next(partition: string): number;
}

export interface LedgerStores {
  /** The destination; undefined where there is none yet. */
  readonly data: ObjectStore | undefined;
  /** Its ledger; undefined where there is none yet. */
  readonly ledger: ObjectStore | undefined;
  /** Small objects of the ledger by key. */
  readonly get: (key: string) => Promise<Uint8Array | undefined>;
}

/** How many slots' facts are asked for at once. */
const IN_FLIGHT = 32;

/**
 * Reads which slots there are and what went into them. To be called after the sources were listed: what a listing lacks
 * because it was merged and removed is then found here.
 * @param judge which partitions are looked into
 * @throws UserError when a slot or what the ledger holds of it cannot be read: never is anything taken to be empty
 */
export async function readLedger(
  { data, ledger, get }: LedgerStores,
  judge: (prefix: string) => PrefixVerdict = () => 'descend',
): Promise<Ledger> {
  const { slots: found, others: foreign } = await findSlots({ data, ledger }, judge);
  const recorded = ledger === undefined ? [] : await readCommits(found, ledger);
  const others = found.filter(({ commit }) => commit === undefined);
  const unrecorded = await inParallel(others, IN_FLIGHT, (one) => readUnrecorded(one, { data, get }));
  const slots = [...recorded, ...unrecorded].sort(byPlace);
  return { slots, consumed: consumedBy(slots), others: foreign, next: nextOf(slots) };
}

/** One after the other, as stores give their objects; those that are far away fetch ahead. */
async function readCommits(found: readonly FoundSlot[], ledger: ObjectStore): Promise<Slot[]> {
  ledger.expect?.(found.flatMap(({ commit }) => commit ?? []));
  const slots: Slot[] = [];
  for (const { place, object, commit } of found) {
    if (commit === undefined) continue;
    const bytes = await explainedAsync(`${ledger.name}${commit.key}`, () => readWhole(ledger, commit));
    const record = explained(`${ledger.name}${commit.key}`, () => decodeCommit(bytes));
    const sha256 = record.sha256 === '' ? undefined : record.sha256;
    slots.push({ ...place, object, copy: commit, ...record, isRecorded: true, sha256 });
  }
  return slots;
}

/** A slot whose copy is not written yet, or never was: it says itself which plan it was made by. */
async function readUnrecorded(
  { place, object }: FoundSlot,
  { data, get }: Pick<LedgerStores, 'data' | 'get'>,
): Promise<Slot> {
  if (data === undefined || object === undefined) throw new Error('a slot was found that nobody has listed');
  const name = `${data.name}${object.key}`;
  const facts = await explainedAsync(name, () => readSlotFacts(data, object));
  const plan = await get(planKey(facts.batchId));
  if (plan === undefined) throw cannotRead(name, `the ledger has no ${planKey(facts.batchId)}`);
  const { inputs } = explained(planKey(facts.batchId), () => decodePlan(plan, facts.planSha256));
  return { ...place, object, ...facts, inputs, isRecorded: false, sha256: undefined };
}

function byPlace(a: SlotPlace, b: SlotPlace): number {
  return a.partition === b.partition ? a.number - b.number : a.partition < b.partition ? -1 : 1;
}

function consumedBy(slots: readonly Slot[]): ReadonlyMap<string, readonly ConsumedInput[]> {
  const consumed = new Map<string, ConsumedInput[]>();
  for (const slot of slots) {
    for (const input of slot.inputs) {
      const known = consumed.get(input.key);
      if (known === undefined) consumed.set(input.key, [{ input, slot }]);
      else known.push({ input, slot });
    }
  }
  return consumed;
}

function nextOf(slots: readonly Slot[]): Ledger['next'] {
  const last = new Map<string, number>();
  for (const { partition, number } of slots) last.set(partition, Math.max(number, last.get(partition) ?? 0));
  return (partition) => (last.get(partition) ?? 0) + 1;
}
