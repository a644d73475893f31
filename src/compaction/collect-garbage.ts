import { UserError } from '../errors.js';
import type { ScanPlan } from '../dataset/plan-scan.js';
import { checkWish, type DescriptionWish } from './describe-destination.js';
import { checkGcOutcome, type GcOutcome } from './gc-outcome.js';
import type { LookStores } from './look-at-slot.js';
import {
  planRemoval,
  type RemovableBatch,
  type RemovableObject,
  type RemovalLimits,
  type RemovalPlan,
} from './plan-removal.js';
import type { DestinationDescription } from './destination-description.js';
import { compareVersions } from './prepare-compaction.js';
import type { Candidate } from './plan-compaction.js';
import { purgeTrash, type PurgedTrash, type PurgeRequest } from './purge-trash.js';
import { readLedger, type Ledger } from './read-ledger.js';
import { RemovalCount } from './removal-count.js';
import { slotKey } from './slot-key.js';
import { SlotProver } from './slot-prover.js';
import type { SourceRemover } from './source-remover.js';

export interface GcRequest {
  /** Lists the source, without what belongs to a merged table. */
  readonly scan: () => Promise<ScanPlan>;
  /** Opens the destination and its ledger for reading. */
  readonly open: () => Promise<LookStores>;
  readonly destination: string;
  readonly description: DestinationDescription;
  readonly wish: DescriptionWish;
  readonly limits: RemovalLimits;
  /** Undefined: say what would be removed, and remove nothing. */
  readonly remover: SourceRemover | undefined;
  readonly trash: Omit<PurgeRequest, 'isSound' | 'isDry' | 'before'> | undefined;
  /** Told of each slot that was checked, before anything is removed for it, with how many of how many slots are done. */
  readonly onChecked: (slot: string, done: number, total: number) => void | Promise<void>;
}

/**
 * Removes merged objects from the source: those of which slot, plan and ledger agree, whose slot is proved anew, and which are
 * still the version that was merged. Any doubt leaves an object. The source is listed before the ledger is read, and what the
 * ledger does not know is never touched.
 * @throws UserError when the source cannot be listed or the ledger cannot be read
 */
export async function collectGarbage(request: GcRequest): Promise<GcOutcome> {
  const { destination, description, wish, limits } = request;
  checkWish(description, wish, destination);
  const scan = await request.scan();
  const stores = await request.open();
  const ledger = await readLedger(stores);
  const plan = planRemoval(scan.objects, ledger, limits);
  const collecting = { request, prover: new SlotProver(stores), count: new RemovalCount() };
  await leaveAll(plan, ledger, collecting.count);
  const ended = await removeAll(plan.batches, collecting);
  // Purged behind the removals: what they have put into the trash is too young.
  const trash = ended === undefined ? await purge(ledger, collecting.prover, request) : undefined;
  const outcome = { destination, candidates: countCandidates(plan), ...collecting.count.result(), ended, trash };
  const trouble = checkGcOutcome(outcome);
  if (trouble !== undefined) throw new Error(`the accounting does not add up: ${trouble}`);
  return outcome;
}

async function leaveAll({ left, otherVersion }: RemovalPlan, ledger: Ledger, count: RemovalCount): Promise<void> {
  for (const { candidate, why } of left) count.leave([candidate], why);
  const { changed, rewritten, unreadable } = await compareVersions(otherVersion, ledger);
  count.leave(changed, 'changed after merging');
  count.leave(rewritten, 'written again with the same bytes');
  for (const { key } of unreadable) count.leaveKey(key, 'cannot be read');
}

function countCandidates({ batches, left, otherVersion }: RemovalPlan): number {
  return left.length + otherVersion.length + batches.reduce((sum, { objects }) => sum + objects.length, 0);
}

/** What may go goes nowhere. */
const DRY: SourceRemover = {
  remove: ({ objects }) => Promise.resolve(objects.map(() => ({ kind: 'removed' }))),
};

interface Collecting {
  readonly request: GcRequest;
  readonly prover: SlotProver;
  readonly count: RemovalCount;
}

/** One slot after the other. The first failure of a store ends it; gives its message then. */
async function removeAll(batches: readonly RemovableBatch[], collecting: Collecting): Promise<string | undefined> {
  let ended: string | undefined;
  for (const [index, batch] of batches.entries()) {
    try {
      if (ended === undefined) {
        await removeBatch(batch, collecting, { done: index + 1, total: batches.length });
        continue;
      }
    } catch (error) {
      // Removers tell of each object; what is thrown came before any was touched.
      if (!(error instanceof UserError)) throw error;
      ended = error.message;
    }
    collecting.count.leave(candidatesOf(batch.objects), 'not reached');
  }
  return ended;
}

async function removeBatch(
  { slot, objects }: RemovableBatch,
  { request, prover, count }: Collecting,
  { done, total }: { readonly done: number; readonly total: number },
): Promise<void> {
  const key = slotKey(slot);
  const { problems, holds } = await prover.prove(slot);
  await request.onChecked(key, done, total);
  const isProved = ({ input }: RemovableObject): boolean => problems.length === 0 && holds(input);
  const proved = objects.filter(isProved);
  const results = proved.length === 0 ? [] : await (request.remover ?? DRY).remove({ slot, objects: proved });
  count.checked(problems);
  count.add(proved, key, results);
  const unproved = objects.filter((object) => !isProved(object));
  count.leave(candidatesOf(unproved), 'slot not as written');
}

function candidatesOf(objects: readonly RemovableObject[]): Candidate[] {
  return objects.map(({ candidate }) => candidate);
}

async function purge(ledger: Ledger, prover: SlotProver, request: GcRequest): Promise<PurgedTrash | undefined> {
  const { trash, limits, remover } = request;
  if (trash === undefined) return undefined;
  const slots = new Map(ledger.slots.map((slot) => [slot.batchId, slot]));
  const isSound = async (batchId: string): Promise<boolean> => {
    const slot = slots.get(batchId);
    return slot !== undefined && (await prover.prove(slot)).problems.length === 0;
  };
  return purgeTrash({ ...trash, isSound, isDry: remover === undefined, before: limits.now - limits.graceMs });
}
