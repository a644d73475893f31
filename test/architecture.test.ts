import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { basename, dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** Who may import whom: a room, or one file of it. Everyone may import errors.ts, closest-name.ts, package-file.ts and their own room. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  commands: ['cli', 'calls', 'expectations', 'compaction', 'queries', 'dataset', 'output', 'formats', 'storage'],
  cli: [
    ...['calls', 'expectations', 'reports', 'publish', 'compaction', 'queries', 'dataset', 'output', 'storage'],
    ...['layouts', 'formats', 'engines'],
  ],
  expectations: ['calls', 'queries', 'engines', 'yaml'],
  calls: ['queries', 'engines', 'formats', 'output/stringify-json.ts'],
  reports: ['queries', 'dataset', 'output', 'layouts', 'engines', 'yaml'],
  publish: ['storage'],
  queries: ['dataset', 'engines', 'formats', 'layouts'],
  compaction: ['dataset', 'storage', 'layouts', 'formats', 'engines'],
  dataset: ['storage', 'layouts', 'records', 'formats', 'engines'],
  records: ['storage/object-store.ts', 'formats'],
  engines: ['formats'],
  output: ['engines/engine.ts (types)'],
  formats: [],
  layouts: [],
  storage: [],
  yaml: [],
};

/** Files beside the rooms. */
const SHARED_FILES: readonly string[] = ['errors.ts', 'closest-name.ts', 'package-file.ts'];

/** Packages that only the named files may import: beginnings of paths below src/. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  '@aws-sdk/client-sns': ['publish/'],
  '@aws-sdk/core': ['storage/s3-', 'publish/'],
  '@aws-sdk/': ['storage/s3-'],
  '@smithy/': ['storage/s3-', 'publish/'],
  '@duckdb/': ['engines/duckdb'],
  '@oclif/core': ['commands/', 'cli/'],
  echarts: ['output/chart-svg'],
  chartscii: ['output/terminal-chart'],
  'simple-ascii-chart': ['output/terminal-chart'],
  yaml: ['yaml/', 'reports/yaml-reader', 'expectations/parse-expectation-file'],
};

/** What only these rooms may touch: the process, the console, the clock, the environment. */
const OUTSIDE_WORLD_ROOMS = ['commands', 'cli'];
const OUTSIDE_WORLD_NAMES = ['process', 'console', 'performance'];
const OUTSIDE_WORLD_MODULES = ['process', 'os', 'perf_hooks', 'tty', 'readline', 'child_process'];

/** Rooms that take values and give values: they read no files and open no connections. */
const PURE_ROOMS = ['formats', 'layouts', 'output', 'yaml'];
const IMPURE_MODULES = ['fs', 'fs/promises', 'net', 'http', 'https', 'tls', 'dns', 'worker_threads'];

const NAMES_THAT_SAY_NOTHING = [
  'utils',
  'util',
  'helpers',
  'helper',
  'lib',
  'services',
  'common',
  'types',
  'misc',
  'index',
];

/** Tests of more than one file, by their path below test/. All others are named after the file that they test. */
const SUITES = [
  'architecture',
  'build',
  'fixtures',
  'package',
  'readme',
  'queries/canned-questions',
  'queries/shared-sql',
  'dataset/conservation',
  'dataset/every-format',
  'dataset/real-sets',
  'records/damaged-gzip',
  'records/hostile-sizes',
  'records/json-test-suite',
  'commands/',
  'faults/',
  's3/',
  'servers/',
  'sets/',
];

interface Import {
  readonly from: string;
  /** A path below src/, or a package. */
  readonly to: string;
  readonly kind: 'file' | 'package';
  readonly typeOnly: boolean;
}

/** AssemblyScript, another language in files of the same name. */
const KERNEL = 'records/kernel/';

const sources = listSources().map((file) => {
  const text = readFileSync(join(ROOT, 'src', file), 'utf8');
  return { file, tree: ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true) };
});
const imports = sources.flatMap(({ file, tree }) => findImports(file, tree));

