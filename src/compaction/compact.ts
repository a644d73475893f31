import type { LeftOut } from '../dataset/plan-scan.js';
import { UserError } from '../errors.js';
import { commitDescription } from './commit-description.js';
import { checkOutcome, type CompactionOutcome } from './compaction-outcome.js';
import { MergedInputs } from './merged-inputs.js';
import { cutGroups } from './cut-groups.js';
import { addResults, NO_RESULT, type GroupResult } from './group-result.js';
import { mergeGroup, type MergeOptions } from './merge-group.js';
import type { PlannedBatch } from './plan-compaction.js';
import { prepareCompaction, type PreparedCompaction, type PrepareRequest } from './prepare-compaction.js';
import { SlotNumbers } from './slot-numbers.js';
import type { LeftInput } from './stage-group.js';

export interface CompactRequest extends PrepareRequest {
  readonly merging: Omit<MergeOptions, 'format' | 'partitionKeys' | 'userFormats' | 'numbers' | 'merged' | 'describe'>;
  /** Told of the plan before it is carried out. */
  readonly onPlan: (prepared: PreparedCompaction) => void;
  /** Asked before each group: what is not begun then waits for the next run. */
  readonly isStopping?: () => boolean;
}

/** When other runs take what is planned here, it is planned again so often. */
const ROUNDS = 5;

/**
 * Merges what is not merged yet. Two runs at once do no harm: what one has merged the other leaves out.
 * @throws UserError when the store fails, or other runs were faster time and again
 */
export async function compact(request: CompactRequest): Promise<CompactionOutcome> {
  const known = new MergedInputs();
  let earlier = NO_RESULT;
  for (let round = 1; round <= ROUNDS; round++) {
    const prepared = await prepareCompaction(request);
    request.onPlan(prepared);
    const latest = await mergeAll(prepared, known, request);
    if (latest.overtaken === 0) return outcomeOf({ request, prepared, earlier, latest, known });
    earlier = addResults([earlier, latest]);
  }
  throw new UserError(`Other runs merged the same objects into ${request.destination} again and again`, {
    wayOut: 'Nothing is lost or doubled. Let one run at a time work on a destination.',
    exitCode: 'conflict',
  });
}

async function mergeAll(
  { plan, description, isDescribed, format, ledger }: PreparedCompaction,
  known: MergedInputs,
  { merging, wish, isStopping = () => false }: CompactRequest,
): Promise<GroupResult> {
  if (plan.batches.length === 0) return NO_RESULT;
  for (const { inputs } of ledger.slots) known.know(inputs);
  const { partitionKeys } = description;
  const numbers = new SlotNumbers(ledger);
  let described = isDescribed;
  // Only what is about to hold something is described for good.
  const describe = async (): Promise<void> => {
    if (!described) await commitDescription(description, merging.stores.ledger);
    described = true;
  };
  const { userFormats } = wish;
  const options = { ...merging, format, partitionKeys, userFormats, numbers, merged: known, describe };
  const results: GroupResult[] = [];
  for (const group of cutGroups(plan.batches))
    results.push(isStopping() ? postpone(group) : await mergeGroup(group, options));
  return addResults(results);
}

function postpone(group: readonly PlannedBatch[]): GroupResult {
  return { ...NO_RESULT, postponed: group.reduce((sum, { inputs }) => sum + inputs.length, 0) };
}

interface Told {
  readonly request: CompactRequest;
  readonly prepared: PreparedCompaction;
  /** Of earlier rounds: what they have merged, the last round has found merged. */
  readonly earlier: GroupResult;
  readonly latest: GroupResult;
  readonly known: MergedInputs;
}

function outcomeOf({ request, prepared, earlier, latest, known }: Told): CompactionOutcome {
  const { scan, plan, changed, rewritten, unreadable, description } = prepared;
  const skipped = [...scan.skipped, ...latest.left.filter(isSkipped).map(toLeftOut)];
  const gone = plan.slotGone.map(({ object }) => ({
    key: object.key,
    reason: 'merged before, but its merged file is gone',
  }));
  const failed = [
    ...scan.failed,
    ...unreadable,
    ...gone,
    ...latest.left.filter((one) => !isSkipped(one)).map(toLeftOut),
  ];
  const { slots, quarantined, passedOver } = addResults([earlier, latest]);
  // What an earlier round has merged, this one has found merged, unless it is gone or changed since.
  const before = [...plan.merged, ...rewritten];
  const mergedNow = before.filter(({ exactKey }) => known.has(exactKey));
  const outcome = {
    destination: request.destination,
    description,
    slots,
    objects: {
      listed: scan.objects.length + scan.skipped.length + scan.failed.length,
      merged: mergedNow.length + latest.merged,
      mergedBefore: before.length - mergedNow.length,
      tooYoung: plan.tooYoung.length,
      waiting: plan.waiting.length + latest.postponed,
      empty: latest.empty,
      skipped: skipped.length,
      failed: failed.length,
      changed: changed.length,
    },
    records: { rows: slots.reduce((total, { rows }) => total + rows, 0), quarantined, passedOver },
    duplicates: known.repeated,
    skipped,
    failed,
    changed: changed.map(({ object }) => object.key),
  };
  const trouble = checkOutcome(outcome);
  if (trouble !== undefined) throw new Error(`the accounting does not add up: ${trouble}`);
  return outcome;
}

function isSkipped({ kind }: LeftInput): boolean {
  return kind !== 'failed' && kind !== 'mixed';
}

function toLeftOut({ candidate, reason }: LeftInput): LeftOut {
  return { key: candidate.object.key, reason };
}
