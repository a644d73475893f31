/**
 * What is wrong with a slot: it is `missing` although the ledger knows it, or there is a `gap` in the numbers; it is `damaged`
 * (its size, its checksum, or no Parquet); its `plan` is missing or another one; the `copy` of its facts says something else;
 * it has other `rows` than were written; or objects are in it that are in another slot `twice`.
 */
export type SlotProblemKind = 'missing' | 'gap' | 'damaged' | 'plan' | 'copy' | 'rows' | 'twice';

export interface SlotProblem {
  /** The key of the slot below its destination. */
  readonly slot: string;
  readonly kind: SlotProblemKind;
  readonly reason: string;
}

/** A failed look as the reason of a problem. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
