import { readFile, stat } from 'node:fs/promises';
import { UserError } from '../errors.js';
import { ExpectationError } from '../expectations/expectation-error.js';
import type { Expectation } from '../expectations/expectation.js';
import { makeExpectation, type Sort } from '../expectations/make-expectation.js';
import { reasonOfOpening } from '../storage/file-errors.js';
import type { AssertFlags } from './assert-flags.js';

/** Expectations are written by people; a larger file is something else. */
const LARGEST_BYTES = 1_000_000;

/**
 * The expectations that flags and files say: those of files first, in their order.
 * @throws UserError where there is none, or one cannot be read, with its place
 */
export async function readExpectations(flags: AssertFlags): Promise<readonly Expectation[]> {
  const files: Expectation[] = [];
  for (const path of flags.file ?? []) files.push(...(await readFileOf(path)));
  const all = [...files, ...fromFlags(flags)];
  if (all.length > 0) return all;
  throw new UserError('No expectation was given', {
    wayOut: [
      "In flags: awsusage assert ./calls/ --no-errors --deny 'iam:*' --expect 's3:PutObject Bucket=results >= 1'",
      'In a file: awsusage assert ./calls/ --file expectations.yml',
    ],
  });
}

function fromFlags({ expect = [], allow = [], deny = [], ...flags }: AssertFlags): Expectation[] {
  const calls = flags['max-calls'];
  return [
    ...expect.map((text) => fromFlag('expect', text)),
    ...(allow.length === 0 ? [] : [allowed(allow)]),
    ...deny.map((text) => fromFlag('deny', text)),
    ...(calls === undefined ? [] : [fromFlag('max-calls', String(calls))]),
    ...(flags['no-errors'] ? [fromFlag('no-errors', '')] : []),
  ];
}

/** What one list allows the other does not forbid. */
function allowed(texts: readonly string[]): Expectation {
  const lists = texts.map((text) => fromFlag('allow', text));
  const patterns = lists.flatMap(({ counted }) => ('patterns' in counted ? counted.patterns : []));
  const [first] = lists as [Expectation];
  return { ...first, name: [first.name, ...texts.slice(1)].join(','), counted: { kind: 'others', patterns } };
}

function fromFlag(sort: Sort, text: string): Expectation {
  try {
    return makeExpectation(sort, text);
  } catch (error) {
    if (!(error instanceof ExpectationError)) throw error;
    throw new UserError(`Cannot read --${sort} at column ${error.offset + 1}: ${error.message}`, {
      wayOut: [text.replace(/\s/g, ' '), `${' '.repeat(error.offset)}^`],
    });
  }
}

async function readFileOf(path: string): Promise<readonly Expectation[]> {
  const text = await readText(path);
  const { parseExpectationFile } = await import('../expectations/parse-expectation-file.js');
  return parseExpectationFile(text, path);
}

async function readText(path: string): Promise<string> {
  try {
    const stats = await stat(path);
    if (!stats.isFile()) throw new UserError(`Cannot read expectations from ${path}: it is no file`);
    if (stats.size > LARGEST_BYTES) throw new UserError(`Cannot read expectations from ${path}: it is too large`);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`Cannot read expectations from ${path}: ${reasonOfOpening(error)}`, { cause: error });
  }
}
