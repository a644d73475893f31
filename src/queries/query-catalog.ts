import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError } from '../errors.js';
import { packageFile } from '../package-file.js';
import type { CannedQuery, QuerySummary } from './canned-query.js';
import { quoteBackticks } from './clickhouse-dialect.js';
import { closestName } from '../closest-name.js';
import { parseQueryHeader } from './parse-query-header.js';
import { readNamedText } from './read-named-text.js';

const FOLDER = packageFile('dist/queries/');

/** The questions that come with awsusage, by name. */
export function listQueries(): readonly QuerySummary[] {
  return queryNames().map((name) => {
    const { summary } = readCanned(name);
    return { name, summary };
  });
}

export interface LoadOptions {
  /** The flags that every question has; a parameter of a user's own file may not be called like one. */
  readonly reserved?: readonly string[];
}

/**
 * A question by its name, or a user's own file: what ends in `.sql` or holds a path separator is a file. A file's
 * backquoted names become quoted ones.
 * @throws UserError for an unknown name (with the nearest one and the list), a file that cannot be read, a fault in its
 *   header, or a parameter called like a shared flag
 */
export function loadQuery(nameOrPath: string, options: LoadOptions = {}): CannedQuery {
  if (/\.sql$|[/\\]/i.test(nameOrPath)) return readOwn(nameOrPath, options.reserved ?? []);
  if (queryNames().includes(nameOrPath)) return readCanned(nameOrPath);
  throw unknownName(nameOrPath);
}

function queryNames(): readonly string[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.sql'))
    .map((file) => file.slice(0, -'.sql'.length))
    .sort();
}

function readCanned(name: string): CannedQuery {
  const file = `${name}.sql`;
  return parseQueryHeader({ name, file, text: readFileSync(fileURLToPath(new URL(file, FOLDER)), 'utf8') });
}

const NAMES = 'Give the path of a .sql file, or the name of a question (awsusage query --help lists them).';

function readOwn(path: string, reserved: readonly string[]): CannedQuery {
  const text = quoteBackticks(readNamedText({ path, what: 'the question', wayOut: NAMES }));
  const query = parseQueryHeader({ name: basename(path).replace(/\.sql$/i, ''), file: path, text });
  if (query.plan !== undefined)
    throw new UserError(`${path}: "plan" is only for the questions that come with awsusage`);
  const taken = query.parameters.find((parameter) => reserved.includes(parameter.name));
  if (taken !== undefined) {
    throw new UserError(
      `${path}: the parameter "${taken.name}" cannot be given: every question has a flag --${taken.name}`,
      {
        wayOut: `Call the parameter something else, in the header and in the SQL.`,
      },
    );
  }
  return { ...query, file: path };
}

function unknownName(name: string): UserError {
  const names = queryNames();
  const meant = closestName(name, names);
  return new UserError(`There is no question called ${JSON.stringify(name)}`, {
    wayOut: [
      ...(meant === undefined ? [] : [`Did you mean ${meant}?`]),
      `The questions are: ${names.join(', ')}.`,
      'For a file of your own, give its path: ./my-question.sql',
    ],
  });
}
