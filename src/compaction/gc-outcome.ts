import type { LeaveReason } from './plan-removal.js';
import type { PurgedTrash } from './purge-trash.js';
import type { SlotProblem } from './slot-problem.js';

/** An object that was removed or tagged, or would be. */
export interface RemovedObject {
  readonly key: string;
  readonly bytes: number;
  /** The slot that holds its records, below the destination. */
  readonly slot: string;
}

/** What became of every object of the source that is merged. Keys are those below the source. */
export interface GcOutcome {
  readonly destination: string;
  /** Objects that are listed and that the ledger knows. */
  readonly candidates: number;
  readonly removed: readonly RemovedObject[];
  /** Removed by somebody else meanwhile, or by a request whose reply was lost. */
  readonly gone: readonly string[];
  readonly left: readonly { readonly key: string; readonly why: LeaveReason | 'changed meanwhile' }[];
  /** The store did not remove them, or it is not known whether it did. */
  readonly failed: readonly { readonly key: string; readonly reason: string }[];
  /** Slots that were checked. */
  readonly slots: number;
  readonly problems: readonly SlotProblem[];
  /** Why the run ended before everything was looked at; undefined where it did not. */
  readonly ended: string | undefined;
  /** Undefined where there is no trash. */
  readonly trash: PurgedTrash | undefined;
}

/** Says what does not add up, or undefined where all is well: every candidate is removed, gone, left, or failed. */
export function checkGcOutcome(
  outcome: Pick<GcOutcome, 'candidates' | 'removed' | 'gone' | 'left' | 'failed'>,
): string | undefined {
  const { candidates, removed, gone, left, failed } = outcome;
  const sum = removed.length + gone.length + left.length + failed.length;
  if (sum === candidates) return undefined;
  return `${candidates} objects could go, but ${removed.length} removed + ${gone.length} gone + ${left.length} left + ${failed.length} failed = ${sum}`;
}

/** Reasons that need somebody to look. */
const TROUBLE: readonly GcOutcome['left'][number]['why'][] = [
  'in several slots',
  'slot missing',
  'slot not as written',
  'changed after merging',
  'changed meanwhile',
  'cannot be read',
  'not reached',
];

/** Whether something is wrong with the source or the table, or something failed. */
export function isTroubled({ left, failed, problems, ended, trash }: GcOutcome): boolean {
  const counts = failed.length + problems.length + (trash?.doubtful.length ?? 0);
  return counts > 0 || ended !== undefined || left.some(({ why }) => TROUBLE.includes(why));
}
