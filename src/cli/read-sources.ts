import { UserError } from '../errors.js';

export interface WordsContext {
  /** The command's first word (the question, the SQL), which is no source. */
  readonly first?: string;
  /** The whole command line. */
  readonly argv: readonly string[];
  /** The flags that there are, by their names without `--`. */
  readonly flags: Readonly<Record<string, { readonly type: 'boolean' | 'option' }>>;
}

/**
 * The sources among the words that a parse left over. The parser hands over as words what it cannot place: a number with a
 * minus sign, and the value of a flag that takes none (`--quiet=no`). These are refused here.
 * @throws UserError for such a word
 */
export function readSources(words: readonly string[], { first, argv, flags }: WordsContext): readonly string[] {
  const end = argv.indexOf('--');
  const beforeEnd = end < 0 ? argv : argv.slice(0, end);
  const valued = beforeEnd.find((word) => flags[/^--([^=]+)=/.exec(word)?.[1] ?? '']?.type === 'boolean');
  if (valued !== undefined) {
    throw new UserError(`${valued.replace(/=.*/s, '')} takes no value: ${valued}`, {
      wayOut: 'Give the flag alone, or leave it out.',
    });
  }
  const sources = first === undefined ? words : words.filter((_, index) => index !== words.indexOf(first));
  const unknown = sources.find((word) => /^-\d/.test(word) && beforeEnd.includes(word));
  if (unknown === undefined) return sources;
  throw new UserError(`Unknown flag: ${unknown}`, { wayOut: `For a file of that name write ./${unknown}` });
}
