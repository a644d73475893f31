import { closestName } from '../closest-name.js';
import { UserError } from '../errors.js';
import { listQueries } from '../queries/query-catalog.js';

export interface KnownWords {
  /** The names of the commands. */
  readonly commands: readonly string[];
  /** What may stand in a command's place: `--help`, `-h`, `--version`. */
  readonly instead: readonly string[];
}

/**
 * The command line as the parser is to get it: `help NAME` becomes `NAME --help`.
 * @throws UserError when the first word is no command, with the nearest one there is
 */
export function findCommand(argv: readonly string[], { commands, instead }: KnownWords): string[] {
  const [first, ...rest] = argv;
  if (first === undefined || commands.includes(first) || instead.includes(first)) return [...argv];
  if (first === 'help') return [...rest, '--help'];
  const known = `The commands are: ${[...commands].sort().join(', ')}.`;
  if (first.startsWith('-')) {
    throw new UserError(`The command comes first, before ${first}`, {
      wayOut: ['For example: awsusage query sessions-per-day ./logs/ --service s3', known],
    });
  }
  const meant = findMeant(first, commands);
  throw new UserError(`There is no command called ${JSON.stringify(first)}`, {
    wayOut: [...(meant === undefined ? [] : [`Did you mean awsusage ${meant}?`]), known],
  });
}

function findMeant(word: string, commands: readonly string[]): string | undefined {
  const command = closestName(word, commands);
  if (command !== undefined) return command;
  const questions = listQueries().map(({ name }) => name);
  const question = closestName(word.split(',', 1)[0] ?? '', questions);
  return question === undefined ? undefined : `query ${word.includes(',') ? word : question}`;
}
