import { isDeepStrictEqual } from 'node:util';
import { UserError } from '../errors.js';
import type { ObjectStore } from '../storage/object-store.js';
import type { ObjectFacts, WritableStore } from '../storage/writable-store.js';
import { decodePlan, type BatchPlan } from './batch-plan.js';
import { decodeCommit, type CommitRecord } from './commit-record.js';
import type { FoundSlot, ListedStores } from './find-slots.js';
import { factsFromMetadata, readSlotFacts, type SlotFacts } from './slot-facts.js';
import { commitKey, planKey, slotKey } from './slot-key.js';
import { reasonOf, type SlotProblem, type SlotProblemKind } from './slot-problem.js';

/** Where slots are looked at. */
export interface LookStores extends ListedStores {
  /** Small objects of the ledger by key. */
  readonly get: (key: string) => Promise<Uint8Array | undefined>;
  /** What the store says of a slot. */
  readonly slots: Pick<WritableStore, 'facts'>;
}

/** What a slot, its plan and the copy of its facts say, as far as they can be read; the slot's bytes were not looked at. */
export interface SlotLook {
  readonly found: FoundSlot;
  readonly key: string;
  readonly stored: ObjectFacts | undefined;
  readonly facts: SlotFacts | undefined;
  readonly plan: BatchPlan | undefined;
  readonly copy: CommitRecord | undefined;
  readonly problems: readonly SlotProblem[];
}

/**
 * Looks whether a slot is there, and whether it, its plan and the copy of its facts say the same.
 * @throws UserError when the store cannot be asked: that says nothing of the slot
 */
export async function lookAtSlot(found: FoundSlot, stores: LookStores): Promise<SlotLook> {
  const look = new Look(found);
  const copy = await look.tryTo('copy', () => readCopy(found, stores));
  const stored = await look.tryTo('damaged', () => stores.slots.facts(look.key));
  const facts = stored && (await look.tryTo('damaged', () => readFacts(found, stored, stores.data)));
  const plan = facts && (await look.tryTo('plan', () => readPlan(facts, stores)));
  if (stored === undefined && look.problems.length === 0)
    look.note('missing', 'it is not there any more; the ledger has only the copy of its facts');
  if (facts && plan) look.compare('plan', 'its plan', differences(expectedOfPlan(facts, found), { ...plan }));
  if (plan && plan.rows !== rowsOf(plan)) look.note('plan', 'the rows of its objects do not add up');
  if (facts && plan && copy && stored)
    look.compare('copy', commitKey(found.place), differences(expectedOfCopy(facts, plan, stored), { ...copy }));
  return { found, key: look.key, stored, facts, plan, copy, problems: look.problems };
}

class Look {
  readonly key: string;
  readonly problems: SlotProblem[] = [];

  constructor({ place }: FoundSlot) {
    this.key = slotKey(place);
  }

  note(kind: SlotProblemKind, reason: string): void {
    this.problems.push({ slot: this.key, kind, reason });
  }

  compare(kind: SlotProblemKind, what: string, different: readonly string[]): void {
    if (different.length > 0) this.note(kind, `${what} says something else: ${different.join(', ')}`);
  }

  async tryTo<T>(kind: SlotProblemKind, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof UserError || !(error instanceof Error)) throw error;
      this.note(kind, error.message);
      return undefined;
    }
  }
}

async function readCopy({ commit, place }: FoundSlot, { get }: LookStores): Promise<CommitRecord | undefined> {
  if (commit === undefined) return undefined;
  const key = commitKey(place);
  const bytes = await get(key);
  if (bytes === undefined) throw new Error(`${key} is gone`);
  try {
    return decodeCommit(bytes);
  } catch (error) {
    throw new Error(`${key} cannot be read: ${reasonOf(error)}`, { cause: error });
  }
}

async function readFacts(
  { object }: FoundSlot,
  { metadata }: ObjectFacts,
  data: ObjectStore | undefined,
): Promise<SlotFacts | undefined> {
  const facts = factsFromMetadata(metadata);
  if (facts !== undefined) return facts;
  if (object === undefined || data === undefined) throw new Error('a listing does not show it');
  return readSlotFacts(data, object);
}

async function readPlan({ batchId, planSha256 }: SlotFacts, { get }: LookStores): Promise<BatchPlan> {
  const key = planKey(batchId);
  const bytes = await get(key);
  if (bytes === undefined) throw new Error(`the ledger has no ${key}`);
  try {
    return decodePlan(bytes, planSha256);
  } catch (error) {
    throw new Error(`${key}: ${reasonOf(error)}`, { cause: error });
  }
}

function expectedOfPlan({ batchId, rows, fingerprint }: SlotFacts, { place }: FoundSlot): Record<string, unknown> {
  return { batchId, rows, fingerprint, partition: place.partition };
}

function expectedOfCopy(facts: SlotFacts, { inputs }: BatchPlan, stored: ObjectFacts): Record<string, unknown> {
  return { ...facts, inputs, size: stored.size };
}

function rowsOf({ inputs }: BatchPlan): number {
  return inputs.reduce((sum, { rows }) => sum + rows, 0);
}

/** The names of the members that are not as expected. */
function differences(expected: Record<string, unknown>, has: Record<string, unknown>): string[] {
  return Object.keys(expected).filter((name) => !isDeepStrictEqual(expected[name], has[name]));
}
