import type { GcOutcome, RemovedObject } from './gc-outcome.js';
import type { Candidate } from './plan-compaction.js';
import type { RemovableObject } from './plan-removal.js';
import type { SlotProblem } from './slot-problem.js';
import type { RemovalResult } from './source-remover.js';

type Counted = Pick<GcOutcome, 'removed' | 'gone' | 'left' | 'failed' | 'slots' | 'problems'>;

/** Keeps the account of a run that removes objects: every object is told once. */
export class RemovalCount {
  readonly #removed: RemovedObject[] = [];
  readonly #gone: string[] = [];
  readonly #left: GcOutcome['left'][number][] = [];
  readonly #failed: GcOutcome['failed'][number][] = [];
  readonly #problems: SlotProblem[] = [];
  #slots = 0;

  leave(candidates: readonly Candidate[], why: GcOutcome['left'][number]['why']): void {
    for (const { object } of candidates) this.#left.push({ key: object.key, why });
  }

  leaveKey(key: string, why: GcOutcome['left'][number]['why']): void {
    this.#left.push({ key, why });
  }

  checked(problems: readonly SlotProblem[]): void {
    this.#slots++;
    this.#problems.push(...problems);
  }

  /** @param results in the order of the objects */
  add(objects: readonly RemovableObject[], slot: string, results: readonly RemovalResult[]): void {
    for (const [index, { candidate }] of objects.entries()) {
      const { key, size } = candidate.object;
      const result = results[index];
      if (result === undefined) throw new Error(`nothing was said of ${key}`);
      if (result.kind === 'failed') this.#failed.push({ key, reason: result.reason });
      else if (result.kind === 'removed') this.#removed.push({ key, bytes: size, slot });
      else if (result.kind === 'gone') this.#gone.push(key);
      else this.#left.push({ key, why: 'changed meanwhile' });
    }
  }

  result(): Counted {
    return {
      removed: this.#removed,
      gone: this.#gone,
      left: this.#left,
      failed: this.#failed,
      slots: this.#slots,
      problems: this.#problems,
    };
  }
}
