import { describe, expect, test } from 'vitest';
import { completeLine, type KnownFlag, type KnownWords } from '../../src/cli/complete-line.js';

const FLAGS: Readonly<Record<string, KnownFlag>> = {
  output: { type: 'option', char: 'o', options: ['table', 'json'] },
  json: { type: 'boolean' },
  service: { type: 'option', multiple: true },
  cache: { type: 'boolean', allowNo: true },
  since: { type: 'option' },
  to: { type: 'option' },
  timezone: { type: 'option' },
  secret: { type: 'boolean', hidden: true },
};

const GATE_FLAGS: Readonly<Record<string, KnownFlag>> = {
  by: { type: 'option' },
  check: { type: 'option' },
  file: { type: 'option', multiple: true },
  template: { type: 'option' },
};

const KNOWN: KnownWords = {
  commands: [
    { id: 'query', summary: 'ask', args: {}, flags: FLAGS, strict: false },
    { id: 'sql', args: { select: {} }, flags: FLAGS, strict: false },
    { id: 'merge', args: {}, flags: FLAGS, strict: false },
    { id: 'merge:status', args: {}, flags: FLAGS, strict: false },
    { id: 'topic:only:below', args: {}, flags: {}, strict: true },
    { id: 'shell', args: { name: { options: ['bash', 'zsh'] } }, flags: {}, strict: true },
    { id: 'schema', args: {}, flags: {}, strict: false },
    { id: 'gate', args: {}, flags: GATE_FLAGS, strict: false },
  ],
  questions: () => ['services', 'sessions', 'errors'].map((value) => ({ value })),
  parameters: (names) => (names.includes('services') ? { top: { type: 'option' } } : {}),
  sources: () => Promise.resolve([{ value: 'prod' }, { value: 'audit' }]),
  values: {
    timezone: () => ['Europe/Berlin', 'Europe/Paris'],
    by: () => ['service', 'operation'],
    template: () => Promise.resolve(['usage', 'web']),
  },
};

const COMMANDS = 'query sql merge topic shell schema gate';
const LEFT = '--output --json --service --cache --no-cache --since --to --timezone --help';

describe('completeLine', () => {
  test.each([
    ['', COMMANDS, false],
    ['s', 'sql shell schema', false],
    ['--', '', false],
    ['nope ', '', false],
    ['topic ', 'only', false],
    ['topic only ', 'below', false],
    ['topic only below ', '', false],
    ['merge ', 'status prod audit', true],
    ['merge st', 'status', true],
    ['merge --json ', 'prod audit', true],
    ['merge status ', 'prod audit', true],
    ['query ', 'services sessions errors', true],
    ['query --json se', 'services sessions', true],
    ['query services,', 'services,sessions services,errors', true],
    ['query services,se', 'services,sessions', true],
    ['query services ', 'prod audit', true],
    ['query services p', 'prod', true],
    ['query services prod a', 'audit', true],
    ['query services -', `${LEFT} --top`, false],
    ['query errors --t', '--to --timezone', false],
    ['query services --t', '--to --timezone --top', false],
    ['query services --json --o', '--output', false],
    ['query services -o json --o', '', false],
    ['query services --service s3 --s', '--service --since', false],
    ['query services --no-cache --no', '', false],
    ['query services --output ', 'table json', false],
    ['query services -o j', 'json', false],
    ['query services --output j', 'json', false],
    ['query services --output=j', '--output=json', false],
    ['query services --output = j', 'json', false],
    ['query services --output =', 'table json', false],
    ['query services --output = json p', 'prod', true],
    ['query services --output=json p', 'prod', true],
    ['query services --since ', '', false],
    ['query services --since 7d ', 'prod audit', true],
    ['query services --to ', '', true],
    ['query services --timezone Europe/P', 'Europe/Paris', false],
    ['query services --unknown ', 'prod audit', true],
    ['query services -- -', '', true],
    ['query services -- p', 'prod', true],
    ['query services = ', 'prod audit', true],
    ['sql ', '', false],
    ['sql 1 ', 'prod audit', true],
    ['gate --by ', 'service operation', false],
    ['gate --by service,', 'service,operation', false],
    ['gate --by=service,o', '--by=service,operation', false],
    ['gate --check ', '', true],
    ['gate --file ', '', true],
    ['gate --template ', 'usage web', true],
    ['gate --template w', 'web', true],
    ['shell ', 'bash zsh', false],
    ['shell bash ', '', false],
    ['schema ', 'query sql merge', false],
    ['schema merge ', 'status', false],
  ])('%j offers %j', async (line, expected, files) => {
    const found = await completeLine(line.split(' '), KNOWN);
    expect({ words: found.candidates.map(({ value }) => value).join(' '), files: found.files }).toEqual({
      words: expected,
      files,
    });
  });

  test('an empty list of words is an empty line', async () => {
    expect((await completeLine([], KNOWN)).candidates.map(({ value }) => value).join(' ')).toBe(COMMANDS);
  });

  test('says what commands and flags do', async () => {
    expect(await completeLine(['q'], KNOWN)).toEqual({
      candidates: [{ value: 'query', description: 'ask' }],
      files: false,
    });
    expect((await completeLine(['query', 'x', '--h'], KNOWN)).candidates).toEqual([
      { value: '--help', description: 'show help' },
    ]);
  });
});
