import type { BatchInput } from './batch-plan.js';
import type { WrittenSlot } from './compaction-outcome.js';
import type { LeftInput } from './stage-group.js';

/** What became of the objects of some batches. Counts are of objects but for `quarantined` and `passedOver`, which are records. */
export interface GroupResult {
  readonly slots: readonly WrittenSlot[];
  readonly left: readonly LeftInput[];
  readonly merged: number;
  /** In batches without a single row. */
  readonly empty: number;
  /** Merged by another run in the meantime. */
  readonly overtaken: number;
  /** Not begun: the run was to stop. */
  readonly postponed: number;
  readonly quarantined: number;
  readonly passedOver: number;
}

export const NO_RESULT: GroupResult = {
  slots: [],
  left: [],
  merged: 0,
  empty: 0,
  overtaken: 0,
  postponed: 0,
  quarantined: 0,
  passedOver: 0,
};

/** What came of a slot that holds these inputs. */
export function resultOfSlot(slot: WrittenSlot, inputs: readonly BatchInput[]): GroupResult {
  return {
    ...NO_RESULT,
    slots: [slot],
    merged: inputs.length,
    quarantined: inputs.reduce((sum, { quarantined }) => sum + quarantined, 0),
    passedOver: inputs.reduce((sum, { passedOver }) => sum + passedOver, 0),
  };
}

export function addResults(results: readonly GroupResult[]): GroupResult {
  const sum = (pick: (result: GroupResult) => number): number =>
    results.reduce((total, result) => total + pick(result), 0);
  return {
    slots: results.flatMap(({ slots }) => slots),
    left: results.flatMap(({ left }) => left),
    merged: sum(({ merged }) => merged),
    empty: sum(({ empty }) => empty),
    overtaken: sum(({ overtaken }) => overtaken),
    postponed: sum(({ postponed }) => postponed),
    quarantined: sum(({ quarantined }) => quarantined),
    passedOver: sum(({ passedOver }) => passedOver),
  };
}
