import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { projectCloudTrail, readRecords, REAL_LOGS_ABSENT } from '../queries/cloudtrail-calls.js';
import type { ApiCall } from '../queries/duckdb-engine.js';
import { sharedPath } from '../records/shared-data.js';
import { jsonOf } from './answer.js';
import { apiCall } from './made-calls.js';
import { awsusage, newFolder } from './run-awsusage.js';

/** What `diff --json` and `snapshot --check --json` print, as far as tests look at it. */
interface Changes {
  readonly version: number;
  readonly outcome?: string;
  readonly by: readonly string[];
  readonly summary: Readonly<Record<'added' | 'removed' | 'changed', number>>;
  readonly changes: readonly Change[];
}

interface Change {
  readonly change: string;
  readonly service: string;
  readonly operation: string;
  readonly error_code?: string | null;
  readonly base: { readonly calls: number | null } | null;
  readonly head: { readonly calls: number | null } | null;
  readonly measures: readonly { readonly measure: string; readonly base: number; readonly head: number }[];
  readonly example: { readonly request: string | null; readonly error_code: string | null } | null;
}

interface Asserted {
  readonly version: number;
  readonly passed: boolean;
  readonly expectations: readonly {
    readonly name: string;
    readonly passed: boolean;
    readonly calls: number;
    readonly shown: readonly { readonly operation: string }[];
  }[];
}

const CALL = { service: 's3', operation: 'GetObject', duration_ms: 20, request: '{"Bucket":"shop"}' };
const times = (count: number, call: Readonly<Record<string, unknown>>): string[] =>
  Array.from({ length: count }, (_, at) => apiCall({ ...CALL, timestamp: `2026-10-01T06:00:0${at}`, ...call }));

/** The second lacks PutObject, has Invoke besides, fails in SendMessage, and is slower in GetItem. */
const BASE = [
  ...times(5, {}),
  ...times(2, { operation: 'PutObject' }),
  ...times(4, { service: 'sqs', operation: 'SendMessage' }),
  ...times(4, { service: 'dynamodb', operation: 'GetItem', duration_ms: 10 }),
];
const HEAD = [
  ...times(5, {}),
  ...times(1, { service: 'lambda', operation: 'Invoke', request: '{"FunctionName":"resize"}' }),
  ...times(2, { service: 'sqs', operation: 'SendMessage' }),
  ...times(2, { service: 'sqs', operation: 'SendMessage', status_code: 403, err_type: 'AccessDenied' }),
  ...times(4, { service: 'dynamodb', operation: 'GetItem', duration_ms: 80 }),
];

