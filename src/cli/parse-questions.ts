import { Flags, Parser, type Interfaces } from '@oclif/core';
import { UserError } from '../errors.js';
import type { Question } from '../queries/ask-questions.js';
import { bindParameters } from '../queries/bind-parameters.js';
import type { CannedQuery, QueryParameter } from '../queries/canned-query.js';
import { loadQuery } from '../queries/query-catalog.js';
import { RESERVED_FLAGS, SHARED_FLAGS, type CommandFlags } from './flags.js';
import { readSources } from './read-sources.js';

type OclifFlag = Interfaces.FlagInput[string];

export interface ParsedQuestions {
  readonly questions: readonly Question[];
  readonly sources: readonly string[];
  readonly flags: CommandFlags & { readonly 'print-sql': boolean; readonly limit: number | undefined };
}

/**
 * Reads the command line of `query`: the questions' names come first, then sources; each question adds its parameters to
 * the flags there are.
 * @throws UserError for an unknown question, flag or value
 */
export async function parseQuestions(argv: readonly string[]): Promise<ParsedQuestions> {
  const names = findNames(argv);
  const queries = names.split(',').map((name) => loadQuery(name.trim(), { reserved: RESERVED_FLAGS }));
  const own = queries.flatMap(({ parameters }) => parameters).filter(({ name }) => !(name in SHARED_FLAGS));
  const definitions = {
    ...SHARED_FLAGS,
    ...Object.fromEntries(own.map((parameter) => [parameter.name, flagFor(parameter)])),
  };
  const { flags, argv: rest } = await Parser.parse([...argv], { flags: definitions, strict: false, args: {} });
  const sources = readSources(rest as string[], { first: names, argv, flags: Object.keys(definitions) });
  const given = flags as Readonly<Record<string, string | string[] | boolean | undefined>>;
  const shared = flags as unknown as ParsedQuestions['flags'];
  const limit = shared.limit === undefined ? {} : { limit: shared.limit };
  const questions = queries.map((query) => ({
    query,
    parameters: bindParameters(query, pick(query, given)),
    ...limit,
  }));
  return { questions, sources, flags: shared };
}

/** The first word that is neither a flag nor a flag's value. */
function findNames(argv: readonly string[]): string {
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!;
    if (!word.startsWith('-') || word === '-') return word;
    if (takesValue(word)) i++;
  }
  throw new UserError('No question was given', {
    wayOut: ['For example: awsusage query sessions-per-day ./logs/', 'awsusage query --help lists all questions.'],
  });
}

/** Flags that are not known here belong to a question, which is not known yet: they are taken to have a value. */
function takesValue(word: string): boolean {
  if (word.includes('=')) return false;
  const known = Object.entries(SHARED_FLAGS).find(
    ([name, flag]) => word === `--${name}` || ('char' in flag && word === `-${flag.char}`),
  );
  if (known === undefined) return word.startsWith('--') && !word.startsWith('--no-');
  return known[1].type === 'option';
}

function flagFor({ name, type, description }: QueryParameter): OclifFlag {
  if (type === 'boolean') return Flags.boolean({ description });
  if (type === 'list') return Flags.string({ description, multiple: true, multipleNonGreedy: true });
  return Flags.string({ description, helpValue: `<${name}>` });
}

function pick(
  { parameters }: CannedQuery,
  given: Readonly<Record<string, string | string[] | boolean | undefined>>,
): Record<string, string | string[] | boolean | undefined> {
  return Object.fromEntries(parameters.map(({ name }) => [name, given[name]]));
}
