import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { type RunResources, withRunResources } from '../../src/cli/run-resources.js';
import { start } from './child-process.js';
import { compileSource } from './compiled-source.js';

const QUIET = { quiet: true };

let base: string;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'awsusage-test-base-'));
  vi.stubEnv('AWSUSAGE_TMPDIR', base);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(base, { recursive: true });
});

/** Holds two things and a folder with a file in it, which is still there when the two are closed. */
async function holdAll({ hold, folder }: RunResources, closed: string[]): Promise<string> {
  const { path } = await folder();
  for (const name of ['first', 'last']) hold({ close: () => closed.push(`${name} ${existsSync(path)}`) });
  await writeFile(join(path, 'object'), 'x');
  return path;
}

describe('withRunResources', () => {
  it('closes the last first, then removes the folder', async () => {
    const closed: string[] = [];
    let path = '';
    await withRunResources(QUIET, async (resources) => {
      path = await holdAll(resources, closed);
      expect(existsSync(join(path, 'object'))).toBe(true);
    });
    expect(closed).toEqual(['last true', 'first true']);
    expect(existsSync(path)).toBe(false);
  });

  it('does so where the work fails, and lets its error through', async () => {
    const closed: string[] = [];
    let path = '';
    const run = withRunResources(QUIET, async (resources) => {
      path = await holdAll(resources, closed);
      throw new Error('no luck');
    });
    await expect(run).rejects.toThrow('no luck');
    expect(closed).toEqual(['last true', 'first true']);
    expect(existsSync(path)).toBe(false);
  });

  it('makes one folder for all who ask, and none where nobody does', async () => {
    await withRunResources(QUIET, async ({ folder }) => {
      const [one, other] = await Promise.all([folder(), folder()]);
      expect(one.path).toBe(other.path);
    });
    await rm(join(base, (await readdir(base))[0] ?? 'none'), { recursive: true });
    await withRunResources(QUIET, async () => undefined);
    expect(await readdir(base)).toEqual([]);
  });

  it('fails with the error of a folder that cannot be made', async () => {
    vi.stubEnv('AWSUSAGE_TMPDIR', join(base, 'not', 'there'));
    const run = withRunResources(QUIET, async ({ folder }) => void (await folder()));
    await expect(run).rejects.toThrow(/Cannot write temporary files/);
  });

  it('leaves no listeners behind', async () => {
    const count = (): number[] => ['exit', 'SIGINT', 'SIGTERM', 'SIGHUP'].map((name) => process.listenerCount(name));
    const before = count();
    await withRunResources(QUIET, async ({ folder }) => {
      await folder();
      expect(count()).not.toEqual(before);
    });
    expect(count()).toEqual(before);
  });
});

it('Ctrl-C interrupts what can be interrupted, closes the rest, and removes the folder', async () => {
  const source = await compileSource();
  const script = await source.write(
    'run.js',
    `import { withRunResources } from './cli/run-resources.js';
     await withRunResources({ quiet: true }, async ({ hold, folder }) => {
       await folder();
       let end;
       hold({ close: () => { console.log('closed'); end?.(new Error('ended')); } });
       hold({ interrupt: () => console.log('interrupted'), close: () => console.log('closed at the end') });
       console.log('ready');
       await new Promise((resolve, reject) => { end = reject; setTimeout(resolve, 60_000); });
     });`,
  );
  const { child, saw, ended } = start(process.execPath, [script]);
  await saw('ready');
  const [own = ''] = await readdir(base);
  expect(await readdir(join(base, own))).toHaveLength(1);
  child.kill('SIGINT');
  const { stdout, ...end } = await ended;
  expect(end).toEqual({ code: 130, signal: null, stderr: '' });
  expect(stdout).toMatch(/^ready\ninterrupted\nclosed\n/);
  expect(await readdir(join(base, own))).toEqual([]);
  await rm(source.folder, { recursive: true });
});
