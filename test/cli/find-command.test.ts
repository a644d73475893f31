import { expect, test } from 'vitest';
import { findCommand } from '../../src/cli/find-command.js';
import { UserError } from '../../src/errors.js';

const KNOWN = { commands: ['inspect', 'query', 'sql'], instead: ['--help', '-h', '--version'] };

test.each([
  [[], []],
  [
    ['query', 'services', './logs'],
    ['query', 'services', './logs'],
  ],
  [['--help'], ['--help']],
  [['--version'], ['--version']],
  [['help'], ['--help']],
  [
    ['help', 'query', 'errors'],
    ['query', 'errors', '--help'],
  ],
])('%j is %j', (argv, found) => {
  expect(findCommand(argv, KNOWN)).toEqual(found);
});

test.each([
  [['quer', 'x'], 'There is no command called "quer"', 'Did you mean awsusage query?'],
  [['inspct'], 'There is no command called "inspct"', 'Did you mean awsusage inspect?'],
  [['errors', './logs'], 'There is no command called "errors"', 'Did you mean awsusage query errors?'],
  [['error'], 'There is no command called "error"', 'Did you mean awsusage query errors?'],
  [['errors,regions'], 'There is no command called "errors,regions"', 'Did you mean awsusage query errors,regions?'],
  [['nothing-like-it'], 'There is no command called "nothing-like-it"', undefined],
  [['--service', 's3', 'query'], 'The command comes first, before --service', undefined],
])('%j is no command', (argv, message, meant) => {
  const error = thrownBy(() => findCommand(argv, KNOWN));
  expect(error.message).toBe(message);
  expect(error.wayOut.find((line) => line.startsWith('Did you mean'))).toBe(meant);
  expect(error.wayOut.at(-1)).toBe('The commands are: inspect, query, sql.');
});

function thrownBy(action: () => unknown): UserError {
  try {
    action();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
