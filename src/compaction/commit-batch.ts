import { UserError } from '../errors.js';
import { StoreFailure, type CreateBody, type WritableStore } from '../storage/writable-store.js';
import { decodePlan, type BatchPlan, type EncodedPlan } from './batch-plan.js';
import { encodeCommit, type CommitRecord } from './commit-record.js';
import { readFooter, factsFromMetadata, factsToMetadata, type SlotFacts } from './slot-facts.js';
import { commitKey, planKey, slotKey, type SlotPlace } from './slot-key.js';

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
  /** The number that follows the slots that were there when the batch was planned. */
  readonly next: number;
  /** Told of each step that is done. */
  readonly onStep: (step: CommitStep) => void;
  /** Milliseconds from any point in time. */
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
  const { stores, onStep, now } = options;
  const planned = now();
  await createPlan(stores.ledger, batch);
  onStep('planned');
  for (let number = options.next; ; number++) {
    if (now() - planned > MAX_PLAN_AGE_MS) throw tooLate(batch);
    const place = { partition: batch.plan.partition, number };
    const holder = await takeSlot(batch, place, options);
    if (holder.batchId === batch.plan.batchId) {
      onStep('committed');
      const checksum = await checkSlot(batch, place, stores);
      onStep('checked');
      await stores.ledger.create(commitKey(place), { bytes: encodeCommit({ ...recordOf(batch), ...checksum }) });
      onStep('recorded');
      return { kind: 'committed', place };
    }
    if (await sharesInputs(batch, holder, stores)) return { kind: 'overtaken' };
  }
}

/** A plan that exists already is this one, whose reply was lost: no slot may be stored before that is certain. */
async function createPlan(ledger: WritableStore, { plan, encoded }: WrittenBatch): Promise<void> {
  const key = planKey(plan.batchId);
  if ((await ledger.create(key, { bytes: encoded.bytes })) === 'created') return;
  const stored = await ledger.get(key);
  if (stored === undefined || !Buffer.from(stored).equals(encoded.bytes)) throw neverStored(`${ledger.name}${key}`);
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
    if (attempt >= ATTEMPTS) throw outcome === 'exists' ? neverStored(stores.slots.name + slotKey(place)) : outcome;
    await wait(FIRST_DELAY_MS * 2 ** attempt);
  }
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
  const facts = pathOf === undefined ? factsFromMetadata(stored.metadata) : await readFooter(pathOf(key));
  if (facts === undefined) {
    throw new UserError(`${slots.name}${key} is not one of awsusage's: it does not say which batch it holds`, {
      wayOut: 'Give another destination with --to, or move the object away.',
      exitCode: 'conflict',
    });
  }
  return facts;
}

async function sharesInputs(
  { plan }: WrittenBatch,
  holder: SlotFacts,
  { ledger }: DestinationStores,
): Promise<boolean> {
  const bytes = await ledger.get(planKey(holder.batchId));
  if (bytes === undefined) {
    throw new UserError(`${ledger.name} lacks ${planKey(holder.batchId)}, which tells what a slot is made of`, {
      wayOut: 'Restore the ledger (a backup has to hold the .ledger folder, too).',
      exitCode: 'conflict',
    });
  }
  const own = new Set(plan.inputs.map(({ key }) => key));
  return decodePlan(bytes, holder.planSha256).inputs.some(({ key }) => own.has(key));
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

function neverStored(name: string): UserError {
  return new UserError(`The store says that ${name} is taken, but there is none, or another one than was written`, {
    wayOut: 'Nothing is lost: the next run tries again. Look after the server, or give another destination with --to.',
    exitCode: 'conflict',
  });
}

function tooLate({ plan }: WrittenBatch): UserError {
  return new UserError(`A batch of ${plan.inputs.length} objects was given up: an hour went by before it was stored`, {
    wayOut: 'Nothing is lost: the next run merges them.',
    exitCode: 'conflict',
  });
}