describe('the rooms', () => {
  test('imports point one way', () => {
    const offending = imports.filter((one) => one.kind === 'file' && !isAllowed(one));
    expect(offending.map(describeImport)).toEqual([]);
  });

  test('every room is in the table', () => {
    const rooms = new Set(sources.map(({ file }) => roomOf(file)));
    expect([...rooms].filter((room) => !SHARED_FILES.includes(room) && !(room in MAY_IMPORT))).toEqual([]);
  });

  test('the table itself has no way back', () => {
    const edges = Object.entries(MAY_IMPORT).flatMap(([from, all]) =>
      all.map((to) => [from, to.replace(/\/.*/, '')] as const),
    );
    expect(findCycle(edges)).toBeUndefined();
  });

  test('no file imports itself by a detour', () => {
    const edges = imports.filter(({ kind }) => kind === 'file').map(({ from, to }) => [from, to] as const);
    expect(findCycle(edges)?.join(' → ')).toBeUndefined();
  });

  test('every import leads to a file', () => {
    const files = new Set(sources.map(({ file }) => file));
    const lost = imports.filter(({ kind, to }) => kind === 'file' && !files.has(to));
    expect(lost.map(describeImport)).toEqual([]);
  });
});

describe('the outside', () => {
  test('heavy packages have one door each', () => {
    const offending = imports.filter(({ kind, from, to }) => {
      const doors = Object.entries(PACKAGES).find(([prefix]) => to.startsWith(prefix))?.[1];
      return kind === 'package' && doors !== undefined && !doors.some((door) => from.startsWith(door));
    });
    expect(offending.map(describeImport)).toEqual([]);
  });

  test('every package is one that package.json names', () => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Record<
      'dependencies' | 'devDependencies',
      Readonly<Record<string, string>>
    >;
    const isKnown = (name: string): boolean =>
      builtinModules.includes(bareName(name)) || packageName(name) in { ...dependencies, ...devDependencies };
    // Types are gone from what is packed.
    const unknown = imports.filter(({ kind, to, typeOnly }) => kind === 'package' && !typeOnly && !isKnown(to));
    expect(unknown.map(describeImport)).toEqual([]);
  });

  test('only commands/ and cli/ touch the process, the console, the clock and the environment', () => {
    const elsewhere = sources.filter(({ file }) => !OUTSIDE_WORLD_ROOMS.includes(roomOf(file)));
    expect(elsewhere.flatMap(({ file, tree }) => findOutsideWorld(tree).map((what) => `${file}: ${what}`))).toEqual([]);
    const modules = imports.filter(
      ({ from, to }) => OUTSIDE_WORLD_MODULES.includes(bareName(to)) && !OUTSIDE_WORLD_ROOMS.includes(roomOf(from)),
    );
    expect(modules.map(describeImport)).toEqual([]);
  });

  test('formats, layouts and output read nothing', () => {
    const offending = imports.filter(
      ({ from, to }) => PURE_ROOMS.includes(roomOf(from)) && IMPURE_MODULES.includes(bareName(to)),
    );
    expect(offending.map(describeImport)).toEqual([]);
  });

  test('the search for the outside world finds it', () => {
    const find = (code: string): string[] =>
      findOutsideWorld(ts.createSourceFile('x.ts', code, ts.ScriptTarget.ES2022, true));
    const caught = [
      'process.env',
      'const { env } = process',
      'globalThis.process',
      'console.log(1)',
      'performance.now()',
    ];
    const clock = ['Date.now()', 'new Date()', 'const now = Date.now', 'Date()'];
    for (const code of [...caught, ...clock]) expect(find(code), code).toHaveLength(1);
    const harmless = ['new Date(0)', 'Date.UTC(2026, 1)', 'a.process', 'const a = { console: 1 }', 'Date.parse(text)'];
    for (const code of harmless) expect(find(code), code).toEqual([]);
  });
});

describe('names', () => {
  test('no folder or file has a name that says nothing', () => {
    const named = (file: string): string[] => file.replace(/(\.test)?\.ts$/, '').split('/');
    const files = [...listFiles('src', '.ts'), ...listFiles('test', '.ts')];
    expect(files.filter((file) => named(file).some((part) => NAMES_THAT_SAY_NOTHING.includes(part)))).toEqual([]);
  });

  test('names are in kebab-case', () => {
    const files = [...listFiles('src', ''), ...listFiles('test', '.ts')];
    expect(files.filter((file) => !/^([a-z0-9-]+\/)*[a-z0-9-]+(\.test|\.d)?\.[a-z]+$/.test(file))).toEqual([]);
  });

  test('a test is named after the file that it tests', () => {
    const files = new Set(sources.map(({ file }) => file));
    const tests = listFiles('test', '.test.ts').map((file) => file.replace(/\.test\.ts$/, ''));
    const isSuite = (name: string): boolean =>
      SUITES.some((suite) => (suite.endsWith('/') ? name.startsWith(suite) : name === suite));
    expect(tests.filter((name) => !isSuite(name) && !files.has(`${name}.ts`))).toEqual([]);
  });
});

