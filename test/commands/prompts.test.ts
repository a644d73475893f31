import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newSource } from './made-source.js';
import { awsusage, BUCKET, newFolder } from './run-awsusage.js';
import { hasPython, runOnTerminal } from './run-on-terminal.js';

const EMPTY = newFolder();

/** Command lines at which other programs would ask: something is missing, or about to go for good. */
const QUESTIONABLE: readonly (readonly string[])[] = [
  ['query'],
  ['query', 'services'],
  ['query', 'servces', BUCKET],
  ['sql'],
  ['inspect'],
  ['compact'],
  ['compact', join(EMPTY, 'nothing')],
  ['compact', 'status'],
  ['compact', 'gc'],
  ['compact', 'gc', join(newSource(), 'json-data')],
  ['cache'],
  ['cache', 'fill'],
  ['cache', 'clear'],
  ['completion'],
  ['schema'],
  ['nope'],
];

const skip = hasPython() ? '' : ': there is no Python to make a terminal';

test.skipIf(skip !== '')(`nothing asks on a terminal: each command ends by itself${skip}`, async () => {
  const ends = await Promise.all(
    QUESTIONABLE.map((args) => runOnTerminal(args, { columns: 100, env: { AWSUSAGE_SOURCE: '' } })),
  );
  for (const { code, output } of ends) {
    expect([0, 2]).toContain(code);
    expect(output).not.toMatch(/\[y\/n\]|\(y\/N\)|continue\?|are you sure/i);
  }
});

test('nothing waits for standard input that stays open, but a source that is -', async () => {
  const ends = await Promise.all(QUESTIONABLE.map((args) => awsusage(args, { input: { open: true } })));
  for (const { code } of ends) expect([0, 2]).toContain(code);
});
