import type { LeftOut, PlannedObject, ScanPlan } from '../dataset/plan-scan.js';
import { UserError } from '../errors.js';
import { findFormat } from '../formats/format-catalog.js';
import type { LogFormat } from '../formats/log-format.js';
import { ObjectReadError } from '../storage/object-store.js';
import type { WritableStore } from '../storage/writable-store.js';
import { checkWish, describeDestination, partitionOf, type DescriptionWish } from './describe-destination.js';
import { decodeDescription, DESCRIPTION_KEY, type DestinationDescription } from './destination-description.js';
import { exactKey } from './exact-key.js';
import { hashObject } from './hash-object.js';
import { planCompaction, type Candidate, type CompactionLimits, type CompactionPlan } from './plan-compaction.js';
import { readLedger, type Ledger, type LedgerStores } from './read-ledger.js';

export interface PrepareRequest {
  /** Lists the source anew, without what belongs to a merged table. */
  readonly scan: () => Promise<ScanPlan>;
  /** Opens the destination and its ledger for reading, as far as they are there. */
  readonly open: () => Promise<Pick<LedgerStores, 'data' | 'ledger'>>;
  readonly ledger: Pick<WritableStore, 'get' | 'name'>;
  /** How the destination is shown to people. */
  readonly destination: string;
  readonly wish: DescriptionWish;
  readonly limits: CompactionLimits;
}

/** What is there, and what a run would do. */
export interface PreparedCompaction {
  readonly description: DestinationDescription;
  /** The description is in the ledger already. */
  readonly isDescribed: boolean;
  readonly format: LogFormat;
  readonly scan: ScanPlan;
  readonly ledger: Ledger;
  readonly plan: CompactionPlan;
  /** Objects that were overwritten after they were merged. */
  readonly changed: readonly Candidate[];
  /** Objects that were written again with the same bytes after they were merged. */
  readonly rewritten: readonly Candidate[];
  /** Objects of which an earlier version is merged, and that cannot be read. */
  readonly unreadable: readonly LeftOut[];
}

/**
 * Lists the source, then reads the ledger (in this order: what is merged and removed in between is then known to be merged),
 * and decides what is to be merged.
 * @throws UserError when there is nothing to describe a destination by, or the wish contradicts what it is
 */
export async function prepareCompaction(request: PrepareRequest): Promise<PreparedCompaction> {
  const { wish, destination, limits } = request;
  const scan = await request.scan();
  const known = await readDescription(request.ledger);
  if (known !== undefined) checkWish(known, wish, destination);
  const description = known ?? (await describeDestination(scan.objects, wish));
  const ledger = await readLedger({ ...(await request.open()), get: (key) => request.ledger.get(key) });
  const format = findFormat(description.format, wish.userFormats);
  if (format === undefined) throw unknownFormat(destination, description);
  const all = scan.objects.map((planned) => toCandidate(planned, description));
  const withoutPlace = new Set(all.filter((candidate) => !hasPlace(candidate)));
  const placed = all.filter((candidate) => !withoutPlace.has(candidate));
  const plan = planCompaction(placed, ledger, limits);
  const compared = await compareVersions(plan.otherVersion, ledger);
  const odd = [...withoutPlace].map(({ object: { key } }) => ({ key, reason: NO_PLACE }));
  const unreadable = [...compared.unreadable, ...odd];
  return { description, isDescribed: known !== undefined, format, scan, ledger, plan, ...compared, unreadable };
}

const NO_PLACE = 'its partition has a name that no folder and no key can have';
/** Of a name on disks, and of what is left of a key of S3 (1,024 bytes) beside the table's own and the slot's. */
const MOST_NAME_BYTES = 255;
const MOST_PARTITION_BYTES = 700;

/** A key of one store may be none of another: one such object must not stand in the way of all others. */
function hasPlace({ partition }: Candidate): boolean {
  const isText = Buffer.from(partition).toString() === partition && !partition.includes('\0');
  const fits = partition.split('/').every((name) => Buffer.byteLength(name) <= MOST_NAME_BYTES);
  return isText && fits && Buffer.byteLength(partition) <= MOST_PARTITION_BYTES;
}

/**
 * What a destination is made from and how; undefined where it is not made yet.
 * @throws UserError when the ledger holds something else in its place
 */
export async function readDescription(
  ledger: Pick<WritableStore, 'get' | 'name'>,
): Promise<DestinationDescription | undefined> {
  const bytes = await ledger.get(DESCRIPTION_KEY);
  if (bytes === undefined) return undefined;
  try {
    return decodeDescription(bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`Cannot use ${ledger.name}${DESCRIPTION_KEY}: ${reason}`, {
      wayOut: 'Restore it from a backup, or use the version of awsusage that wrote it.',
      exitCode: 'conflict',
      cause: error,
    });
  }
}

/** Where an object's rows go, and its exact key. */
export function toCandidate(planned: PlannedObject, description: DestinationDescription): Candidate {
  return {
    ...planned,
    exactKey: exactKey(planned.store, planned.object),
    partition: partitionOf(planned, description),
  };
}

export type ComparedVersions = Pick<PreparedCompaction, 'changed' | 'rewritten' | 'unreadable'>;

/** Tells objects that were written again with the same bytes (a copy, a restored backup) from those that changed. */
export async function compareVersions(candidates: readonly Candidate[], ledger: Ledger): Promise<ComparedVersions> {
  const changed: Candidate[] = [];
  const rewritten: Candidate[] = [];
  const unreadable: LeftOut[] = [];
  for (const candidate of candidates) {
    const consumed = ledger.consumed.get(candidate.exactKey) ?? [];
    const sameSize = consumed.filter(({ input }) => input.size === candidate.object.size);
    try {
      const hash = sameSize.length === 0 ? '' : await hashObject(candidate.store, candidate.object);
      if (sameSize.some(({ input }) => input.sha256 === hash)) rewritten.push(candidate);
      else changed.push(candidate);
    } catch (error) {
      if (!(error instanceof ObjectReadError)) throw error;
      unreadable.push({ key: candidate.object.key, reason: error.message });
    }
  }
  return { changed, rewritten, unreadable };
}

/** The failure of a destination whose format nobody describes. */
export function unknownFormat(destination: string, { format }: Pick<DestinationDescription, 'format'>): UserError {
  return new UserError(`${destination} holds records of the format "${format}", which is not known here`, {
    wayOut: 'Describe it in awsusage.config.json as it was when the destination was made.',
  });
}
