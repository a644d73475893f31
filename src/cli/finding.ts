import type { Bound } from '../expectations/expectation.js';
import type { ExampleCall } from './example-call.js';

/** What became of an expectation, as it is printed. */
export interface Finding {
  readonly name: string;
  readonly reason?: string | undefined;
  readonly isMet: boolean;
  /** How many calls there had to be, and how many there are; absent where it is not about calls. */
  readonly bound?: Bound;
  readonly calls?: bigint;
  /** The earliest of the calls that count. */
  readonly shown: readonly ExampleCall[];
  /** Calls of the same name that fail the conditions. */
  readonly others?: { readonly calls: bigint; readonly shown: readonly ExampleCall[] };
}
