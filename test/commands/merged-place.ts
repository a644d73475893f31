import { cpSync, mkdirSync, readdirSync, utimesSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { listQueries } from '../../src/queries/query-catalog.js';
import { awsusage, type Ended, newFolder } from './run-awsusage.js';

/** A source that is filled bit by bit, and the table that it is merged into. */
export interface MergedPlace {
  readonly source: string;
  readonly table: string;
  /** Brings files of the folder there, by their paths in it. */
  add(folder: string, files: readonly string[]): Promise<void> | void;
  run(args: readonly string[]): Promise<Ended>;
}

/** A folder of this machine. */
export function localPlace(): MergedPlace {
  const root = newFolder();
  const source = join(root, 'json-data');
  mkdirSync(source);
  return {
    source,
    table: join(root, 'parquet-data'),
    add(folder, files) {
      for (const file of files) {
        mkdirSync(dirname(join(source, file)), { recursive: true });
        cpSync(join(folder, file), join(source, file));
        const anHourAgo = Date.now() / 1000 - 3600;
        utimesSync(join(source, file), anHourAgo, anHourAgo);
      }
    },
    run: (args) => awsusage(args),
  };
}

/** All files below a folder, by their paths in it, in their order. */
export function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
    .sort();
}

/** What is asked of a source and of its table: every canned question in one reading, and all calls. */
export const EVERY_QUESTION: readonly (readonly string[])[] = [
  [
    'query',
    listQueries()
      .map(({ name }) => name)
      .join(','),
    '--output',
    'markdown',
    '--limit',
    '0',
  ],
  ['sql', 'select * from api_calls order by all', '--json', '--limit', '0'],
];

/** The answers to every question, without what only the accounting tells. */
export async function askAll(
  place: MergedPlace,
  sources: readonly string[],
  flags: readonly string[] = [],
): Promise<string[]> {
  const answers: string[] = [];
  for (const [command = '', question = '', ...rest] of EVERY_QUESTION) {
    const end = await place.run([command, question, ...sources, ...rest, ...flags, '--allow-partial']);
    if (end.code !== 0)
      throw new Error(`exit ${String(end.code)} of ${command} over ${sources.join(' ')}: ${end.stderr}`);
    answers.push(command === 'sql' ? JSON.stringify((JSON.parse(end.stdout) as { rows: unknown }).rows) : end.stdout);
  }
  return answers;
}
