import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SHARED_FLAGS } from '../../src/cli/flags.js';
import { ROOT } from './run-awsusage.js';

/** Each flag as `name type`, with `…` where it may be repeated, `(-x)` for its letter, `no-` where it can be negated. */
const SELECTION = [
  'account option …',
  'errors-only boolean',
  'lateness option',
  'operation option …',
  'principal option …',
  'region-name option …',
  'service option …',
  'since option',
  'timezone option',
  'until option',
  'where option …',
];
const READING = [
  'allow-partial boolean',
  'cache boolean no-',
  'dedupe boolean no-',
  'dry-run boolean',
  'memory option',
  'merged-only boolean',
  'quarantine option',
  'show-secrets boolean',
];
const S3 = [
  'bucket option',
  'connect-timeout option',
  'endpoint-url option',
  'expected-bucket-owner option',
  'max-bytes option = 50GB',
  'no-sign-request boolean',
  'prefix option',
  'profile option',
  'read-timeout option',
  'region option',
  'request-payer boolean',
];
const PRINTING = ['csv-raw boolean', 'json boolean', 'no-color boolean', 'quiet boolean (-q)'];
const OUTPUT = [...PRINTING, 'output option (-o) = table of table|json|ndjson|csv|markdown'];
const ANSWER = [...PRINTING, 'output option (-o) = table of table|json|ndjson|csv|markdown|chart|html'];
const REPORT = [
  'fail-on option …',
  'link-expires option',
  'month option',
  'output option (-o) of markdown|html|json',
  'publish option',
  'step-summary boolean no-',
  'template option = usage',
  'title option',
  'to option',
];

const TABLE = ['format option', 'partition-by option of hive|day|hour|none', 'to option'];
const MERGING = [
  'allow-partial boolean',
  'codec option = zstd of zstd|snappy',
  'concurrency option = 8',
  'dry-run boolean',
  'lateness option',
  'max-wait option = 24h',
  'memory option',
  'min-age option = 15m',
  'min-files option = 2',
  'partitions boolean',
  'print-policy boolean',
  'since option',
  'sort option = timestamp of timestamp|none',
  'target-size option = 256MB',
  'timezone option',
  'until option',
  'verify boolean',
  'watch option',
];
const STATUS = ['allow-partial boolean', 'min-age option = 15m', 'partitions boolean'];
const REMOVING = [
  'allow-partial boolean',
  'dry-run boolean',
  'force boolean',
  'grace option = 7d',
  'print-policy boolean',
  'tag option',
  'to option',
  'yes boolean (-y)',
];

const SNAPSHOT = [
  'allow-empty boolean',
  'by option',
  'check option',
  'counts option of none|range|exact',
  'print-rules boolean',
  'to option',
  'update boolean',
];
const DIFF = ['by option', 'exit-code boolean', 'only option … of added|removed|changed', 'tolerance option'];
const ASSERT = [
  'allow option …',
  'allow-empty boolean',
  'deny option …',
  'expect option …',
  'file option (-f) …',
  'max-calls option',
  'no-errors boolean',
];
/** As all others have it, with the formats of CI systems. */
const ASSERT_OUTPUT = OUTPUT.map((flag) => flag.replace('csv|markdown', 'csv|markdown|junit|tap'));

const FILLING = [
  'in-background boolean',
  'lateness option',
  'memory option',
  'since option',
  'timezone option',
  'until option',
];

