import type { Ended } from './run-awsusage.js';

/** What `--json` prints for one question, as far as tests look at it. */
export interface JsonAnswer {
  readonly query: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly accounting: JsonAccounting;
}

export interface JsonAccounting {
  readonly objects: Readonly<Record<'listed' | 'read' | 'skipped' | 'failed', number>>;
  readonly records: Readonly<Record<'read' | 'kept' | 'duplicate' | 'filtered' | 'quarantined', number>>;
  readonly bytes: Readonly<Record<'read' | 'decompressed', number>>;
  readonly reasons: readonly { readonly reason: string; readonly count: number; readonly example: string }[];
}

/** The document that a run with `--json` printed. */
export function jsonOf<T = JsonAnswer>({ stdout, stderr }: Ended): T {
  if (stdout === '') throw new Error(`nothing on stdout; stderr says: ${stderr}`);
  return JSON.parse(stdout) as T;
}

/** The first value of the first row. */
export function firstValue(end: Ended): unknown {
  return Object.values(jsonOf(end).rows[0] ?? {})[0];
}
