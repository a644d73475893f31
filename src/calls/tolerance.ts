import { UserError } from '../errors.js';

/** What is compared of a kind that both sides have. */
export const MEASURES = ['calls', 'errors', 'latency'] as const;
export type Measure = (typeof MEASURES)[number];

/** By how much each measure may differ, as a fraction: `calls` and `latency` of the base, `errors` in the share that failed. Undefined compares it not at all. */
export type Tolerance = Readonly<Record<Measure, number | undefined>>;

/** Where nothing is said, a tenth. */
export const DEFAULT_TOLERANCE: Tolerance = { calls: 0.1, errors: 0.1, latency: 0.1 };

/** For snapshots that count: every difference counts. */
export const NO_TOLERANCE: Tolerance = { calls: 0, errors: undefined, latency: undefined };

/**
 * Reads `--tolerance`: `20%` for all measures, `calls=0%,latency=50%` for some, `off` for one that is not to be compared.
 * @throws UserError for what cannot be read
 */
export function parseTolerance(text: string | undefined): Tolerance {
  if (text === undefined) return DEFAULT_TOLERANCE;
  return text.split(',').reduce<Tolerance>((tolerance, part) => {
    const [, name, amount = ''] = /^\s*(?:([a-z]+)\s*=)?\s*(\S+)\s*$/i.exec(part) ?? [];
    const fraction = readFraction(amount);
    const measure = MEASURES.find((known) => known === name?.toLowerCase());
    if (fraction === 'unreadable' || (name !== undefined && measure === undefined)) throw unreadable(part);
    const measures = measure === undefined ? MEASURES : [measure];
    return { ...tolerance, ...Object.fromEntries(measures.map((one) => [one, fraction])) };
  }, DEFAULT_TOLERANCE);
}

function readFraction(text: string): number | undefined | 'unreadable' {
  if (text.toLowerCase() === 'off') return undefined;
  const [, digits] = /^(\d+(?:\.\d+)?)%$/.exec(text) ?? [];
  return digits === undefined ? 'unreadable' : Number(digits) / 100;
}

function unreadable(part: string): UserError {
  return new UserError(`--tolerance cannot be read: ${JSON.stringify(part)}`, {
    wayOut: `Write it as 20%, or for each of ${MEASURES.join(', ')}: --tolerance calls=0%,errors=5%,latency=off`,
  });
}
