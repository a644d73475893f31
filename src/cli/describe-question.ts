import { sanitizeLines } from '../output/sanitize.js';
import type { CannedQuery, QueryParameter } from '../queries/canned-query.js';
import { loadQuery } from '../queries/query-catalog.js';
import { RESERVED_FLAGS } from './flags.js';
import { findNames } from './parse-questions.js';

/** How help lays things out, as oclif's own help does. */
export interface HelpLayout {
  readonly section: (title: string, text: string) => string;
  readonly list: (rows: [string, string][]) => string;
  readonly wrap: (text: string) => string;
}

/**
 * The help of the question that the words behind `query` name; undefined where they name none, or several.
 * @throws UserError for a name that no question has
 */
export function describeQuestion(words: readonly string[], layout: HelpLayout): string | undefined {
  const names = findNames(words);
  if (names === undefined || names.includes(',')) return undefined;
  return layOut(makeReadable(loadQuery(names, { reserved: RESERVED_FLAGS })), layout);
}

function layOut(query: CannedQuery, { section, list, wrap }: HelpLayout): string {
  const { summary, name, parameters, columns, examples, notes, limit } = query;
  const parts = [
    summary,
    section('USAGE', `$ awsusage query ${query.file ?? name} [SOURCE...] [flags]`),
    ...(parameters.length === 0
      ? []
      : [section('PARAMETERS', list(parameters.map((one) => [describeFlag(one), describeParameter(one)])))]),
    ...(columns.length === 0
      ? []
      : [section('COLUMNS', list(columns.map((one) => [one.name, `${one.description} (${one.type})`])))]),
    ...(notes.length === 0 ? [] : [section('NOTES', wrap(notes.join('\n\n')))]),
    ...(examples.length === 0 ? [] : [section('EXAMPLES', examples.map((example) => `$ ${example}`).join('\n'))]),
    `${limit === 0 ? 'All rows are shown' : `The first ${limit} rows are shown`} unless --limit says otherwise. All other flags are those of awsusage query --help.`,
  ];
  return `${parts.join('\n\n')}\n`;
}

/** A file may be a stranger's: nothing in it is to act on the terminal. */
function makeReadable(query: CannedQuery): CannedQuery {
  const readable = (_key: string, value: unknown) => (typeof value === 'string' ? sanitizeLines(value) : value);
  return JSON.parse(JSON.stringify(query), readable) as CannedQuery;
}

function describeFlag({ name, type, choices }: QueryParameter): string {
  if (type === 'boolean') return `--${name}`;
  return `--${name}=<${choices.length > 0 ? choices.join('|') : type}>`;
}

function describeParameter({ description, defaultText, required }: QueryParameter): string {
  if (required) return `(required) ${description}`;
  return defaultText === undefined ? description : `[default: ${defaultText}] ${description}`;
}
