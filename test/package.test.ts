import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly engines: Readonly<Record<string, string>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly devOptional?: boolean;
  readonly hasInstallScript?: boolean;
}

const packageJson = readJson<PackageJson>('package.json');
const locked = Object.entries(
  readJson<{ packages: Record<string, LockedPackage> }>('package-lock.json').packages,
).filter(([path]) => path !== '');

/** Everything that the top level of the repository may hold. */
const TOP_LEVEL = [
  'src bin test fixtures',
  'package.json package-lock.json tsconfig.json README.md LICENSE',
  'awsusage.config.schema.json',
  'eslint.config.js vitest.config.ts vitest.servers.config.ts vitest.faults.config.ts',
  '.prettierrc.json .prettierignore .gitignore .ci',
].flatMap((line) => line.split(' '));

/** Everything that the npm package may hold. */
const PACKED = [
  /^(package\.json|README\.md|LICENSE|oclif\.manifest\.json|awsusage\.config\.schema\.json)$/,
  /^bin\/(run\.js|build\.js|bundle\.js|bundle-schemas\.js|package\.json)$/,
  /^dist\/(cli|commands|dataset|chunks)\/([a-z0-9-]+\/)*[A-Za-z0-9-]+\.js(\.map)?$/,
  /^dist\/THIRD-PARTY-LICENSES\.txt$/,
  /^dist\/queries\/[a-z0-9-]+\.sql$/,
  /^dist\/schemas\/[a-z0-9-]+\.json$/,
  /^dist\/reports\/[a-z0-9-]+\.yml$/,
  /^dist\/records\/scan-rows\.wasm$/,
];

const LICENCES = [
  'MIT',
  'Apache-2.0',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
  '(MIT OR CC0-1.0)',
];

/** Development packages that run something when they are installed: each finds or checks a program that npm has brought. */
const INSTALL_SCRIPTS = ['esbuild', 'fsevents'];

beforeAll(() => {
  execFileSync(process.execPath, ['bin/build.js', '--if-stale'], { cwd: ROOT });
}, 120_000);

describe('the repository', () => {
  test('has nothing at its top level but what belongs there', () => {
    const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    const present = files.split('\0').filter((file) => file !== '' && existsSync(join(ROOT, file)));
    const entries = new Set(present.map((file) => file.replace(/\/.*/s, '')));
    expect([...entries].filter((entry) => !TOP_LEVEL.includes(entry))).toEqual([]);
    expect(entries).toContain('src');
  });
});

