import { askAll, filesOf, type MergedPlace } from './merged-place.js';
import { jsonOf } from './answer.js';

/** A folder of logs, and how it is merged. */
export interface MergedSet {
  readonly name: string;
  readonly folder: string;
  readonly flags?: readonly string[];
}

/** What a run of `compact --json` printed, as far as tests look at it. */
export interface CompactJson {
  readonly objects: Readonly<Record<string, number>>;
  readonly records: { readonly rows: number; readonly quarantined: number; readonly passedOver: number };
  readonly slots: readonly { readonly slot: string; readonly rows: number }[];
  readonly merged: readonly { readonly files_in: number; readonly rows: number }[];
}

const MERGE = ['--min-age', '0', '--min-files', '1', '--allow-partial', '--json'];

/**
 * Merges a set in two halves, and compares at every stage what is answered over the source, the table, and both, with the
 * answer over the untouched folder. Gives what differed.
 */
export async function compareAnswers(place: MergedPlace, { folder, flags = [] }: MergedSet): Promise<string[]> {
  const files = filesOf(folder);
  const half = files.filter((_, index) => index % 2 === 1);
  const rest = files.filter((_, index) => index % 2 === 0);
  const { source, table } = place;
  const compact = async (): Promise<CompactJson> =>
    jsonOf<CompactJson>(await place.run(['compact', source, '--to', table, ...flags, ...MERGE]));
  const differences: string[] = [];
  const compare = (stage: string, got: readonly string[], expected: readonly string[]): void => {
    for (const [index, answer] of got.entries())
      if (answer !== expected[index]) differences.push(`${stage}: ${firstDifference(answer, expected[index] ?? '')}`);
  };
  await place.add(folder, half);
  await compact();
  await place.add(folder, rest);
  const expected = await askAll(place, [source]);
  compare('half merged, table', await askAll(place, [table]), expected);
  compare('half merged, both', await askAll(place, [table, source]), expected);
  const second = await compact();
  compare('merged, source', await askAll(place, [source]), expected);
  compare('merged, table', await askAll(place, [table]), expected);
  compare('merged, both', await askAll(place, [source, table]), expected);
  const third = await compact();
  if (third.records.rows !== 0) differences.push(`a third run merged ${third.records.rows} rows again`);
  if (flags.length === 0 && second.objects['failed'] === 0 && second.objects['skipped'] === 0)
    compare('merged only', await askAll(place, [table], ['--merged-only']), expected);
  return differences;
}

function firstDifference(got: string, expected: string): string {
  const at = [...Array(Math.max(got.length, expected.length)).keys()].findIndex(
    (index) => got[index] !== expected[index],
  );
  const around = (text: string): string => JSON.stringify(text.slice(Math.max(0, at - 150), at + 150));
  return `at ${at}: ${around(got)} instead of ${around(expected)}`;
}
