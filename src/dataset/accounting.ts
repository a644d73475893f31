/** Why something was not kept, how often, and one key (with a place, where there is one) as an example. */
export interface AccountingReason {
  readonly reason: string;
  readonly count: number;
  readonly example: string;
}

/** What became of everything that a run met. All counts are whole numbers; `bytes.read` is as stored, `bytes.decompressed` after unpacking. */
export interface Accounting {
  readonly objects: {
    readonly listed: number;
    readonly read: number;
    readonly skipped: number;
    readonly failed: number;
    /** How many of those read came from a cache; absent where none did. */
    readonly cached?: number;
  };
  readonly records: {
    readonly read: number;
    readonly kept: number;
    readonly duplicate: number;
    readonly filtered: number;
    readonly quarantined: number;
  };
  readonly bytes: { readonly read: number; readonly decompressed: number };
  readonly reasons: readonly AccountingReason[];
  /** Requests made to the stores, by the name of the operation; absent where no store counts them. */
  readonly requests?: Readonly<Record<string, number>>;
}

/** Whether something that was to be read is missing from what was read. */
export function isIncomplete({ objects, records }: Accounting): boolean {
  return objects.failed > 0 || records.quarantined > 0;
}

/**
 * Says what does not add up, or undefined where all is well: every listed object is read, skipped or failed, every record
 * read is kept, duplicate, filtered or quarantined, and every number is a count.
 */
export function checkConservation(accounting: Accounting): string | undefined {
  const { objects, records } = accounting;
  const found = [
    ...findNonCounts(accounting),
    ...findDifference('objects', { listed: objects.listed }, pick(objects, ['read', 'skipped', 'failed'])),
    ...findDifference(
      'records',
      { read: records.read },
      pick(records, ['kept', 'duplicate', 'filtered', 'quarantined']),
    ),
  ];
  return found.length === 0 ? undefined : found.join('; ');
}

function findNonCounts({ objects, records, bytes, reasons }: Accounting): readonly string[] {
  const counts = [
    ...Object.entries(objects).map(([name, count]) => [`objects.${name}`, count] as const),
    ...Object.entries(records).map(([name, count]) => [`records.${name}`, count] as const),
    ...Object.entries(bytes).map(([name, count]) => [`bytes.${name}`, count] as const),
    ...reasons.map(({ reason, count }) => [`the reason "${reason}"`, count] as const),
  ];
  return counts
    .filter(([, count]) => !Number.isSafeInteger(count) || count < 0)
    .map(([name, count]) => `${name} is ${String(count)}, which is no count`);
}

function findDifference(
  what: string,
  whole: Readonly<Record<string, number>>,
  parts: Readonly<Record<string, number>>,
): readonly string[] {
  const [[name, expected] = ['', 0]] = Object.entries(whole);
  const sum = Object.values(parts).reduce((total, part) => total + part, 0);
  if (sum === expected) return [];
  const shown = Object.entries(parts).map(([part, count]) => `${String(count)} ${part}`);
  return [`${what}: ${String(expected)} ${name}, but ${shown.join(' + ')} = ${String(sum)}`];
}

function pick<T, K extends keyof T & string>(from: T, names: readonly K[]): Record<string, T[K]> {
  return Object.fromEntries(names.map((name) => [name, from[name]]));
}
