import { stripVTControlCharacters } from 'node:util';
import { closestName } from '../closest-name.js';

export interface ParserExplanation {
  readonly message: string;
  readonly wayOut: readonly string[];
}

const SEE_HELP = 'See --help for what can be given.';

/** What oclif's parser found wrong, in words of ours, with the nearest flag there is for one that is not known. */
export function explainParserError(error: Error): ParserExplanation {
  const unknown = findUnknownFlags(error);
  if (unknown === undefined) return cleanParserMessage(error.message);
  const { given, known } = unknown;
  const meant = given.flatMap((flag) => nearestFlag(flag, known) ?? []);
  return {
    message: `Unknown flag${given.length === 1 ? '' : 's'}: ${given.join(', ')}`,
    wayOut: [...(meant.length === 0 ? [] : [`Did you mean ${meant.join(', ')}?`]), SEE_HELP],
  };
}

/**
 * oclif's parser puts the flag's name before, and a line about `--help` behind, what a flag's own `parse` throws; it colours
 * parts of its messages, whatever the terminal.
 */
export function cleanParserMessage(raw: string): ParserExplanation {
  const [, body = raw, tail] = /^([\s\S]*?)(\nSee more help with --help)?$/.exec(stripVTControlCharacters(raw)) ?? [];
  const message = body.replace(/^Parsing (--\S+) \n\t/, '$1: ').replace(/^Nonexistent flag(s?): /, 'Unknown flag$1: ');
  return { message, wayOut: tail === undefined ? [] : [SEE_HELP] };
}

interface UnknownFlags {
  /** As they were written. */
  readonly given: readonly string[];
  /** The flags that there are, without `--`. */
  readonly known: readonly string[];
}

/** Of oclif's `NonExistentFlagsError`, which its package does not export. */
function findUnknownFlags(error: Error): UnknownFlags | undefined {
  const { flags, parse } = error as { flags?: unknown; parse?: { input?: { flags?: object } } };
  if (!Array.isArray(flags)) return undefined;
  return { given: flags.map(String), known: Object.keys(parse?.input?.flags ?? {}) };
}

/** `--endpoint` is near `--endpoint-url` too, although many letters are missing. */
function nearestFlag(flag: string, known: readonly string[]): string | undefined {
  const name = flag.replace(/^-+/, '').replace(/=.*/s, '');
  const meant = closestName(name, known) ?? known.find((one) => name.length > 2 && one.startsWith(name));
  return meant === undefined ? undefined : `--${meant}`;
}
