/** Calls that have the same values in all dimensions that were asked for. */
export interface CallKind {
  /** One value for each dimension, in their order; null where a call has none. */
  readonly values: readonly (string | null)[];
  /** How many calls; absent where nobody counted. */
  readonly calls?: bigint;
  /** Between which numbers the calls lie: `10-99`. In place of `calls`. */
  readonly range?: string;
  /** How many of the calls failed. */
  readonly errors?: bigint;
  /** The median time a call took, in milliseconds; absent where no call tells. */
  readonly latencyMs?: number;
  /** The earliest call, as JSON text. */
  readonly example?: string;
}

/** How a snapshot counts: not at all, by powers of ten, or exactly. */
export const COUNTINGS = ['none', 'range', 'exact'] as const;
export type Counting = (typeof COUNTINGS)[number];

/** The power of ten that a number of calls lies in: `1-9`, `10-99`. */
export function rangeOf(calls: bigint): string {
  if (calls === 0n) return '0';
  const digits = calls.toString().length - 1;
  return `1${'0'.repeat(digits)}-${'9'.repeat(digits + 1)}`;
}
