import type { S3Connection } from './s3-connection.js';
import { compareKeys, folderBelow, folderOf, isPast, type KeyRange, startOf } from './s3-key-range.js';
import { listPage, type ListPage } from './s3-list-page.js';

export interface SplitOptions {
  readonly connection: S3Connection;
  readonly range: KeyRange;
  /** The last key of the range that was seen. */
  readonly last: string;
  readonly isOutside: (folder: string) => boolean;
  /** Into how many ranges neighbouring folders are cut, to be listed side by side. */
  readonly pieces: number;
}

/** Folders come a thousand at a time; those behind so many pages are looked for when their turn comes. */
const MAX_FOLDER_PAGES = 10;

/** Asks for the folders behind the key that was seen last, and gives the ranges that are left to list, without what is outside. */
export async function splitRange(options: SplitOptions): Promise<KeyRange[]> {
  const { range, last, isOutside } = options;
  const { prefix } = range;
  const open = folderBelow(prefix, last);
  const start: KeyRange = open === undefined ? { prefix, after: last } : { prefix, behind: open };
  const begun: KeyRange[] =
    open === undefined || isOutside(open)
      ? []
      : [{ prefix: open, after: last, foldersFirst: isOutside(folderOf(last)) }];
  const { names, isComplete } = await namesFrom(start, options);
  return [...begun, ...cutNames(names, start, { ...options, isComplete })];
}

/** Keys and folders right below the prefix, in their order. */
async function namesFrom(
  start: KeyRange,
  { connection, range }: SplitOptions,
): Promise<{ names: string[]; isComplete: boolean }> {
  const names: string[] = [];
  const after = startOf(start);
  let token: string | undefined;
  for (let pages = 0; pages < MAX_FOLDER_PAGES; pages++) {
    const page = await listPage(connection, {
      prefix: range.prefix,
      folders: true,
      ...(after === undefined ? {} : { after }),
      ...(token === undefined ? {} : { token }),
    });
    const found = namesOf(page).filter((name) => name !== start.behind);
    const inRange = found.filter((name) => !isPast(name, range));
    names.push(...inRange);
    token = page.next;
    if (token === undefined || inRange.length < found.length) return { names, isComplete: true };
  }
  return { names, isComplete: false };
}

function namesOf({ keys, folders }: ListPage): string[] {
  return [...keys.map(({ key }) => key), ...folders].sort(compareKeys);
}

interface CutOptions extends SplitOptions {
  readonly isComplete: boolean;
}

/** Ranges of neighbours that are all wanted. The last goes on to the end of the whole where not all names are known. */
function cutNames(names: readonly string[], start: KeyRange, options: CutOptions): KeyRange[] {
  const { range, isOutside, isComplete } = options;
  const ranges: KeyRange[] = [];
  let before = start;
  let run: string[] = [];
  const endRun = (): void => {
    ranges.push(...cutRun(run, before, options));
    run = [];
  };
  for (const name of names) {
    if (!name.endsWith('/') || !isOutside(name)) {
      run.push(name);
      continue;
    }
    endRun();
    before = { prefix: range.prefix, behind: name };
  }
  if (isComplete) endRun();
  else ranges.push(...openEnded(run, before, options));
  return ranges;
}

function openEnded(run: readonly string[], before: KeyRange, options: CutOptions): KeyRange[] {
  const { upTo } = options.range;
  const ranges = cutRun(run.slice(0, -1), before, options);
  const start = run.length > 1 ? following(run.at(-2) ?? '', options.range.prefix) : before;
  return [...ranges, { ...start, ...(upTo === undefined ? {} : { upTo }) }];
}

function cutRun(run: readonly string[], before: KeyRange, { pieces, range: { prefix } }: SplitOptions): KeyRange[] {
  const size = Math.ceil(run.length / pieces);
  const ranges: KeyRange[] = [];
  for (let from = 0; from < run.length; from += size) {
    const names = run.slice(from, from + size);
    const [first = ''] = names;
    const start = from === 0 ? before : following(run[from - 1] ?? '', prefix);
    const isOneFolder = names.length === 1 && first.endsWith('/');
    ranges.push(isOneFolder ? { prefix: first } : { ...start, upTo: names.at(-1) ?? first });
  }
  return ranges;
}

/** What begins behind a key or a folder. */
function following(name: string, prefix: string): KeyRange {
  return name.endsWith('/') ? { prefix, behind: name } : { prefix, after: name };
}
