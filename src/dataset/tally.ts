import type { Accounting, AccountingReason } from './accounting.js';

/** What became of one object, before it is known whether all of it counts. */
export interface ObjectOutcome {
  readonly key: string;
  /** Bytes as stored. */
  bytesRead: number;
  /** Bytes after unpacking. */
  bytesDecompressed: number;
  /** Records that were staged. */
  staged: number;
  quarantined: number;
  /** Records that are no calls: control messages, notifications. */
  passedOver: number;
  /** The last thing in it was put aside. */
  endsBroken: boolean;
  readonly reasons: Map<string, { count: number; example: string }>;
}

export function newOutcome(key: string): ObjectOutcome {
  const counts = { bytesRead: 0, bytesDecompressed: 0, staged: 0, quarantined: 0, passedOver: 0 };
  return { key, ...counts, endsBroken: false, reasons: new Map() };
}

/** Reasons hold no text of logs, so that there are few; should there be more, they are counted together. */
const MAX_REASONS = 1000;
const OTHER_REASONS = 'other reasons';

/** Counts one more of `reason`; the first example stays. */
export function addReason(reasons: ObjectOutcome['reasons'], reason: string, example: string, count = 1): void {
  const known = reasons.get(reason);
  if (known === undefined && reasons.size >= MAX_REASONS && reason !== OTHER_REASONS)
    addReason(reasons, OTHER_REASONS, example, count);
  else if (known === undefined) reasons.set(reason, { count, example });
  else known.count += count;
}

/** Counts what became of every object and record of a run. */
export class Tally {
  #read = 0;
  #cached = 0;
  #skipped = 0;
  #failed = 0;
  #bytesRead = 0;
  #bytesDecompressed = 0;
  #staged = 0;
  #quarantined = 0;
  #filtered = 0;
  #duplicate = 0;
  #passedOver = 0;
  readonly #reasons: ObjectOutcome['reasons'] = new Map();

  /** How many records were handed to the engine, and rows that came of them. */
  get staged(): number {
    return this.#staged;
  }

  objectRead(outcome: ObjectOutcome): void {
    this.#read++;
    this.#bytesRead += outcome.bytesRead;
    this.#bytesDecompressed += outcome.bytesDecompressed;
    this.#staged += outcome.staged;
    this.#quarantined += outcome.quarantined;
    this.#passedOver += outcome.passedOver;
    for (const [reason, { count, example }] of outcome.reasons) addReason(this.#reasons, reason, example, count);
  }

  /** A merged file was read in place of so many objects. */
  objectsCached(count: number, { bytesRead, staged }: Pick<ObjectOutcome, 'bytesRead' | 'staged'>): void {
    this.#read += count;
    this.#cached += count;
    this.#bytesRead += bytesRead;
    this.#bytesDecompressed += bytesRead;
    this.#staged += staged;
  }

  objectSkipped(key: string, reason: string): void {
    this.#skipped++;
    addReason(this.#reasons, reason, key);
  }

  objectFailed(key: string, reason: string): void {
    this.#failed++;
    addReason(this.#reasons, reason, key);
  }

  /** Records that the engine left out. */
  filtered(count: number, reason: string, example = ''): void {
    this.#filtered += count;
    if (count > 0) addReason(this.#reasons, reason, example, count);
  }

  /** Rows that aggregated records gave beyond one each; every row counts as a record. */
  expanded(rows: number): void {
    this.#staged += rows;
  }

  duplicates(count: number): void {
    this.#duplicate += count;
    if (count > 0) addReason(this.#reasons, 'the same event id as another record', '', count);
  }

  /** The accounting of a run that kept `kept` records, by the engine's own count. */
  accounting(kept: number): Accounting {
    return {
      objects: {
        listed: this.#read + this.#skipped + this.#failed,
        read: this.#read,
        skipped: this.#skipped,
        failed: this.#failed,
        ...(this.#cached === 0 ? {} : { cached: this.#cached }),
      },
      records: {
        read: this.#staged + this.#quarantined + this.#passedOver,
        kept,
        duplicate: this.#duplicate,
        filtered: this.#filtered + this.#passedOver,
        quarantined: this.#quarantined,
      },
      bytes: { read: this.#bytesRead, decompressed: this.#bytesDecompressed },
      reasons: sortReasons(this.#reasons),
    };
  }
}

/** Reasons as a list, the most frequent first. */
export function sortReasons(reasons: ObjectOutcome['reasons']): AccountingReason[] {
  return [...reasons]
    .map(([reason, { count, example }]) => ({ reason, count, example }))
    .sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1));
}
