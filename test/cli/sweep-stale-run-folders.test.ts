import { spawnSync } from 'node:child_process';
import { chown, mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { ownIdentity } from '../../src/cli/process-identity.js';
import { sweepStaleRunFolders } from '../../src/cli/sweep-stale-run-folders.js';

const { uid } = userInfo();
const HOUR_MS = 3600 * 1000;
const GONE = { ...ownIdentity(), pid: spawnSync(process.execPath, ['-e', '0']).pid };
const UNKNOWN = { ...GONE, pidSpace: 'another container' };

let base: string;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'awsusage-test-sweep-'));
});

afterEach(async () => {
  await rm(base, { recursive: true });
});

async function makeFolder(name: string, owner: unknown, ageMs = 0): Promise<string> {
  const path = join(base, name);
  await mkdir(join(path, 'engine'), { recursive: true });
  await writeFile(join(path, 'engine', 'spill'), 'data');
  if (owner !== undefined) {
    await writeFile(join(path, 'owner.json'), typeof owner === 'string' ? owner : JSON.stringify(owner));
  }
  const time = new Date(Date.now() - ageMs);
  for (const entry of ['owner.json', 'engine', '.']) {
    if (existsSync(join(path, entry))) await utimes(join(path, entry), time, time);
  }
  return path;
}

async function sweep(): Promise<readonly string[]> {
  return sweepStaleRunFolders({ base, uid, now: Date.now() });
}

it.each<[string, unknown, number, boolean]>([
  ['of a process that is gone', GONE, 0, true],
  ['of a running process', ownIdentity(), 0, false],
  ['of a running process, days old', ownIdentity(), 72 * HOUR_MS, !existsSync('/proc/self/stat')],
  ['of another container, fresh', UNKNOWN, HOUR_MS, false],
  ['of another container, old', UNKNOWN, 25 * HOUR_MS, true],
  ['without an owner yet', undefined, 0, false],
  ['without an owner, old', undefined, 25 * HOUR_MS, true],
  ['with a broken owner, fresh', '{"pid":', HOUR_MS, false],
  ['with a hostile owner, fresh', { pid: -1 }, HOUR_MS, false],
  ['with a hostile owner, old', 'null', 25 * HOUR_MS, true],
])('a folder %s', async (_name, owner, ageMs, swept) => {
  const path = await makeFolder('run-abc', owner, ageMs);
  expect(await sweep()).toEqual(swept ? [path] : []);
  expect(existsSync(path)).toBe(!swept);
});

it('looks at the newest change, not at the folder alone', async () => {
  const path = await makeFolder('run-abc', UNKNOWN, 25 * HOUR_MS);
  await utimes(join(path, 'engine'), new Date(), new Date());
  expect(await sweep()).toEqual([]);
});

it('leaves links and other things alone, also those inside a folder that goes', async () => {
  const outside = await mkdtemp(join(tmpdir(), 'awsusage-test-outside-'));
  await writeFile(join(outside, 'owner.json'), JSON.stringify(GONE));
  await writeFile(join(outside, 'precious'), 'data');
  await symlink(outside, join(base, 'run-link'));
  await writeFile(join(base, 'run-file'), 'data');
  await makeFolder('other', GONE);
  const stale = await makeFolder('run-stale', GONE);
  await symlink(outside, join(stale, 'link'));

  expect(await sweep()).toEqual([stale]);
  expect((await readdir(base)).sort()).toEqual(['other', 'run-file', 'run-link']);
  expect((await readdir(outside)).sort()).toEqual(['owner.json', 'precious']);
  await rm(outside, { recursive: true });
});

it('does not follow an owner file that is a link', async () => {
  const path = await makeFolder('run-abc', undefined);
  await writeFile(join(base, 'elsewhere.json'), JSON.stringify(GONE));
  await symlink(join(base, 'elsewhere.json'), join(path, 'owner.json'));
  expect(await sweep()).toEqual([]);
});

it.skipIf(uid !== 0)('leaves what belongs to another user', async () => {
  const path = await makeFolder('run-abc', GONE, 25 * HOUR_MS);
  await chown(path, 12345, 12345);
  expect(await sweep()).toEqual([]);
});

it('finds nothing in a folder that is not there', async () => {
  expect(await sweepStaleRunFolders({ base: join(base, 'none'), uid, now: Date.now() })).toEqual([]);
});
