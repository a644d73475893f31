import { existsSync } from 'node:fs';
import { Flags, Parser, type Interfaces } from '@oclif/core';
import { UserError } from '../errors.js';
import type { Question } from '../queries/ask-questions.js';
import { bindParameters } from '../queries/bind-parameters.js';
import type { CannedQuery, QueryParameter } from '../queries/canned-query.js';
import { listQueries, loadQuery } from '../queries/query-catalog.js';
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
  if (names === undefined) {
    throw new UserError('No question was given', {
      wayOut: ['For example: awsusage query sessions-per-day ./logs/', 'awsusage query --help lists all questions.'],
    });
  }
  const queries = splitNames(names).map((name) => loadQuery(name, { reserved: RESERVED_FLAGS }));
  const own = queries.flatMap(({ parameters }) => parameters).filter(({ name }) => !(name in SHARED_FLAGS));
  const definitions = {
    ...SHARED_FLAGS,
    ...Object.fromEntries(own.map((parameter) => [parameter.name, flagFor(parameter)])),
  };
  const { flags, argv: rest } = await Parser.parse([...argv], { flags: definitions, strict: false, args: {} });
  const sources = readSources(rest as string[], { first: names, argv, flags: definitions });
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

/** The questions' names in the arguments of `query`: the first word that is neither a flag nor a flag's value. */
export function findNames(argv: readonly string[]): string | undefined {
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!;
    if (word === '--') return argv[i + 1];
    if (!word.startsWith('-') || word === '-') return word;
    if (takesValue(word, argv[i + 1])) i++;
  }
  return undefined;
}

/** A flag that not every question has belongs to one that is not known yet: any question may tell, or what follows it. */
function takesValue(word: string, next: string | undefined): boolean {
  if (word.includes('=')) return false;
  const known = Object.entries(SHARED_FLAGS).find(
    ([name, flag]) => word === `--${name}` || ('char' in flag && word === `-${flag.char}`),
  );
  if (known !== undefined) return known[1].type === 'option';
  if (!word.startsWith('--') || word.startsWith('--no-') || word === '--help') return false;
  const parameter = listQueries()
    .flatMap(({ name }) => loadQuery(name).parameters)
    .find(({ name }) => word === `--${name}`);
  return parameter === undefined ? !isQuestion(next) : parameter.type !== 'boolean';
}

function isQuestion(word: string | undefined): boolean {
  if (word === undefined) return false;
  const names = listQueries().map(({ name }) => name);
  return splitNames(word).every((name) => names.includes(name) || name.endsWith('.sql'));
}

/** A file's own name may hold a comma. */
function splitNames(names: string): readonly string[] {
  if (names.endsWith('.sql') && existsSync(names)) return [names];
  return names.split(',').map((name) => name.trim());
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
