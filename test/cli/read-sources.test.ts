import { expect, test } from 'vitest';
import { readSources } from '../../src/cli/read-sources.js';

const flags = { quiet: { type: 'boolean' }, where: { type: 'option' } } as const;

test.each<[string, string[], string[], string | undefined, string[]]>([
  ['all words', ['a', 'b'], ['a', 'b'], undefined, ['a', 'b']],
  ['all but the first word', ['errors', 'a'], ['errors', 'a'], 'errors', ['a']],
  ['a source called like the question', ['errors', 'errors'], ['errors', 'errors'], 'errors', ['errors']],
  ['standard input', ['-'], ['-'], undefined, ['-']],
  ['what comes behind --', ['-1', '--quiet=x'], ['--', '-1', '--quiet=x'], undefined, ['-1', '--quiet=x']],
  ['a flag with a value', ['a'], ['--where=x', 'a'], undefined, ['a']],
])('%s', (_name, words, argv, first, sources) => {
  expect(readSources(words, { argv, flags, ...(first === undefined ? {} : { first }) })).toEqual(sources);
});

test.each([
  [['--quiet=false', 'a'], ['false', 'a'], '--quiet takes no value: --quiet=false'],
  [['-1', 'a'], ['-1', 'a'], 'Unknown flag: -1'],
])('%j is refused', (argv, words, message) => {
  expect(() => readSources(words, { argv, flags })).toThrow(message);
});
