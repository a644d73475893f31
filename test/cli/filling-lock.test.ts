import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockFilling } from '../../src/cli/filling-lock.js';
import { ownIdentity } from '../../src/cli/process-identity.js';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'awsusage-lock-'));
  file = join(folder, 'filling.json');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('one process at a time has it', async () => {
  const unlock = await lockFilling(folder);
  expect(unlock).toBeDefined();
  expect(await lockFilling(folder)).toBeUndefined();
  await unlock?.();
  expect(existsSync(file)).toBe(false);
  expect(await lockFilling(folder)).toBeDefined();
});

test('that of a process that is gone is taken over', async () => {
  writeFileSync(file, JSON.stringify({ ...ownIdentity(), pid: 2 ** 22 + 1 }));
  expect(await lockFilling(folder)).toBeDefined();
});

test.each(['', 'no JSON', '{'])('one without a name, %j, is waited for, but not for long', async (text) => {
  writeFileSync(file, text);
  expect(await lockFilling(folder)).toBeUndefined();
  utimesSync(file, new Date(), new Date(Date.now() - 60_000));
  expect(await lockFilling(folder)).toBeDefined();
});

test('a folder of that name is in nobody’s way', async () => {
  mkdirSync(file);
  utimesSync(file, new Date(), new Date(Date.now() - 60_000));
  expect(await lockFilling(folder)).toBeDefined();
});

test('where nothing can be written the system says why', async () => {
  await expect(lockFilling(join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
});