function listSources(): string[] {
  return listFiles('src', '.ts').filter((file) => !file.startsWith(KERNEL));
}

function isAllowed({ from, to, typeOnly }: Import): boolean {
  const [here, there] = [roomOf(from), roomOf(to)];
  if (here === there || SHARED_FILES.includes(to)) return true;
  return (MAY_IMPORT[here] ?? []).some((allowed) => {
    const [target, types] = allowed.split(' ');
    return (target === there || target === to) && (types === undefined || typeOnly);
  });
}

function describeImport({ from, to, typeOnly }: Import): string {
  return `src/${from} imports ${typeOnly ? 'types of ' : ''}${to}`;
}

function roomOf(file: string): string {
  return file.split('/')[0] ?? file;
}

/** `node:fs/promises` → `fs/promises`. */
function bareName(name: string): string {
  return name.replace(/^node:/, '');
}

/** `@scope/name/deep/file` → `@scope/name`. */
function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** Every import and export from, `import()` and `import type`; types of `import('x').Y` too. */
function findImports(from: string, tree: ts.SourceFile): Import[] {
  return collect(tree, (node) => {
    const found = importOf(node);
    if (found === undefined) return undefined;
    const { specifier, typeOnly } = found;
    if (!specifier.startsWith('.')) return { from, to: specifier, kind: 'package', typeOnly };
    const to = posix.join(dirname(from), specifier).replace(/\.js$/, '.ts');
    return { from, to, kind: 'file', typeOnly };
  });
}

function importOf(node: ts.Node): { specifier: string; typeOnly: boolean } | undefined {
  if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier !== undefined) {
    return { specifier: textOf(node.moduleSpecifier), typeOnly: isTypeOnly(node) };
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return { specifier: textOf(node.argument.literal), typeOnly: true };
  }
  if (!ts.isCallExpression(node)) return undefined;
  const [argument] = node.arguments;
  const loads = node.expression.kind === ts.SyntaxKind.ImportKeyword || node.expression.getText() === 'require';
  return loads && argument !== undefined ? { specifier: textOf(argument), typeOnly: false } : undefined;
}

function isTypeOnly(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  return ts.isExportDeclaration(node) ? node.isTypeOnly : node.importClause?.isTypeOnly === true;
}

function textOf(node: ts.Node): string {
  return ts.isStringLiteralLike(node) ? node.text : node.getText();
}

function findOutsideWorld(tree: ts.SourceFile): string[] {
  return collect(tree, (node) => {
    if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && (node.arguments ?? []).length === 0)
      return 'new Date()';
    if (ts.isCallExpression(node) && node.expression.getText() === 'Date') return 'Date()';
    if (ts.isPropertyAccessExpression(node) && node.getText() === 'Date.now') return 'Date.now';
    if (!ts.isIdentifier(node) || !OUTSIDE_WORLD_NAMES.includes(node.text)) return undefined;
    return isValue(node) ? node.parent.getText().split('\n')[0] : undefined;
  });
}

/** False for `x.process`, `{ process: 1 }` and declarations of the name: those are other things of the same name. */
function isValue(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node)
    return parent.expression.getText() === 'globalThis';
  const isName = 'name' in parent && parent.name === node && !ts.isShorthandPropertyAssignment(parent);
  return !isName && !ts.isPropertySignature(parent);
}

function collect<T>(tree: ts.SourceFile, pick: (node: ts.Node) => T | undefined): T[] {
  const found: T[] = [];
  const visit = (node: ts.Node): void => {
    const one = pick(node);
    if (one !== undefined) found.push(one);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

/** The names along a cycle, the first one again at the end; undefined where there is none. */
function findCycle(edges: readonly (readonly [string, string])[]): string[] | undefined {
  const done = new Set<string>();
  const walk = (node: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (done.has(node)) return undefined;
    const targets = edges.filter(([from]) => from === node).map(([, to]) => to);
    for (const target of targets) {
      const cycle = walk(target, [...path, node]);
      if (cycle !== undefined) return cycle;
    }
    done.add(node);
    return undefined;
  };
  for (const [from] of edges) {
    const cycle = walk(from, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

function listFiles(folder: string, ending: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => posix.join(...relativeParts(join(ROOT, folder), entry.parentPath), basename(entry.name)))
    .sort();
}

function relativeParts(base: string, path: string): string[] {
  return path
    .slice(base.length)
    .split(/[\\/]/)
    .filter((part) => part !== '');
}
