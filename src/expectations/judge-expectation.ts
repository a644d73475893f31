import type { Row } from '../engines/engine.js';
import type { Bound, Expectation } from './expectation.js';

/** What became of an expectation. */
export interface Verdict {
  readonly isMet: boolean;
  /** How many calls counted. */
  readonly calls: bigint;
  /** The earliest of them, as the JSON text of a list. */
  readonly shown: string;
  /** The same of calls that only fail the conditions of the expectation. */
  readonly otherCalls: bigint;
  readonly otherShown: string;
}

/** Judges by the one row that answers `expectationQuestion`. */
export function judgeExpectation({ bound }: Pick<Expectation, 'bound'>, row: Row): Verdict {
  const [calls, shown, otherCalls, otherShown] = row;
  const counted = BigInt(calls as bigint);
  return {
    isMet: HOLDS[bound.operator](counted, BigInt(bound.calls)),
    calls: counted,
    shown: typeof shown === 'string' ? shown : '[]',
    otherCalls: BigInt(otherCalls as bigint),
    otherShown: typeof otherShown === 'string' ? otherShown : '[]',
  };
}

const HOLDS: Readonly<Record<Bound['operator'], (calls: bigint, wanted: bigint) => boolean>> = {
  '>=': (calls, wanted) => calls >= wanted,
  '<=': (calls, wanted) => calls <= wanted,
  '>': (calls, wanted) => calls > wanted,
  '<': (calls, wanted) => calls < wanted,
  '=': (calls, wanted) => calls === wanted,
  '==': (calls, wanted) => calls === wanted,
  '!=': (calls, wanted) => calls !== wanted,
};
