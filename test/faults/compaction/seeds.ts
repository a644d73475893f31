import { type Chance, seededChance } from '../../records/seeded-chance.js';

/** `AWSUSAGE_SEED`, to run a case again or to try others. */
export const SEED = Number(process.env['AWSUSAGE_SEED'] ?? 1);

/** All of the cases; `npm test` runs a few of them. */
export const IS_WHOLE = process.env['AWSUSAGE_FAULTS'] === 'all';

/** How many cases are run. */
export function casesOf({ whole, few }: { readonly whole: number; readonly few: number }): readonly number[] {
  return Array.from({ length: IS_WHOLE ? whole : few }, (_, index) => index + 1);
}

/** The chance of one case: the same whichever others are run. */
export function chanceOf(suite: string, number: number): Chance {
  const name = [...suite].reduce((sum, character) => (Math.imul(sum, 31) + character.charCodeAt(0)) >>> 0, SEED);
  return seededChance((Math.imul(name, 65_537) + number) >>> 0);
}

/** What a case is called: enough to run it again. */
export function caseName(number: number): string {
  return `case ${number} of AWSUSAGE_SEED=${SEED}`;
}