describe('two captures of which one has a call more, one less, one that fails and one that is slower', () => {
  const folder = newFolder({ 'base/a.json': BASE.join('\n'), 'head/a.json': HEAD.reverse().join('\n') });
  const run = (args: readonly string[], env = {}) => awsusage(args, { cwd: folder, env });

  test('diff says exactly that', async () => {
    const end = await run(['diff', 'base', 'head', '--json', '--exit-code']);
    const { version, changes, summary } = jsonOf<Changes>(end);
    expect(end.code).toBe(1);
    expect(version).toBe(1);
    expect(summary).toEqual({ added: 1, removed: 1, changed: 2 });
    expect(changes.map(({ change, service, operation, measures }) => [change, service, operation, measures])).toEqual([
      ['changed', 'dynamodb', 'GetItem', [{ measure: 'latency', base: 10, head: 80 }]],
      ['added', 'lambda', 'Invoke', []],
      ['removed', 's3', 'PutObject', []],
      ['changed', 'sqs', 'SendMessage', [{ measure: 'errors', base: 0, head: 0.5 }]],
    ]);
    expect(changes[1]?.example).toMatchObject({ request: '{"FunctionName":"resize"}', error_code: null });
  });

  test('diff says it to people', async () => {
    const { stdout, stderr, code } = await run(['diff', 'base', 'head']);
    expect(code).toBe(0);
    expect(stdout).toContain('│ changed │ dynamodb │ GetItem     │ latency 10 ms → 80 ms (+700%) │');
    expect(stdout).toContain('│ added   │ lambda   │ Invoke      │ 1 call                        │');
    expect(stdout).toContain('│ removed │ s3       │ PutObject   │ 2 calls                       │');
    expect(stdout).toContain('│ changed │ sqs      │ SendMessage │ errors 0% → 50%               │');
    expect(stdout).toContain('│ lambda:Invoke │ {"FunctionName":"resize"} │');
    expect(stderr).toMatch(/Calls differ: 1 added, 1 removed, 2 changed\n$/);
  });

  test.each([
    [['--tolerance', '800%'], 'Calls differ: 1 added, 1 removed\n'],
    [['--tolerance', 'latency=off'], 'Calls differ: 1 added, 1 removed, 1 changed\n'],
    [['--only', 'removed'], 'Calls differ: 1 removed\n'],
  ])('diff %j says less', async (args, said) => {
    expect((await run(['diff', 'base', 'head', ...args])).stderr).toContain(said);
  });

  test('the same calls in another order are the same', async () => {
    const end = await run(['diff', 'base', 'base', '--exit-code', '--tolerance', '0%']);
    expect(end).toMatchObject({ code: 0, stdout: '' });
    expect(end.stderr).toMatch(/The calls are the same: 4 kinds on both sides\n$/);
  });

  test('snapshot --check says exactly that, and which command accepts it', async () => {
    const made = await run(['snapshot', 'base', '--to', 'calls.snapshot.json']);
    expect(made).toMatchObject({ code: 0, stdout: '' });
    const before = readFileSync(join(folder, 'calls.snapshot.json'), 'utf8');
    const end = await run(['snapshot', 'head', '--check', 'calls.snapshot.json', '--json']);
    const { outcome, changes } = jsonOf<Changes>(end);
    expect([end.code, outcome]).toEqual([1, 'different']);
    expect(
      changes.map(({ change, service, operation, error_code: code }) => [change, service, operation, code]),
    ).toEqual([
      ['added', 'lambda', 'Invoke', null],
      ['removed', 's3', 'PutObject', null],
      ['added', 'sqs', 'SendMessage', 'AccessDenied'],
    ]);
    expect(readFileSync(join(folder, 'calls.snapshot.json'), 'utf8')).toBe(before);
    expect(end.stderr).toContain('Calls are not those of calls.snapshot.json: 2 added, 1 removed.\n');
    const [, accepting = ''] = /Where that is meant: awsusage (.*)\n/.exec(end.stderr) ?? [];
    const accepted = await run(accepting.split(' '));
    expect(accepted.stderr).toContain('calls.snapshot.json is updated: 2 added, 1 removed\n');
    expect((await run(['snapshot', 'head', '--check', 'calls.snapshot.json'])).code).toBe(0);
  });

  test.each([
    ['exact', '"calls":5', 'GetObject'],
    ['range', '"calls":"1-9"', 'GetObject'],
  ])('snapshots with counts %s have them', async (counts, member, operation) => {
    const { stdout } = await run(['snapshot', 'base', '--counts', counts]);
    expect(stdout).toContain(`,{"service":"s3","operation":"${operation}",${member}}\n`);
  });

  test('assert says exactly that', async () => {
    const flags = ['--no-errors', '--max-calls', '14', '--allow', 'S3:Get*,sqs:*', '--allow', 'dynamodb:GetItem'];
    const expected = ['--expect', 's3:PutObject', '--expect', 'lambda:invoke FunctionName=resize = 1'];
    const end = await run(['assert', 'head', ...expected, ...flags, '--deny', '*:Put*', '--json']);
    const { version, passed, expectations } = jsonOf<Asserted>(end);
    expect([end.code, version, passed]).toEqual([1, 1, false]);
    expect(expectations.map((one) => [one.name, one.passed, one.calls])).toEqual([
      ['s3:PutObject', false, 0],
      ['lambda:invoke FunctionName=resize = 1', true, 1],
      ['nothing but S3:Get*,sqs:*,dynamodb:GetItem', false, 1],
      ['no *:Put*', true, 0],
      ['at most 14 calls', true, 14],
      ['no call fails', false, 2],
    ]);
    expect(expectations[2]?.shown.map(({ operation }) => operation)).toEqual(['Invoke']);
    expect(expectations[5]?.shown.map(({ operation }) => operation)).toEqual(['SendMessage', 'SendMessage']);
    expect((await run(['assert', 'base', '--no-errors', '--deny', 'lambda:*', '-q'])).code).toBe(0);
  });
});

