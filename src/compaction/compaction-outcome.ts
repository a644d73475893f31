import type { LeftOut } from '../dataset/plan-scan.js';
import type { DestinationDescription } from './destination-description.js';

/** A slot that a run has written. */
export interface WrittenSlot {
  /** Its key below the destination. */
  readonly key: string;
  readonly partition: string;
  readonly rows: number;
  readonly bytes: number;
  readonly files: number;
  readonly bytesIn: number;
}

/** What became of every object that a run met. All lists are of keys below the source. */
export interface CompactionOutcome {
  readonly destination: string;
  readonly description: DestinationDescription;
  readonly slots: readonly WrittenSlot[];
  readonly objects: {
    readonly listed: number;
    /** Merged by this run. */
    readonly merged: number;
    /** Merged before, unchanged. */
    readonly mergedBefore: number;
    readonly tooYoung: number;
    /** In partitions that wait for more, or not reached because the run was to stop. */
    readonly waiting: number;
    /** Without a single record. */
    readonly empty: number;
    readonly skipped: number;
    readonly failed: number;
    readonly changed: number;
  };
  readonly records: { readonly rows: number; readonly quarantined: number; readonly passedOver: number };
  /** Objects that have the same bytes as another one of this run. They are merged all the same. */
  readonly duplicates: number;
  /** Not merged, and not to be. */
  readonly skipped: readonly LeftOut[];
  /** Not merged because something is wrong with them. */
  readonly failed: readonly LeftOut[];
  /** Overwritten after they were merged: never added. */
  readonly changed: readonly string[];
}

/**
 * Says what does not add up, or undefined where all is well: every object that was listed is merged, was merged before, waits,
 * or is named.
 */
export function checkOutcome({ objects }: Pick<CompactionOutcome, 'objects'>): string | undefined {
  const { listed, ...parts } = objects;
  const sum = Object.values(parts).reduce((total, part) => total + part, 0);
  if (sum === listed) return undefined;
  const shown = Object.entries(parts).map(([name, count]) => `${count} ${name}`);
  return `${listed} objects were listed, but ${shown.join(' + ')} = ${sum}`;
}
