import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openRunFolder } from '../../src/cli/run-folder.js';
import { start, startGroup, type Started } from './child-process.js';
import { builtUrl, engineProcesses, goneAfter } from './built-engine.js';

const OWN = `awsusage-${String(userInfo().uid)}`;

/** What every owner in these tests begins with: a run's folder, and an engine in a process of its own. */
const OPENED = `
  import { forkEngine } from '${builtUrl('cli/fork-engine.js')}';
  import { openRunFolder } from '${builtUrl('cli/run-folder.js')}';
  const forked = forkEngine();
  const run = await openRunFolder({ base: process.argv[2] });
  const engine = await forked.open({ spillFolder: run.path + '/spill', memoryLimit: 64_000_000, threads: 2 });
`;

const SPILL = `
  import { readdirSync } from 'node:fs';
  engine.run('CREATE TABLE t AS SELECT range, md5(CAST(range AS VARCHAR)) FROM range(100000000)').catch((error) => console.log(error.message));
  const watch = setInterval(() => {
    const spill = readdirSync(run.path).find((name) => name.startsWith('spill-'));
    if (spill === undefined || readdirSync(run.path + '/' + spill).length === 0) return;
    clearInterval(watch);
    console.log('spilling');
  }, 5);
`;

let base: string;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'awsusage-test-owner-'));
});

afterEach(async () => rm(base, { recursive: true }));

async function startOwner(script: string): Promise<Started> {
  const path = join(base, 'owner.mjs');
  await writeFile(path, OPENED + script);
  return start(process.execPath, [path, base]);
}

async function runFolders(): Promise<readonly string[]> {
  return readdir(join(base, OWN));
}

describe('the process of an engine', () => {
  test('is gone within a second after its owner was killed, and the next sweep takes what it had spilled', async () => {
    const owner = await startOwner(SPILL);
    await owner.saw('spilling');
    const [engine] = engineProcesses(owner.child.pid!);
    owner.child.kill('SIGKILL');
    await owner.ended;
    expect(await goneAfter(engine!)).toBeLessThan(1000);
    expect(await runFolders()).toHaveLength(1);
    const next = await openRunFolder({ base });
    expect((await runFolders()).map((name) => join(base, OWN, name))).toEqual([next.path]);
    next.remove();
  });

  test.each([
    ['throws', `setTimeout(() => { throw new Error('a bug'); }, 1);`, 1],
    ['exits', `setTimeout(() => process.exit(5), 1);`, 5],
    ['closes', `setTimeout(() => { forked.close(); run.remove(); }, 1);`, 0],
  ])('is gone when its owner %s, with all that it had spilled', async (_name, end, code) => {
    const owner = await startOwner(`${SPILL}\nprocess.stdin.destroy(); process.on('SIGUSR2', () => { ${end} });`);
    await owner.saw('spilling');
    const [engine] = engineProcesses(owner.child.pid!);
    owner.child.kill('SIGUSR2');
    expect((await owner.ended).code).toBe(code);
    expect(await goneAfter(engine!)).toBeLessThan(1000);
    expect(await runFolders()).toEqual([]);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('leaves %s to its owner', async (signal) => {
    const script = `
      process.on('${signal}', async () => {
        await new Promise((resolve) => setTimeout(resolve, 200));
        console.log(String(await counted), await engine.rows('SELECT 42'));
        forked.close();
        run.remove();
      });
      const counted = engine.rows('SELECT count(*) FROM range(100000000) WHERE hash(range) IS NOT NULL');
      console.log('ready');`;
    await writeFile(join(base, 'owner.mjs'), OPENED + script);
    const owner = startGroup(process.execPath, [join(base, 'owner.mjs'), base]);
    await owner.saw('ready');
    process.kill(-owner.child.pid!, signal);
    expect(await owner.ended).toEqual({ code: 0, signal: null, stdout: 'ready\n100000000 [ [ 42n ] ]\n', stderr: '' });
  });

  test('that cannot be started is said so', async () => {
    const script = `
      import { openSync } from 'node:fs';
      import { forkEngine } from '${builtUrl('cli/fork-engine.js')}';
      const open = () => { try { for (;;) openSync('/dev/null'); } catch { return; } };
      open();
      const options = { spillFolder: process.argv[2], memoryLimit: 64_000_000, threads: 1 };
      await forkEngine().open(options).catch((error) => console.log(error.name, error.message));`;
    await writeFile(join(base, 'owner.mjs'), script);
    const command = `ulimit -n 60; "${process.execPath}" "${join(base, 'owner.mjs')}" "${base}"`;
    const { stdout } = await start('bash', ['-c', command]).ended;
    expect(stdout).toMatch(/^UserError Cannot start a process for the engine: spawn .* EMFILE\n$/);
  });

  test('does nothing without an owner', async () => {
    const { ended } = start(process.execPath, [fileURLToPath(builtUrl('cli/engine-process.js'))]);
    expect((await ended).signal).toBe('SIGKILL');
  });

  test('is not given the credentials of its owner', async () => {
    const script = `import { readFileSync } from 'node:fs';
      import { execFileSync } from 'node:child_process';
      const pid = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\\n')
        .map((line) => line.trim().split(/\\s+/)).find((words) => words[1] === String(process.pid) && words.at(-1).endsWith('engine-process.js'))[0];
      console.log(/AWS_/.test(readFileSync('/proc/' + pid + '/environ', 'latin1')), /PATH=/.test(readFileSync('/proc/' + pid + '/environ', 'latin1')));
      forked.close(); run.remove();`;
    await writeFile(join(base, 'owner.mjs'), OPENED + script);
    const env = { ...process.env, AWS_SECRET_ACCESS_KEY: 'secret' };
    expect((await start(process.execPath, [join(base, 'owner.mjs'), base], env).ended).stdout).toBe('false true\n');
  });
});
