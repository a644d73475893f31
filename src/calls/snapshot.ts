import type { CallKind, Counting } from './call-kind.js';
import { rangeOf } from './call-kind.js';
import type { DimensionName } from './call-dimensions.js';

/** The kinds of calls of a capture, as a file keeps them. */
export interface Snapshot {
  readonly by: readonly DimensionName[];
  readonly counts: Counting;
  readonly kinds: readonly CallKind[];
}

/** What begins a snapshot, and the version of its format. */
export const SNAPSHOT_MARK = { awsusage: 'snapshot', version: 1 } as const;

/** Of kinds that were measured, what a snapshot with these counts keeps. */
export function keepCounts(kinds: readonly CallKind[], counts: Counting): readonly CallKind[] {
  return kinds.map(({ values, calls }) => {
    if (counts === 'none' || calls === undefined) return { values };
    return counts === 'exact' ? { values, calls } : { values, range: rangeOf(calls) };
  });
}
