import { readdirSync, readFileSync } from 'node:fs';
import { closestName } from '../closest-name.js';
import { UserError } from '../errors.js';
import { packageFile } from '../package-file.js';

const FOLDER = packageFile('dist/schemas/');

/**
 * Prints the JSON Schema of what a command prints with `--json`.
 * @param words the words of the command: `compact`, `status`
 * @throws UserError for none, or one that has no schema
 */
export function printSchema(words: readonly string[]): void {
  const names = readdirSync(FOLDER).map((file) => file.replace(/\.json$/, ''));
  const name = words.join('-');
  if (!names.includes(name)) throw noSchema(words.join(' '), names.sort());
  process.stdout.write(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'));
}

function noSchema(command: string, names: readonly string[]): UserError {
  const commands = names.map((name) => name.replaceAll('-', ' '));
  const meant = closestName(command, commands);
  const message = command === '' ? 'No command was given' : `There is no schema of ${JSON.stringify(command)}`;
  return new UserError(message, {
    wayOut: [
      ...(meant === undefined ? [] : [`Did you mean awsusage schema ${meant}?`]),
      `The commands that have --json are: ${commands.join(', ')}.`,
    ],
  });
}