describe.skipIf(REAL_LOGS_ABSENT !== undefined)(`two real captures${REAL_LOGS_ABSENT ?? ''}`, () => {
  const SETS = ['invictus-aws-dataset/CloudTrail', 'stratus-red-team'] as const;
  const [base, head] = SETS.map((set) => ({ path: sharedPath(set), calls: [] as readonly ApiCall[] })) as [Side, Side];

  beforeAll(() => {
    base.calls = distinct(readRecords(SETS[0]).map(projectCloudTrail));
    head.calls = distinct(readRecords(SETS[1]).map(projectCloudTrail));
  });

  test('diff is what plain JavaScript finds', async () => {
    const end = await awsusage(['diff', base.path, head.path, '--json']);
    const { changes } = jsonOf<Changes>(end);
    const found = changes.map((one) => [
      one.change,
      one.service,
      one.operation,
      one.base?.calls ?? 0,
      one.head?.calls ?? 0,
    ]);
    const [before, after] = [base.calls, head.calls].map(countByName) as [Counts, Counts];
    const expected = [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((name) => {
      const [a, b] = [before.get(name), after.get(name)];
      const change = a === undefined ? 'added' : b === undefined ? 'removed' : differs(a, b) ? 'changed' : 'same';
      return change === 'same' ? [] : [[change, ...name.split('\t'), a?.calls ?? 0, b?.calls ?? 0]];
    });
    expect(expected.length).toBeGreaterThan(100);
    expect(found).toEqual(expected);
  });

  test('a snapshot is what plain JavaScript writes, and is checked against', async () => {
    const folder = newFolder();
    for (const [at, { path, calls }] of [base, head].entries()) {
      const file = join(folder, `${at}.json`);
      expect(await awsusage(['snapshot', path, '--to', file, '--counts', 'exact'])).toMatchObject({ code: 0 });
      expect(readFileSync(file, 'utf8')).toBe(snapshotText(calls));
      expect(await awsusage(['snapshot', path, '--check', file])).toMatchObject({ code: 0, stdout: '' });
      const other = at === 0 ? head : base;
      expect((await awsusage(['snapshot', other.path, '--check', file])).code).toBe(1);
    }
  });

  test('assert counts what plain JavaScript counts', async () => {
    const inRole = (call: ApiCall): boolean => /"roleName":"[^"]*stratus/i.test(String(call.request));
    const expected = [
      ['iam:*', (call: ApiCall) => call.service === 'iam'],
      ['*:Describe*', (call: ApiCall) => /^describe/i.test(String(call.operation))],
      ['iam:* roleName~(?i)STRATUS', (call: ApiCall) => call.service === 'iam' && inRole(call)],
      ['*:* @outcome=failed', (call: ApiCall) => call.error_code !== null],
      [
        'ec2:*Instance? @region=us-east-1',
        (call: ApiCall) =>
          call.service === 'ec2' && /Instance.$/.test(String(call.operation)) && call.region === 'us-east-1',
      ],
    ] as const;
    for (const { path, calls } of [base, head]) {
      const flags = expected.flatMap(([pattern, counts]) => [
        '--expect',
        `${pattern} = ${calls.filter(counts).length}`,
      ]);
      const end = await awsusage(['assert', path, ...flags, '--json']);
      expect(jsonOf<Asserted>(end).expectations.map(({ passed, name }) => [name, passed])).toEqual(
        flags.filter((_, at) => at % 2 === 1).map((name) => [name, true]),
      );
      expect(end.code).toBe(0);
    }
    expect(base.calls.filter((call) => call.service === 'iam' && inRole(call)).length).toBeGreaterThan(0);
  });
});

interface Side {
  readonly path: string;
  calls: readonly ApiCall[];
}

interface Count {
  calls: number;
  errors: number;
}

type Counts = ReadonlyMap<string, Count>;

function distinct(calls: readonly ApiCall[]): readonly ApiCall[] {
  const seen = new Set<unknown>();
  return calls.filter(({ event_id: id, account_id: account }) => {
    const key = id === null ? {} : `${String(id)} ${String(account)}`;
    return !seen.has(key) && seen.add(key);
  });
}

function countByName(calls: readonly ApiCall[]): Counts {
  const counts = new Map<string, Count>();
  for (const { service, operation, error_code: code } of calls) {
    const key = `${String(service)}\t${String(operation)}`;
    const count = counts.get(key) ?? { calls: 0, errors: 0 };
    counts.set(key, { calls: count.calls + 1, errors: count.errors + (code === null ? 0 : 1) });
  }
  return counts;
}

/** By more than a tenth, of the calls or in the share that failed. */
function differs(a: Count, b: Count): boolean {
  const isMore = Math.abs(a.calls - b.calls) > a.calls / 10;
  return isMore || Math.abs(a.errors / a.calls - b.errors / b.calls) > 0.1;
}

function snapshotText(calls: readonly ApiCall[]): string {
  const counts = new Map<string, number>();
  for (const { service, operation, error_code: code } of calls) {
    const key = [service, operation, code ?? ''].join('\t');
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const lines = [...counts.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, count]) => {
      const [service, operation, code] = key.split('\t');
      const named = { service, operation, ...(code === '' ? {} : { error_code: code }) };
      return `,${JSON.stringify({ ...named, calls: count })}\n`;
    });
  const by = ['service', 'operation', 'error_code'];
  return `[${JSON.stringify({ awsusage: 'snapshot', version: 1, by, counts: 'exact' })}\n${lines.join('')}]\n`;
}
