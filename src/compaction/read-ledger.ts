import type { ObjectStore, PrefixVerdict, StoredObject } from '../storage/object-store.js';
import { UserError } from '../errors.js';
import { decodePlan, type BatchInput } from './batch-plan.js';
import { decodeCommit } from './commit-record.js';
import { inParallel } from './in-parallel.js';
import { readSlotFacts } from './slot-facts.js';
import { parseCommitKey, parseSlotKey, planKey, type SlotPlace } from './slot-key.js';

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
  // In this order: a copy is written after its slot, so the slot of every copy that is listed here is there to be listed next.
  const commits = await listObjects(ledger, (prefix) => judgeLedger(prefix, judge));
  const listed = await listObjects(data, judge);
  const places = new Map<string, FoundSlot>();
  const foreign: StoredObject[] = [];
  for (const object of listed) {
    const place = parseSlotKey(object.key);
    if (place === undefined) foreign.push(object);
    else places.set(nameOf(place), { place, object });
  }
  for (const commit of commits) {
    const place = parseCommitKey(commit.key);
    if (place !== undefined) places.set(nameOf(place), { place, ...places.get(nameOf(place)), commit });
  }
  const found = [...places.values()];
  const recorded = ledger === undefined ? [] : await readCommits(found, ledger);
  const others = found.filter(({ commit }) => commit === undefined);
  const unrecorded = await inParallel(others, IN_FLIGHT, (one) => readUnrecorded(one, { data, get }));
  const slots = [...recorded, ...unrecorded].sort(byPlace);
  return { slots, consumed: consumedBy(slots), others: foreign, next: nextOf(slots) };
}

interface FoundSlot {
  readonly place: SlotPlace;
  readonly object?: StoredObject;
  readonly commit?: StoredObject;
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

/** One after the other, as stores give their objects; those that are far away fetch ahead. */
async function readCommits(found: readonly FoundSlot[], ledger: ObjectStore): Promise<Slot[]> {
  ledger.expect?.(found.flatMap(({ commit }) => commit ?? []));
  const slots: Slot[] = [];
  for (const { place, object, commit } of found) {
    if (commit === undefined) continue;
    const bytes = await readAll(ledger, commit);
    const record = explained(`${ledger.name}${commit.key}`, () => decodeCommit(bytes));
    const sha256 = record.sha256 === '' ? undefined : record.sha256;
    slots.push({ ...place, object, ...record, isRecorded: true, sha256 });
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

async function readAll(store: ObjectStore, object: StoredObject): Promise<Uint8Array> {
  return explainedAsync(`${store.name}${object.key}`, async () => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of store.read(object)) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks);
  });
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

async function explainedAsync<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Error && !(error instanceof UserError) ? cannotRead(what, error.message, error) : error;
  }
}

function explained<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof Error ? cannotRead(what, error.message, error) : error;
  }
}

function cannotRead(what: string, reason: string, cause?: Error): UserError {
  return new UserError(`Cannot read what is merged already: ${what}: ${reason}`, {
    wayOut:
      'Nothing was merged or counted without it. Mend or restore it (a backup has to hold the .ledger folder, too).',
    exitCode: 'conflict',
    cause,
  });
}
