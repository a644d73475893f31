import { spawn } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const FOLDER = mkdtempSync(join(tmpdir(), 'awsusage-build-'));

const SOURCES = {
  'src/cli/main.ts':
    'export function main(argv: string[]): void {\n  process.stdout.write(`started ${argv.join()}\\n`);\n}\n',
  'src/commands/hello.ts':
    "import { Command } from '@oclif/core';\nexport default class Hello extends Command {\n  async run(): Promise<void> {}\n}\n",
  'src/queries/hello.sql': 'SELECT 1\n',
  'src/schemas/hello.json': '{"$ref":"parts/who.json"}',
  'src/schemas/parts/who.json': '{"items":{"$ref":"who.json"}}',
  'src/reports/templates/hello.yml': 'title: Hello\n',
  'src/cli/help.ts': "export { Help as default } from '@oclif/core';\n",
  'src/cli/engine-process.ts': 'process.exit();\n',
  'src/dataset/read-ahead-worker.ts': 'process.exit();\n',
  'src/records/kernel/scan-rows.ts': 'export function answer(): i32 {\n  return 42;\n}\n',
};

interface Ended {
  readonly code: number | null;
  readonly said: string;
}

let project: string;
let count = 0;

beforeAll(async () => {
  makeProject('unbuilt');
  cpSync(join(FOLDER, 'unbuilt'), join(FOLDER, 'built'), { recursive: true, verbatimSymlinks: true });
  project = join(FOLDER, 'built');
  await build();
});

afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

/** A copy of the project, so that a test can do with it what it likes. */
function copyProject(from: 'built' | 'unbuilt'): void {
  project = join(FOLDER, String((count += 1)));
  cpSync(join(FOLDER, from), project, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
}

describe('npm run build', () => {
  beforeEach(() => copyProject('unbuilt'));

  test('makes what bin/run.js starts, the questions, the reports and the manifest, and says nothing', async () => {
    expect(await build()).toEqual({ code: 0, said: '' });
    expect(await node('bin/run.js', 'a', 'b')).toEqual({ code: 0, said: 'started a,b\n' });
    expect(readFileSync(join(project, 'dist/queries/hello.sql'), 'utf8')).toBe(SOURCES['src/queries/hello.sql']);
    expect(readFileSync(join(project, 'dist/reports/hello.yml'), 'utf8')).toBe('title: Hello\n');
    expect(readFileSync(join(project, 'dist/records/scan-rows.wasm')).subarray(0, 4).toString('latin1')).toBe('\0asm');
    expect(JSON.parse(readFileSync(join(project, 'dist/schemas/hello.json'), 'utf8'))).toEqual({
      $ref: '#/$defs/who',
      $defs: { who: { items: { $ref: '#/$defs/who' } } },
    });
    const manifest = JSON.parse(readFileSync(join(project, 'oclif.manifest.json'), 'utf8')) as { commands: object };
    expect(Object.keys(manifest.commands)).toEqual(['hello']);
    expect(leftovers()).toEqual([]);
  });

  test('leaves nothing of an earlier build', async () => {
    mkdirSync(join(project, 'dist'));
    writeFileSync(join(project, 'dist/gone.js'), '');
    await build();
    expect(existsSync(join(project, 'dist/gone.js'))).toBe(false);
  });

  test('that fails says what is wrong and leaves the earlier build', async () => {
    await build();
    appendFileSync(join(project, 'src/cli/main.ts'), 'export const wrong = ;\n');
    const { code, said } = await build();
    expect(code).toBe(1);
    expect(said).toMatch(/^The build failed: Build failed with 1 error:\n/);
    expect(said).toContain('src/cli/main.ts:4:21: ERROR: Unexpected ";"');
    expect(await node('bin/run.js')).toEqual({ code: 0, said: 'started \n' });
    expect(leftovers()).toEqual([]);
  });

  test('without the development packages says what to do', async () => {
    rmSync(join(project, 'node_modules'));
    const { code, said } = await build();
    expect(code).toBe(1);
    expect(said).toMatch(/^The build failed: esbuild is not installed\. Run `npm install`/);
  });

  test('can run several times at once', async () => {
    const ended = await Promise.all([build(), build(), build()]);
    expect(ended).toEqual([1, 2, 3].map(() => ({ code: 0, said: '' })));
    expect(await node('bin/run.js', 'a')).toEqual({ code: 0, said: 'started a\n' });
    expect(leftovers()).toEqual([]);
  });
});

describe('npm run prepare', () => {
  beforeEach(() => copyProject('built'));

  test.each<[string, () => void, boolean]>([
    ['nothing changed', () => {}, false],
    ['a file was touched', () => touch('src/cli/main.ts'), false],
    ['a file was edited', () => appendFileSync(join(project, 'src/cli/main.ts'), '// more\n'), true],
    ['a file was added', () => writeFileSync(join(project, 'src/queries/more.sql'), 'SELECT 2\n'), true],
    ['a file was removed', () => rmSync(join(project, 'src/queries/hello.sql')), true],
    ['a part of the build is gone', () => rmSync(join(project, 'dist/commands/hello.js')), true],
    ['the manifest is gone', () => rmSync(join(project, 'oclif.manifest.json')), true],
    ['the packages changed', () => appendFileSync(join(project, 'package-lock.json'), '\n'), true],
  ])('when %s', async (_, change, builds) => {
    const before = statSync(join(project, 'dist')).ino;
    change();
    expect(await build('--if-stale')).toEqual({ code: 0, said: '' });
    expect(statSync(join(project, 'dist')).ino !== before).toBe(builds);
    const after = statSync(join(project, 'dist')).ino;
    await build('--if-stale');
    expect(statSync(join(project, 'dist')).ino).toBe(after);
  });

  test('does nothing where there is no source', async () => {
    rmSync(join(project, 'src'), { recursive: true });
    rmSync(join(project, 'dist'), { recursive: true });
    expect(await build('--if-stale')).toEqual({ code: 0, said: '' });
    expect(existsSync(join(project, 'dist'))).toBe(false);
  });
});

describe('bin/run.js', () => {
  beforeEach(() => copyProject('unbuilt'));

  test('in a clone that was not built says how to build it', async () => {
    const { code, said } = await node('bin/run.js', '--help');
    expect(code).toBe(2);
    expect(said).toMatch(
      /^awsusage is not built yet\. Run `npm install` \(or `npm run build`\) in .*, then try again\.\n$/,
    );
  });
});

function makeProject(name: string): void {
  const folder = join(FOLDER, name);
  for (const file of ['bin', 'package.json', 'package-lock.json']) {
    cpSync(join(ROOT, file), join(folder, file), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  for (const [file, text] of Object.entries(SOURCES)) {
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
}

function build(...flags: string[]): Promise<Ended> {
  return node('bin/build.js', ...flags);
}

function node(...args: string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    // Where the packages are a link, Node would put its compile cache beside the real ones.
    const env = { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' };
    const child = spawn(process.execPath, args, { cwd: project, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stdout.on('data', (text) => (said += String(text)));
    child.stderr.on('data', (text) => (said += String(text)));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, said }));
  });
}

function touch(file: string): void {
  utimesSync(join(project, file), new Date(0), new Date(0));
}

function leftovers(): string[] {
  return readdirSync(project).filter((name) => name.startsWith('.'));
}
