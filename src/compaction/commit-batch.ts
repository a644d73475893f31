import { UserError } from '../errors.js';
import { StoreFailure, type CreateBody, type WritableStore } from '../storage/writable-store.js';
import { decodePlan, type BatchPlan, type EncodedPlan } from './batch-plan.js';
import { encodeCommit, type CommitRecord } from './commit-record.js';
import { ShapeError } from './json-shape.js';
import { readFooter, factsFromMetadata, factsToMetadata, type SlotFacts } from './slot-facts.js';
import { commitKey, planKey, slotKey, type SlotPlace } from './slot-key.js';
import type { SlotHolder, SlotNumbers } from './slot-numbers.js';

/** Where a destination is written. */
export interface DestinationStores {
  readonly slots: WritableStore;
  readonly ledger: WritableStore;
  /** The path of a slot on this machine; undefined where slots carry metadata. */
  readonly pathOf: ((key: string) => Buffer) | undefined;
}

/** A batch whose rows are in a file that was read back and found right. */
export interface WrittenBatch {
  readonly plan: BatchPlan;
  readonly encoded: EncodedPlan;
  readonly body: { readonly file: string };
  /** The file's bytes, and their hash. */
  readonly size: number;
  readonly sha256: string;
  readonly engine: string;
}

export interface CommitOptions {
  readonly stores: DestinationStores;
  /** What this run knows of slots; told of every one that is met or taken here. */
  readonly numbers: SlotNumbers;
  /** Told of each step that is done. */
  readonly onStep: (step: CommitStep) => void;
  /** Epoch milliseconds: a clock that goes on while the machine sleeps. */
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
}

export type CommitStep = 'planned' | 'committed' | 'checked' | 'recorded';

/** What came of a batch: a slot, or nothing because another run has merged some of its inputs. */
export type CommitResult = { readonly kind: 'committed'; readonly place: SlotPlace } | { readonly kind: 'overtaken' };

/** A run that was stopped for longer between its plan and its slot gives up: others may have given up on it. */
const MAX_PLAN_AGE_MS = 3_600_000;
/** How often a slot whose fate is unknown, and that is not there, is written again. */
const ATTEMPTS = 5;
const FIRST_DELAY_MS = 200;

/**
 * Makes a written batch visible: its plan, then its slot by create-if-absent, then a copy of the slot's facts. A slot that is
 * taken is looked into: it may be this batch's own, whose reply was lost; where it holds some of the same inputs the batch is
 * given up, else the next number is tried.
 * @throws StoreFailure when the store fails for good, UserError when what it stored is not what was written
 */
export async function commitBatch(batch: WrittenBatch, options: CommitOptions): Promise<CommitResult> {
  const { stores, onStep, now, numbers } = options;
  const { partition, batchId } = batch.plan;
  const planned = now();
  await createPlan(stores.ledger, batch);
  onStep('planned');
  for (let number = numbers.first(partition); ; number++) {
    if (now() - planned > MAX_PLAN_AGE_MS) throw tooLate(batch);
    const place = { partition, number };
    const known = numbers.holderOf(place);
    const taken = known === undefined ? await takeSlot(batch, place, options) : undefined;
    if (taken?.batchId === batchId) {
      numbers.holds(place, 'this run');
      await recordSlot(batch, place, options);
      return { kind: 'committed', place };
    }
    const holder = known ?? (await inputsOf(taken, stores));
    numbers.holds(place, holder);
    if (sharesInputs(batch, holder)) return { kind: 'overtaken' };
  }
}

async function recordSlot(batch: WrittenBatch, place: SlotPlace, { stores, onStep }: CommitOptions): Promise<void> {
  onStep('committed');
  const checksum = await checkSlot(batch, place, stores);
  onStep('checked');
  await stores.ledger.create(commitKey(place), { bytes: encodeCommit({ ...recordOf(batch), ...checksum }) });
  onStep('recorded');
}

/** A plan that exists already is this one, whose reply was lost: no slot may be stored before that is certain. */
async function createPlan(ledger: WritableStore, { plan, encoded }: WrittenBatch): Promise<void> {
  const key = planKey(plan.batchId);
  if ((await ledger.create(key, { bytes: encoded.bytes })) === 'created') return;
  const stored = await ledger.get(key);
  if (stored === undefined || !Buffer.from(stored).equals(encoded.bytes)) throw unseen(`${ledger.name}${key}`);
}