/** What scripts of users depend on: a change here is a change for them. */
const SURFACE = {
  assert: { args: [], flags: [...ASSERT, ...SELECTION, ...READING, ...S3, ...ASSERT_OUTPUT] },
  cache: { args: [], flags: OUTPUT },
  'cache:clear': { args: [], flags: ['quiet boolean (-q)'] },
  'cache:fill': { args: [], flags: [...FILLING, ...S3, ...OUTPUT] },
  'cache:status': { args: [], flags: OUTPUT },
  compact: { args: [], flags: [...TABLE, ...MERGING, ...S3, ...OUTPUT] },
  'compact:gc': { args: [], flags: [...REMOVING, ...S3, ...OUTPUT] },
  'complete-line': { args: [], flags: [] },
  completion: { args: ['shell'], flags: [] },
  'compact:status': { args: [], flags: [...TABLE, ...STATUS, ...S3, ...OUTPUT] },
  diff: { args: [], flags: [...DIFF, ...SELECTION, ...READING, ...S3, ...OUTPUT] },
  inspect: { args: [], flags: [...SELECTION, ...READING, ...S3, ...OUTPUT] },
  query: { args: [], flags: [...SELECTION, ...READING, ...S3, ...ANSWER, 'limit option', 'print-sql boolean'] },
  report: { args: [], flags: [...SELECTION, ...READING, ...S3, ...PRINTING, ...REPORT] },
  schema: { args: [], flags: [] },
  snapshot: { args: [], flags: [...SNAPSHOT, ...SELECTION, ...READING, ...S3, ...OUTPUT] },
  sql: { args: ['select'], flags: [...SELECTION, ...READING, ...S3, ...ANSWER, 'limit option'] },
};

interface ManifestFlag {
  readonly name: string;
  readonly type: string;
  readonly char?: string;
  readonly multiple?: boolean;
  readonly allowNo?: boolean;
  readonly required?: boolean;
  readonly options?: readonly string[];
  readonly default?: string;
  readonly description?: string;
}

interface Manifest {
  readonly commands: Readonly<
    Record<
      string,
      {
        readonly args: Readonly<Record<string, unknown>>;
        readonly flags: Readonly<Record<string, ManifestFlag>>;
        readonly aliases: readonly string[];
        readonly strict: boolean;
        readonly summary?: string;
        readonly examples?: readonly string[];
      }
    >
  >;
}

const manifest = JSON.parse(readFileSync(join(ROOT, 'oclif.manifest.json'), 'utf8')) as Manifest;
const flags = Object.values(manifest.commands).flatMap((command) => Object.values(command.flags));

test('commands and flags are these', () => {
  const found = Object.entries(manifest.commands).map(([name, command]) => [
    name,
    { args: Object.keys(command.args), flags: Object.values(command.flags).map(describeFlag).sort() },
  ]);
  const expected = Object.entries(SURFACE).map(([name, { args, flags: all }]) => [
    name,
    { args, flags: [...all].sort() },
  ]);
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
});

test('a flag that may be repeated takes one value each time, and none is required', () => {
  // The manifest leaves out how much a flag takes.
  const repeated = Object.values(SHARED_FLAGS).filter((flag) => 'multiple' in flag && flag.multiple);
  expect(repeated.length).toBeGreaterThan(0);
  for (const flag of repeated) expect(flag).toMatchObject({ multipleNonGreedy: true });
  expect(flags.filter(({ required }) => required === true)).toEqual([]);
});

test('a flag of one name is the same everywhere, but for further formats, and says what it does', () => {
  // That of a report depends on the name of its file, too, so it has no default.
  const withoutFormats = (flag: ManifestFlag): string =>
    describeFlag(flag.name === 'output' ? { ...flag, options: [], default: 'table' } : flag);
  for (const flag of flags) {
    const same = flags.filter(({ name }) => name === flag.name).map(withoutFormats);
    expect(new Set(same).size).toBe(1);
    expect(flag.description).toMatch(/^[a-z]/);
  }
});

/** They are about all that is there, or about the program itself. */
const WITHOUT_SOURCE = ['cache', 'cache:clear', 'cache:status', 'completion'];

test('every other command takes any number of sources, and each has a summary and examples, and no other name', () => {
  for (const [name, command] of Object.entries(manifest.commands)) {
    expect(command.strict).toBe(WITHOUT_SOURCE.includes(name));
    expect(command.summary).toMatch(/^[a-z]/);
    expect(command.examples?.length).toBeGreaterThan(0);
    expect(command.aliases).toEqual([]);
  }
});

function describeFlag({ name, type, char, multiple, allowNo, options, default: byDefault }: ManifestFlag): string {
  const parts = [
    name,
    type,
    ...(char === undefined ? [] : [`(-${char})`]),
    ...(multiple === true ? ['…'] : []),
    ...(allowNo === true ? ['no-'] : []),
    ...(byDefault === undefined ? [] : [`= ${byDefault}`]),
    ...(options === undefined ? [] : [`of ${options.join('|')}`]),
  ];
  return parts.join(' ');
}