describe('the npm package', () => {
  const packed = (): string[] => {
    const json = npm(['pack', '--dry-run', '--json', '--ignore-scripts']);
    const [first] = Object.values(JSON.parse(json) as Record<string, { files: { path: string }[] }>);
    return (first?.files ?? []).map(({ path }) => path);
  };

  test('holds what runs, and nothing else', () => {
    const files = packed();
    expect(files.filter((file) => !PACKED.some((pattern) => pattern.test(file)))).toEqual([]);
    expect(files).toEqual(
      expect.arrayContaining([
        'LICENSE',
        'README.md',
        'bin/run.js',
        'bin/package.json',
        'dist/cli/main.js',
        'dist/cli/engine-process.js',
        'dist/dataset/read-ahead-worker.js',
        'dist/records/scan-rows.wasm',
        'oclif.manifest.json',
      ]),
    );
  });

  test('holds every question and every report', () => {
    const questions = gitFiles('src/queries').filter((file) => file.endsWith('.sql'));
    const reports = gitFiles('src/reports/templates');
    expect(Math.min(questions.length, reports.length)).toBeGreaterThan(0);
    const expected = [...questions, ...reports].map((file) => file.replace(/^src/, 'dist').replace('templates/', ''));
    expect(packed()).toEqual(expect.arrayContaining(expected));
  });

  test('names no folder of the machine that it was made on', () => {
    const texts = packed().filter((file) => /\.(js|json|sql|map)$/.test(file));
    expect(texts.filter((file) => readFileSync(join(ROOT, file), 'utf8').includes(ROOT))).toEqual([]);
  });

  test('has the licences of what is bundled', () => {
    const text = readFileSync(join(ROOT, 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8');
    for (const name of ['@aws-sdk/client-s3', '@duckdb/node-api', '@oclif/core', 'chalk', 'cli-table3', 'hyparquet']) {
      expect(text).toContain(`\n${name} ${readJson<PackageJson>(`node_modules/${name}/package.json`).version} (`);
    }
    expect(text).toContain(readFileSync(join(ROOT, 'node_modules/@duckdb/node-api/LICENSE'), 'utf8').trim());
    const licences = [...text.matchAll(/^(\S+ \d+\.\d+\.\d+\S*) \((.*)\)$/gm)].map(([, name, licence]) => ({
      name,
      licence,
    }));
    expect(licences.length).toBeGreaterThan(20);
    expect(licences.filter(({ licence = '' }) => !LICENCES.includes(licence))).toEqual([]);
  });

  test('starts with a program that can be executed', () => {
    expect(packageJson.bin).toEqual({ awsusage: 'bin/run.js' });
    expect(readFileSync(join(ROOT, 'bin/run.js'), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect(statSync(join(ROOT, 'bin/run.js')).mode & 0o111).toBe(0o111);
  });
});

describe('what it is made of', () => {
  test('the engine and the SDK are pinned, and locked to the same version', () => {
    const inside = ['@aws-sdk/core', '@aws-sdk/checksums', '@smithy/core', '@smithy/signature-v4'];
    for (const name of ['@duckdb/node-api', '@duckdb/node-bindings', '@aws-sdk/client-s3', ...inside]) {
      const pinned = { ...packageJson.dependencies, ...packageJson.devDependencies }[name];
      expect(pinned).toMatch(/^\d+\.\d+\.\d+(-[a-z0-9.]+)?$/);
      expect(locked.find(([path]) => path === `node_modules/${name}`)?.[1].version).toBe(pinned);
    }
  });

  test('Node 20.18.1 is enough, in package.json and at the door', () => {
    expect(packageJson.engines).toEqual({ node: '>=20.18.1' });
    expect(readFileSync(join(ROOT, 'bin/run.js'), 'utf8')).toContain('NEEDED = [20, 18, 1]');
  });

  test('every package comes from the npm registry, with a checksum', () => {
    const REGISTRY = 'https://registry.npmjs.org/';
    // Without an address npm takes the package from the registry.
    const fromRegistry = ({ resolved = REGISTRY }: LockedPackage): boolean => resolved.startsWith(REGISTRY);
    expect(locked.filter(([, entry]) => !fromRegistry(entry)).map(nameOf)).toEqual([]);
    // An optional package for another kind of machine may not have been at hand when the lockfile was made.
    const unchecked = locked.filter(([, { integrity, optional }]) => integrity === undefined && optional !== true);
    expect(unchecked.map(nameOf)).toEqual([]);
  });

  test('the lockfile holds the packages of every platform, without which npm ci refuses it', () => {
    const inLock = new Set(locked.map(nameOf));
    const wanted = locked.flatMap(([, { optionalDependencies }]) => Object.keys(optionalDependencies ?? {}));
    expect(wanted.filter((name) => !inLock.has(name))).toEqual([]);
  });

  test('no package runs a program of its own when it is installed, but for two of development', () => {
    const withScripts = locked.filter(([, { hasInstallScript }]) => hasInstallScript === true);
    expect(withScripts.map(nameOf).filter((name) => !INSTALL_SCRIPTS.includes(name))).toEqual([]);
    expect(withScripts.filter(([, { dev, devOptional }]) => dev !== true && devOptional !== true)).toEqual([]);
  });

  test('users install the native library and nothing else: all other packages are in the bundle', () => {
    const forUsers = locked.filter(([, { dev, devOptional }]) => dev !== true && devOptional !== true).map(nameOf);
    expect(Object.keys(packageJson.dependencies)).toEqual(['@duckdb/node-bindings']);
    expect(forUsers.filter((name) => !name.startsWith('@duckdb/node-bindings') && name !== 'detect-libc')).toEqual([]);
  });

  test('what users install has a licence that lets them use it', () => {
    for (const name of ['@duckdb/node-bindings', 'detect-libc'])
      expect(LICENCES).toContain(readJson<PackageJson>(`node_modules/${name}/package.json`).license);
  });
});

describe('starting', () => {
  const folder = mkdtempSync(join(tmpdir(), 'awsusage-package-'));
  const recorder = join(folder, 'record-loaded.cjs');
  /** Node loads the bundle's files; which modules lie in them is said by comments. */
  const FOR_S3 = /node_modules\/(@aws-sdk|@smithy)\/|src\/storage\/s3-/;
  const FOR_CHARTS = /node_modules\/(echarts|zrender|chartscii|simple-ascii-chart)\//;
  const HEAVY = new RegExp(`node_modules/@duckdb/|${FOR_S3.source}|${FOR_CHARTS.source}`);

  beforeAll(() => writeFileSync(recorder, RECORD_LOADED));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const runRecorded = (args: string[]): { stdout: string; loaded: string } => {
    const log = join(folder, 'loaded.txt');
    writeFileSync(log, '');
    const env = { ...process.env, NODE_OPTIONS: `--require ${JSON.stringify(recorder)}`, LOADED_LOG: log };
    const { stdout, stderr, status } = spawnSync(process.execPath, args, { cwd: ROOT, env, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return { stdout, loaded: readFileSync(log, 'utf8').split('\n').flatMap(modulesOf).join('\n') };
  };

  test.each(['--help', '--version', 'query --help'])('%s loads neither the engine nor the SDK', (args) => {
    const { stdout, loaded } = runRecorded(['bin/run.js', ...args.split(' ')]);
    expect(stdout).toContain('awsusage');
    expect(loaded).toContain('node_modules/@oclif/core/');
    expect(loaded.split('\n').filter((line) => HEAVY.test(line))).toEqual([]);
  });

  test.each(['query services', 'inspect', 'sql select+1'])(
    '%s of a folder loads nothing that only S3, charts and reports need',
    (args) => {
      const words = args.split(' ').map((word) => word.replace('+', ' '));
      const { loaded } = runRecorded(['bin/run.js', ...words, 'fixtures/example-bucket', '--quiet']);
      expect(loaded).toContain('node_modules/@duckdb/node-api/');
      expect(loaded).toContain('src/storage/location.ts');
      const needless = [FOR_S3, FOR_CHARTS, /node_modules\/yaml\/|src\/(reports|publish)\//];
      expect(loaded.split('\n').filter((line) => needless.some((one) => one.test(line)))).toEqual([]);
    },
  );

  test('a report loads charts only for HTML, and nothing of SNS', () => {
    const args = ['bin/run.js', 'report', 'fixtures/example-bucket', '--quiet', '-o'];
    const [markdown, html] = ['markdown', 'html'].map((form) => runRecorded([...args, form]).loaded);
    expect(markdown).toContain('node_modules/yaml/');
    expect(markdown).not.toMatch(FOR_CHARTS);
    expect(html).toMatch(FOR_CHARTS);
    expect(html).not.toMatch(FOR_S3);
  });

  test.each([
    ['require', () => "require('@duckdb/node-api')"],
    ['import', () => "import('@aws-sdk/client-s3')"],
    ['the part for buckets', () => `import('./dist/chunks/${chunkFor('s3-store')}')`],
    ['the engine', () => `import('./dist/chunks/${chunkFor('duckdb-driver')}')`],
  ])('the recorder sees what %s loads', (_, code) => {
    expect(runRecorded(['-e', code()]).loaded).toMatch(HEAVY);
  });

  test('an old Node is turned away with a plain message before anything else loads', () => {
    const oldNode = `Object.defineProperty(process.versions, 'node', { value: '18.20.4' }); require('./bin/run.js')`;
    const { stdout, stderr, status } = spawnSync(process.execPath, ['-e', oldNode], { cwd: ROOT, encoding: 'utf8' });
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
    expect(stderr).toMatch(/^awsusage needs Node 20\.18\.1 or newer; this is Node 18\.20\.4 \(.*\)\.\n$/);
  });
});

const RECORD_LOADED = `
const fs = require('node:fs');
const Module = require('node:module');
const record = (what) => fs.appendFileSync(process.env.LOADED_LOG, what + '\\n');
const resolveFilename = Module._resolveFilename;
Module._resolveFilename = function (request, ...rest) {
  const file = resolveFilename.call(this, request, ...rest);
  record(file);
  return file;
};
const hook = \`
  import { appendFileSync } from 'node:fs';
  export async function resolve(specifier, context, next) {
    const result = await next(specifier, context);
    appendFileSync(process.env.LOADED_LOG, result.url + '\\\\n');
    return result;
  }\`;
Module.register('data:text/javascript,' + encodeURIComponent(hook));
`;

/** The loaded file, and for a file of the bundle the modules that lie in it. */
function modulesOf(loaded: string): string[] {
  const file = loaded.startsWith('file:') ? fileURLToPath(loaded) : loaded;
  if (!file.startsWith(join(ROOT, 'dist'))) return [loaded];
  const names = readFileSync(file, 'utf8').matchAll(/^ *\/\/ ((?:node_modules|src)\/.*)$/gm);
  return [loaded, ...[...names].map(([, name = '']) => name)];
}

/** The file of the bundle for a module that is loaded when it is needed. */
function chunkFor(module: string): string {
  const found = readdirSync(join(ROOT, 'dist/chunks')).filter((name) => name.startsWith(`${module}-`));
  const [name] = found.filter((one) => one.endsWith('.js'));
  if (name === undefined) throw new Error(`no file of the bundle for ${module}`);
  return name;
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as T;
}

function nameOf([path]: readonly [string, LockedPackage]): string {
  return path.replace(/.*node_modules\//, '');
}

function gitFiles(folder: string): string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', folder], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return listed.split('\0').filter((file) => file !== '');
}

function npm(args: string[]): string {
  return execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}
