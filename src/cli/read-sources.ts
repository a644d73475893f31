import { closestName } from '../closest-name.js';
import { UserError } from '../errors.js';

export interface WordsContext {
  /** The command's first word (the question, the SQL), which is no source. */
  readonly first?: string;
  /** The whole command line. */
  readonly argv: readonly string[];
  /** The flags that there are, without `--`. */
  readonly flags: readonly string[];
}

/**
 * The sources among the words that a parse left over. Commands take any number of words, and a parser that does so hands
 * unknown flags back as words: they are refused here.
 * @throws UserError for an unknown flag, with the nearest one there is
 */
export function readSources(words: readonly string[], { first, argv, flags }: WordsContext): readonly string[] {
  const sources = first === undefined ? words : words.filter((_, index) => index !== words.indexOf(first));
  const end = argv.indexOf('--');
  const beforeEnd = end < 0 ? argv : argv.slice(0, end);
  const unknown = sources.find((word) => word.startsWith('-') && word !== '-' && beforeEnd.includes(word));
  if (unknown === undefined) return sources;
  const meant = closestName(unknown.replace(/^-+/, '').replace(/=.*/s, ''), flags);
  throw new UserError(`Unknown flag: ${unknown}`, {
    wayOut: [...(meant === undefined ? [] : [`Did you mean --${meant}?`]), 'See --help for what can be given.'],
  });
}