/** Writes the slot and tells whose batch is in it then. */
async function takeSlot(batch: WrittenBatch, place: SlotPlace, options: CommitOptions): Promise<SlotFacts> {
  const { stores, wait } = options;
  const own = factsOf(batch);
  for (let attempt = 1; ; attempt++) {
    const outcome = await tryToCreate(stores.slots, place, batch.body, own);
    if (outcome === 'created') return own;
    const holder = await readHolder(place, stores);
    if (holder !== undefined) return holder;
    if (attempt >= ATTEMPTS) throw outcome === 'exists' ? unseen(stores.slots.name + slotKey(place)) : outcome;
    await wait(FIRST_DELAY_MS * 2 ** attempt);
  }
}

/** A store that contradicts itself is not to be relied on. */
function unseen(name: string): UserError {
  return new UserError(`${name} exists by the one answer of its store and does not by the other`, {
    wayOut: 'Make sure that its objects may be read, too (s3:GetObject), and try again: nothing is lost.',
    exitCode: 'conflict',
  });
}

async function tryToCreate(
  slots: WritableStore,
  place: SlotPlace,
  body: CreateBody,
  facts: SlotFacts,
): Promise<'created' | 'exists' | StoreFailure> {
  try {
    return await slots.create(slotKey(place), body, factsToMetadata(facts));
  } catch (error) {
    if (error instanceof StoreFailure && error.outcome === 'unknown') return error;
    throw error;
  }
}

/** The facts of the slot as it is stored; undefined where there is none. */
async function readHolder(place: SlotPlace, { slots, pathOf }: DestinationStores): Promise<SlotFacts | undefined> {
  const key = slotKey(place);
  const stored = await slots.facts(key);
  if (stored === undefined) return undefined;
  try {
    const facts = pathOf === undefined ? factsFromMetadata(stored.metadata) : await readFooter(pathOf(key));
    if (facts !== undefined) return facts;
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
  }
  throw new UserError(`${slots.name}${key} is not one of awsusage's: it does not say which batch it holds`, {
    wayOut: 'Give another destination with --to, or move the object away.',
    exitCode: 'conflict',
  });
}

/** The exact keys of what is in the slot of another run. */
async function inputsOf(holder: SlotFacts | undefined, { ledger }: DestinationStores): Promise<ReadonlySet<string>> {
  if (holder === undefined) throw new Error('a slot that nobody holds was taken for another run’s');
  const bytes = await ledger.get(planKey(holder.batchId));
  if (bytes === undefined) {
    throw new UserError(`${ledger.name} lacks ${planKey(holder.batchId)}, which tells what a slot is made of`, {
      wayOut: 'Restore the ledger (a backup has to hold the .ledger folder, too).',
      exitCode: 'conflict',
    });
  }
  return new Set(decodePlan(bytes, holder.planSha256).inputs.map(({ key }) => key));
}

function sharesInputs({ plan }: WrittenBatch, holder: SlotHolder): boolean {
  return holder !== 'this run' && plan.inputs.some(({ key }) => holder.has(key));
}

/** Compares what the store says that it stored with what was written; gives the checksum that buckets keep. */
async function checkSlot(
  { body, size }: WrittenBatch,
  place: SlotPlace,
  { slots, pathOf }: DestinationStores,
): Promise<Pick<CommitRecord, 'crc64nvme'>> {
  const key = slotKey(place);
  if (await slots.holds(key, body, size)) return pathOf === undefined ? { crc64nvme: await checksumOf(body) } : {};
  throw new UserError(`${slots.name}${key} is not what was written to it (${size} bytes)`, {
    wayOut: 'Keep the source, look after the disk or the server, and run awsusage compact --verify.',
    exitCode: 'conflict',
  });
}

/** Only buckets keep such checksums, and only for them is the code loaded. */
async function checksumOf(body: CreateBody): Promise<string> {
  const { crc64nvmeOf } = await import('../storage/s3-crc64nvme.js');
  return crc64nvmeOf(body);
}

function factsOf({ plan, encoded, engine }: WrittenBatch): SlotFacts {
  const { batchId, rows, fingerprint } = plan;
  return { batchId, planSha256: encoded.sha256, rows, fingerprint, engine };
}

function recordOf(batch: WrittenBatch): CommitRecord {
  const { size, sha256, plan } = batch;
  return { ...factsOf(batch), size, sha256, inputs: plan.inputs };
}

function tooLate({ plan }: WrittenBatch): UserError {
  return new UserError(`A batch of ${plan.inputs.length} objects was given up: an hour went by before it was stored`, {
    wayOut: 'Nothing is lost: the next run merges them.',
    exitCode: 'conflict',
  });
}
