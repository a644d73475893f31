import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { openRunFolder } from '../../src/cli/run-folder.js';
import { UserError } from '../../src/errors.js';
import { start, type Started } from './child-process.js';
import { compileSource } from './compiled-source.js';

const { uid } = userInfo();
const OWN = `awsusage-${String(uid)}`;

let base: string;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'awsusage-test-base-'));
});

afterEach(async () => {
  await rm(base, { recursive: true });
});

describe('openRunFolder', () => {
  it('makes folders that only the user can look into', async () => {
    const folder = await openRunFolder({ base });
    expect(folder.path.startsWith(join(base, OWN, 'run-'))).toBe(true);
    for (const path of [join(base, OWN), folder.path]) expect((await stat(path)).mode & 0o777).toBe(0o700);
    const owner = JSON.parse(await readFile(join(folder.path, 'owner.json'), 'utf8')) as { pid: number };
    expect(owner.pid).toBe(process.pid);
    folder.remove();
  });

  it('removes its folder, and only that, once', async () => {
    const [first, second] = [await openRunFolder({ base }), await openRunFolder({ base })];
    await mkdir(join(first.path, 'deep', 'er'), { recursive: true });
    first.remove();
    first.remove();
    expect(await readdir(join(base, OWN))).toHaveLength(1);
    expect(existsSync(second.path)).toBe(true);
    second.remove();
  });

  it('leaves no listeners behind', async () => {
    const count = (): number[] => ['exit', 'SIGINT', 'SIGTERM', 'SIGHUP'].map((name) => process.listenerCount(name));
    const before = count();
    const folder = await openRunFolder({ base });
    expect(count()).not.toEqual(before);
    folder.remove();
    expect(count()).toEqual(before);
  });

  it('goes where AWSUSAGE_TMPDIR says, and narrows a folder of ours that is open to others', async () => {
    await mkdir(join(base, OWN));
    await chmod(join(base, OWN), 0o777);
    const folder = await openRunFolder({ env: { AWSUSAGE_TMPDIR: base } });
    expect(folder.path.startsWith(base)).toBe(true);
    expect((await stat(join(base, OWN))).mode & 0o777).toBe(0o700);
    folder.remove();
  });

  it('refuses a link in its place and does not touch what it leads to', async () => {
    const target = join(base, 'target');
    await mkdir(target);
    await chmod(target, 0o755);
    await symlink(target, join(base, OWN));
    await expectUserError({ base }, /it is a symbolic link$/);
    expect(await readdir(target)).toEqual([]);
    expect((await stat(target)).mode & 0o777).toBe(0o755);
  });

  it('refuses a link that leads nowhere', async () => {
    await symlink(join(base, 'nowhere'), join(base, OWN));
    await expectUserError({ base }, /it is a symbolic link$/);
    expect(existsSync(join(base, 'nowhere'))).toBe(false);
  });

  it.skipIf(uid !== 0)('refuses a folder of another user', async () => {
    await mkdir(join(base, OWN), { mode: 0o777 });
    await chown(join(base, OWN), 12345, 12345);
    await expectUserError({ base }, /it belongs to another user$/);
    expect(await readdir(join(base, OWN))).toEqual([]);
  });

  it('refuses a file in its place', async () => {
    await writeFile(join(base, OWN), '');
    await expectUserError({ base }, /it is not a folder$/);
  });

  it('says which folder is not there, and what to do', async () => {
    await expectUserError({ env: { AWSUSAGE_TMPDIR: join(base, 'none') } }, /none: there is no such folder$/);
  });

  it.skipIf(uid === 0)('says that it may not write', async () => {
    await chmod(base, 0o500);
    await expectUserError({ base }, /you may not write there$/);
  });
});

describe('the run folder of a process', () => {
  let source: Awaited<ReturnType<typeof compileSource>>;

  beforeAll(async () => {
    source = await compileSource();
  });

  afterAll(async () => {
    await rm(source.folder, { recursive: true });
  });

  /** Opens a run folder with something in it, prints its path, then does as told. */
  async function startProcess(then: string): Promise<Started> {
    const script = await source.write(
      'open-run-folder.js',
      `import { mkdirSync, writeFileSync } from 'node:fs';
       import { openRunFolder } from './cli/run-folder.js';
       import { onInterrupt } from './cli/signals.js';
       const folder = await openRunFolder();
       mkdirSync(folder.path + '/engine');
       writeFileSync(folder.path + '/engine/spill', 'data');
       const hang = () => setInterval(() => {}, 1000);
       ${then}
       console.log(folder.path + ' ready');`,
    );
    return start(process.execPath, [script], { ...process.env, AWSUSAGE_TMPDIR: base });
  }

  it.each([
    ['ends', '', 0],
    ['exits', 'process.on("beforeExit", () => process.exit(3));', 3],
    ['fails', 'setTimeout(() => { throw new Error("boom"); }, 10);', 1],
  ])('is removed when the process %s', async (_name, then, code) => {
    const end = await (await startProcess(then)).ended;
    expect(end.stdout).toContain(join(base, OWN, 'run-'));
    expect(end.code).toBe(code);
    expect(await readdir(join(base, OWN))).toEqual([]);
  });

  it.each<[NodeJS.Signals, number]>([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])('is removed on %s', async (signal, code) => {
    const started = await startProcess('hang();');
    await started.saw('ready');
    expect(await readdir(join(base, OWN))).toHaveLength(1);
    started.child.kill(signal);
    expect((await started.ended).code).toBe(code);
    expect(await readdir(join(base, OWN))).toEqual([]);
  });

  it('stays until whoever watches the signal is done', async () => {
    const started = await startProcess(
      `hang(); onInterrupt(async () => {
         const { existsSync } = await import('node:fs');
         console.log('still there: ' + existsSync(folder.path));
       });`,
    );
    await started.saw('ready');
    started.child.kill('SIGINT');
    const end = await started.ended;
    expect(end.code).toBe(130);
    expect(end.stdout).toContain('still there: true');
    expect(await readdir(join(base, OWN))).toEqual([]);
  });

  it('is swept by the next run when the process was killed, and not before', async () => {
    const killed = await startProcess('hang();');
    await killed.saw('ready');
    const next = await (await startProcess('')).ended;
    expect(next.code).toBe(0);
    expect(await readdir(join(base, OWN))).toHaveLength(1);

    killed.child.kill('SIGKILL');
    expect((await killed.ended).signal).toBe('SIGKILL');
    expect(await readdir(join(base, OWN))).toHaveLength(1);

    await (
      await startProcess('')
    ).ended;
    expect(await readdir(join(base, OWN))).toEqual([]);
  });
});

async function expectUserError(options: Parameters<typeof openRunFolder>[0], message: RegExp): Promise<void> {
  const error: unknown = await openRunFolder(options).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UserError);
  const { message: text, wayOut } = error as UserError;
  expect(text).toMatch(/^Cannot write temporary files to /);
  expect(text).toMatch(message);
  expect(wayOut.join('\n')).toContain('AWSUSAGE_TMPDIR');
}
