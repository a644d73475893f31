import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { jsonOf } from './answer.js';
import { AT_ONCE, madeObject, MADE_KEYS, newSource } from './made-source.js';
import { awsusage, newFolder, startAwsusage, type Started } from './run-awsusage.js';

const TOO_LONG_MS = 45_000;

function watch(cwd: string, interval = '1s'): Started {
  return startAwsusage(['compact', 'json-data', '--watch', interval, ...AT_ONCE], { cwd });
}

async function until(isSo: () => boolean): Promise<void> {
  const begun = Date.now();
  while (!isSo()) {
    if (Date.now() - begun > TOO_LONG_MS) throw new Error(`it never came: ${String(isSo)}`);
    await sleep(20);
  }
}

function slotsOf(cwd: string): string[] {
  const table = join(cwd, 'json-data-compacted');
  if (!existsSync(table)) return [];
  return (readdirSync(table, { recursive: true }) as string[]).filter((name) => name.endsWith('.parquet'));
}

function copiesOf(cwd: string): number {
  const commits = join(cwd, 'json-data-compacted.ledger/commits');
  if (!existsSync(commits)) return 0;
  return (readdirSync(commits, { recursive: true }) as string[]).filter((name) => name.endsWith('.gz')).length;
}

test('what comes later is merged, and SIGTERM between two runs ends it at once and well', async () => {
  const cwd = newSource();
  const { child, ended } = watch(cwd);
  await until(() => copiesOf(cwd) === 2);
  writeFileSync(join(cwd, 'json-data', MADE_KEYS[0]!.replace('a.json', 'late.json')), madeObject('late'));
  await until(() => copiesOf(cwd) === 3);
  child.kill('SIGTERM');
  const end = await ended;
  expect(end).toMatchObject({ code: 0, left: [] });
  expect(end.stderr).toContain('objects: 1 merged, 5 merged before');
  expect(slotsOf(cwd)).toHaveLength(3);
});

test('it does not wait for the next run to end', async () => {
  const cwd = newSource();
  const { child, ended } = watch(cwd, '1h');
  await until(() => copiesOf(cwd) === 2);
  await sleep(1000);
  const begun = Date.now();
  child.kill('SIGINT');
  expect(await ended).toMatchObject({ code: 0, left: [] });
  expect(Date.now() - begun).toBeLessThan(10_000);
});

test('a run that fails is told, and the next one tries again', async () => {
  const cwd = newSource();
  const { child, ended } = watch(cwd);
  let said = '';
  child.stderr!.on('data', (text: Buffer) => (said += text.toString()));
  await until(() => copiesOf(cwd) === 2);
  const description = join(cwd, 'json-data-compacted.ledger/source.json');
  const before = readFileSync(description);
  writeFileSync(description, 'no JSON');
  await until(() => said.includes('source.json: it is no JSON'));
  writeFileSync(description, before);
  writeFileSync(join(cwd, 'json-data', MADE_KEYS[0]!.replace('a.json', 'late.json')), madeObject('late'));
  await until(() => copiesOf(cwd) === 3);
  child.kill('SIGTERM');
  expect(await ended).toMatchObject({ code: 0, left: [] });
});

/** More partitions than are read together: two groups. */
const PARTITIONS = 260;
const FIRST_GROUP = 250;

function newLargeSource(): string {
  const cwd = newFolder();
  for (let number = 0; number < PARTITIONS; number++) {
    const folder = join(cwd, 'json-data', `day=${String(number).padStart(3, '0')}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'a.json.gz'), madeObject(String(number)));
  }
  return cwd;
}

test('SIGTERM in a run lets it finish the group that it is at', async () => {
  const cwd = newLargeSource();
  const { child, ended } = watch(cwd, '1h');
  await until(() => slotsOf(cwd).length > 0);
  child.kill('SIGTERM');
  const end = await ended;
  expect(end).toMatchObject({ code: 0, left: [] });
  expect(end.stderr).toContain(`objects: ${FIRST_GROUP} merged, ${PARTITIONS - FIRST_GROUP} waiting`);
  expect(slotsOf(cwd)).toHaveLength(FIRST_GROUP);
  const next = await awsusage(['compact', 'json-data', ...AT_ONCE, '--json'], { cwd });
  expect(jsonOf<{ objects: Record<string, number> }>(next).objects).toMatchObject({
    merged: PARTITIONS - FIRST_GROUP,
    mergedBefore: FIRST_GROUP,
  });
});

test('a second signal ends it at once', async () => {
  const cwd = newLargeSource();
  const { child, ended } = watch(cwd, '1h');
  await until(() => slotsOf(cwd).length > 0);
  child.kill('SIGTERM');
  await sleep(20);
  child.kill('SIGTERM');
  expect(await ended).toMatchObject({ code: 143, left: [] });
  expect(copiesOf(cwd)).toBeLessThan(FIRST_GROUP);
});

test.each<[string, string[], string]>([
  ['a source that is not there', ['nowhere', '--watch', '1s'], 'No such file or folder'],
  ['a time that is none', ['json-data', '--watch', 'often'], 'Cannot read "often"'],
  ['no time at all', ['json-data', '--watch', '0'], 'Cannot use --watch 0'],
  ['a dry run', ['json-data', '--watch', '1h', '--dry-run'], '--watch and --dry-run'],
  ['a check', ['json-data', '--watch', '1h', '--verify'], '--watch and --verify'],
])('%s ends it with the first run', async (_name, args, said) => {
  const end = await awsusage(['compact', ...args], { cwd: newSource() });
  expect(end).toMatchObject({ code: 2, stdout: '', left: [] });
  expect(end.stderr).toContain(said);
});
