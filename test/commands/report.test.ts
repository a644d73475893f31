import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectCloudTrail, readRecords, REAL_LOGS_ABSENT } from '../queries/cloudtrail-calls.js';
import { sharedPath } from '../records/shared-data.js';
import { apiCall, cloudtrailRecord } from './made-calls.js';
import { awsusage, BUCKET, type Ended, newFolder } from './run-awsusage.js';

interface ReportJson {
  readonly version: number;
  readonly title: string;
  readonly period: { readonly label: string; readonly since: string | null; readonly until: string | null };
  readonly before: { readonly label: string } | null;
  readonly calls: number;
  readonly figures: readonly { readonly name: string; readonly value: number | null; readonly before: number | null }[];
  readonly thresholds: readonly { readonly condition: string; readonly crossed: boolean | null }[];
  readonly sections: readonly {
    readonly id: string;
    readonly total: number;
    readonly compared: { readonly column: string; readonly before: string } | null;
    readonly rows: readonly Readonly<Record<string, unknown>>[];
  }[];
  readonly notes: readonly string[];
}

function reportOf({ stdout }: Ended): ReportJson {
  return JSON.parse(stdout) as ReportJson;
}

function sectionOf(report: ReportJson, id: string): ReportJson['sections'][number] {
  const found = report.sections.find((section) => section.id === id);
  if (found === undefined) throw new Error(`no section ${id}`);
  return found;
}

const figuresOf = ({ figures }: ReportJson) =>
  Object.fromEntries(figures.map(({ name, value, before }) => [name, [value, before]]));

/** Calls of three months, so many a month, one of them failed. */
function callsOf(months: Readonly<Record<string, number>>): string {
  const lines = Object.entries(months).flatMap(([month, count]) =>
    Array.from({ length: count }, (_, at) =>
      apiCall({
        timestamp: `${month}-${String((at % 28) + 1).padStart(2, '0')}T12:00:00`,
        session_id: `${month}-${at % 3}`,
        operation: at === 0 ? 'DeleteObject' : 'GetObject',
        ...(at === 0 ? { status_code: 404, err_type: 'NoSuchKey', err_msg: 'gone' } : {}),
      }),
    ),
  );
  return `${lines.join('\n')}\n`;
}

describe.skipIf(REAL_LOGS_ABSENT !== undefined)('the Invictus set, against plain JavaScript', () => {
  const SOURCE = sharedPath('invictus-aws-dataset/CloudTrail');
  const [since, until] = ['2023-07-10T12:00:00Z', '2023-07-10T12:20:00Z'];
  const before = '2023-07-10T11:40:00Z';
  const window = ['--since', since, '--until', until];
  const calls =
    REAL_LOGS_ABSENT === undefined ? readRecords('invictus-aws-dataset/CloudTrail').map(projectCloudTrail) : [];
  const within = (from: string, to: string) =>
    calls.filter(({ timestamp }) => timestamp !== null && `${timestamp}Z` >= from && `${timestamp}Z` < to);
  const now = within(since, until);
  const then = within(before, since);
  const countBy = (list: typeof calls, key: (call: (typeof calls)[number]) => unknown) => {
    const counts = new Map<unknown, number>();
    for (const call of list) counts.set(key(call), (counts.get(key(call)) ?? 0) + 1);
    return counts;
  };
  const distinct = (list: typeof calls, key: (call: (typeof calls)[number]) => unknown) =>
    new Set(list.map(key).filter((value) => value !== null)).size;
  const operationOf = (call: (typeof calls)[number]) => `${call.service}:${call.operation}`;

  test('the figures of usage, of the period and the one before', async () => {
    const end = await awsusage(['report', SOURCE, ...window, '--json']);
    expect(end.code).toBe(0);
    const report = reportOf(end);
    const newOnes = [...countBy(now, operationOf).keys()].filter((name) => !countBy(then, operationOf).has(name));
    const pair = (count: (list: typeof calls) => number) => [count(now), count(then)];
    const { anomalies, ...figures } = figuresOf(report);
    expect(anomalies).toHaveLength(2);
    expect(figures).toEqual({
      calls: pair((list) => list.length),
      errors: pair((list) => list.filter(({ error_code }) => error_code !== null).length),
      sessions: pair((list) => distinct(list, ({ session_id }) => session_id)),
      principals: pair((list) => distinct(list, ({ principal }) => principal)),
      services: pair((list) => distinct(list, ({ service }) => service)),
      new_operations: [newOnes.length, null],
    });
    expect(now.length).toBeGreaterThan(1000);
    expect(newOnes.length).toBeGreaterThan(10);
  });

  test('each principal with its calls in both periods', async () => {
    const report = reportOf(await awsusage(['report', SOURCE, ...window, '--json']));
    const { rows, total, compared } = sectionOf(report, 'principals');
    const [mine, earlier] = [now, then].map((list) => countBy(list, ({ principal }) => principal ?? ''));
    expect(total).toBe(mine?.size);
    expect(compared).toEqual({ column: 'calls', before: 'calls_before' });
    for (const { principal, calls: count, calls_before: was } of rows) {
      expect(count).toBe(mine?.get(String(principal)));
      expect(was).toBe(earlier?.get(String(principal)) ?? null);
    }
    expect(rows.some(({ calls_before }) => calls_before !== null)).toBe(true);
  });

  test('what was denied', async () => {
    const report = reportOf(await awsusage(['report', SOURCE, ...window, '--template', 'security', '--json']));
    const isDenied = (code: unknown) => typeof code === 'string' && /AccessDenied|UnauthorizedOperation/.test(code);
    const denied = now.filter(({ error_code }) => isDenied(error_code));
    expect(figuresOf(report)['denied_calls']).toEqual([
      denied.length,
      then.filter(({ error_code }) => isDenied(error_code)).length,
    ]);
    const rows = sectionOf(report, 'denied-calls').rows;
    expect(rows.reduce((sum, { calls: count }) => sum + Number(count), 0)).toBe(denied.length);
    expect(denied.length).toBeGreaterThan(0);
  });
});

describe('the period', () => {
  const source = newFolder({ 'calls.json': callsOf({ '2026-08': 4, '2026-09': 10, '2026-10': 15, '2026-11': 7 }) });

  test('is a month as a whole, and is held against the month before', async () => {
    const report = reportOf(await awsusage(['report', source, '--month', '2026-10', '--json']));
    expect(report.period).toEqual({
      label: 'October 2026 (UTC)',
      since: '2026-10-01T00:00:00Z',
      until: '2026-11-01T00:00:00Z',
    });
    expect(report.before?.label).toBe('September 2026 (UTC)');
    expect(figuresOf(report)).toMatchObject({ calls: [15, 10], errors: [1, 1], sessions: [3, 3] });
  });

  test('without any is all there is, and nothing is compared', async () => {
    const report = reportOf(await awsusage(['report', source, '--json']));
    expect(report.calls).toBe(36);
    expect(report.before).toBeNull();
    expect(report.period).toMatchObject({ since: null, until: null });
    expect(sectionOf(report, 'top-operations').compared).toBeNull();
    expect(figuresOf(report)['new_operations']).toEqual([null, null]);
  });

  test('before the first call is said to be empty, and nothing is compared', async () => {
    const end = await awsusage(['report', source, '--month', '2026-08', '--json']);
    const report = reportOf(end);
    expect(report.before).toBeNull();
    expect(report.notes[0]).toMatch(/no calls in the period before, July 2026/);
    expect(end.stderr).toContain('no calls in the period before');
  });

  test('after the last call is a report of nothing, if there were calls before', async () => {
    const report = reportOf(await awsusage(['report', source, '--month', '2026-12', '--json']));
    expect(figuresOf(report)).toMatchObject({ calls: [0, 7], errors: [0, 1] });
    expect(report.notes).toContain('There are no calls in this period.');
  });

  test('far from all calls ends with exit code 2, and says where they are', async () => {
    const end = await awsusage(['report', source, '--month', '2024-01', '--json']);
    expect(end.code).toBe(2);
    expect(end.stderr).toContain('the calls there are from 2026-08-01T12:00:00Z to 2026-11-07T12:00:00Z');
  });

  test('of a report file is both days, the last one too', async () => {
    const file = ['title: Days', 'startDate: 2026-10-03', 'endDate: 2026-10-05', 'sections:', ...NUMBERS].join('\n');
    const cwd = newFolder({ 'r.yml': file });
    const report = reportOf(await awsusage(['report', source, '--template', './r.yml', '--json'], { cwd }));
    expect(report.period.label).toBe('2026-10-03 to 2026-10-05 (UTC)');
    expect(figuresOf(report)).toEqual({ n: [3, 2] });
    const day = file.replace('2026-10-05', '2026-10-03');
    writeFileSync(join(cwd, 'day.yml'), day);
    expect(figuresOf(reportOf(await awsusage(['report', source, '--template', 'day.yml', '--json'], { cwd })))).toEqual(
      {
        n: [1, 1],
      },
    );
  });

  test('follows the time zone', async () => {
    const late = newFolder({ 'calls.json': `${apiCall({ timestamp: '2026-09-30T23:30:00' })}\n` });
    const ask = async (zone: string) =>
      reportOf(await awsusage(['report', late, '--month', '2026-10', '--timezone', zone, '--json'])).calls;
    expect([await ask('Europe/Berlin'), await ask('UTC')]).toEqual([1, 0]);
  });
});

const NUMBERS = [
  '  - title: Numbers',
  '    show: number',
  '    sql: SELECT CAST(sum(calls) AS bigint) AS n FROM aws_api_calls CROSS JOIN (SELECT 1 AS calls)',
  '    figures: { n: calls }',
];

describe('--fail-on', () => {
  const ask = (...conditions: string[]) =>
    awsusage([
      'report',
      BUCKET,
      '--since',
      '2026-10-03',
      '--until',
      '2026-10-07',
      ...conditions.flatMap((one) => ['--fail-on', one]),
    ]);

  test('ends with exit code 1 where a condition holds, with the report printed', async () => {
    const end = await ask('errors > 0', 'calls > 100000');
    expect(end.code).toBe(1);
    expect(end.stdout).toMatch(/❌ errors &gt; 0: yes[\s\S]*✅ calls &gt; 100000: no/);
    expect(end.stderr).toContain('failed: errors > 0');
  });

  test('and with 0 where none does', async () => {
    expect(await ask('calls < 1', 'calls change > 500%')).toMatchObject({ code: 0 });
  });

  test('tells what cannot be told', async () => {
    const end = await awsusage(['report', BUCKET, '--fail-on', 'calls change > 0']);
    expect(end.code).toBe(0);
    expect(end.stderr).toContain('calls change > 0 cannot be told');
  });

  test.each([
    ['eror > 0', /no figure called eror\n {2}Its figures are: calls, errors, sessions/],
    ['errors >', /Cannot read the condition/],
  ])('%s ends with exit code 2 before anything is read', async (condition, said) => {
    const end = await ask(condition);
    expect(end).toMatchObject({ code: 2, stdout: '' });
    expect(end.stderr).toMatch(said);
  });

  test('a threshold of a report file marks, and fails only where it says so', async () => {
    const thresholds = ['thresholds:', '  - when: n > 0', '    text: There was something.'];
    const file = ['title: T', 'sections:', ...NUMBERS, ...thresholds].join('\n');
    const cwd = newFolder({
      'mark.yml': file,
      'fail.yml': `${file}\n    fail: yes\n`,
      'a.json': callsOf({ '2026-10': 2 }),
    });
    const [mark, fail] = await Promise.all(
      ['mark.yml', 'fail.yml'].map((name) => awsusage(['report', 'a.json', '--template', name], { cwd })),
    );
    expect([mark?.code, fail?.code]).toEqual([0, 1]);
    expect(mark?.stdout).toContain('⚠️ n &gt; 0: yes. There was something.');
  });
});

describe('a report file', () => {
  const title = 'title: T\nsections:\n  - title: A\n';
  test.each([
    [
      'a wrong key',
      `${title}    question: services\n    limt: 3\n`,
      /r\.yml:5:5: unknown key "limt"\n {2}Did you mean limit\?/,
    ],
    ['wrong SQL', `${title}    sql: SELECT nothing FROM api_calls\n`, /The SQL at r\.yml:4:10 cannot be answered/],
    ['SQL of two statements', `${title}    sql: SELECT 1; SELECT 2\n`, /The SQL at r\.yml:4:10/],
    ['SQL of raw records', `${title}    sql: SELECT * FROM raw_api_call\n`, /holds more than the period/],
  ])('with %s: exit code 2, with line and column', async (_, file, said) => {
    const cwd = newFolder({ 'r.yml': file, 'a.json': callsOf({ '2026-10': 2 }) });
    const end = await awsusage(['report', 'a.json', '--template', 'r.yml'], { cwd });
    expect(end).toMatchObject({ code: 2, stdout: '' });
    expect(end.stderr).toMatch(said);
  });

  test('finds a question in a file of its own beside it', async () => {
    const cwd = newFolder({
      'reports/r.yml': `${title}    question: ./q.sql\n`,
      'reports/q.sql': 'SELECT count(*) AS n FROM api_calls',
      'a.json': callsOf({ '2026-10': 2 }),
    });
    const report = reportOf(await awsusage(['report', 'a.json', '--template', 'reports/r.yml', '--json'], { cwd }));
    expect(report.sections[0]?.rows).toEqual([{ n: 2 }]);
  });
});

describe('--to', () => {
  const source = newFolder({
    'calls.json': [3, 1, 2].map((count, at) => callsOf({ [`2026-1${at}`]: count })).join(''),
  });

  test.each([
    ['html', /^<!doctype html>/],
    ['md', /^# AWS usage\n/],
    ['json', /^\{\n {2}"version": 1,/],
  ])('writes what the name ends in (.%s), and nothing else', async (ending, begins) => {
    const cwd = newFolder({ [`r.${ending}`]: 'what was there before' });
    const end = await awsusage(['report', source, '--month', '2026-10', '--to', `r.${ending}`], { cwd });
    expect(end).toMatchObject({ code: 0, stdout: '' });
    expect(end.stderr).toContain(`written: r.${ending}`);
    expect(readFileSync(join(cwd, `r.${ending}`), 'utf8')).toMatch(begins);
    expect(readdirSync(cwd)).toEqual([`r.${ending}`]);
  });

  test('leaves what was there where the report does not come about', async () => {
    const cwd = newFolder({ 'r.html': 'what was there before' });
    const end = await awsusage(['report', 'no-such-source', '--to', 'r.html'], { cwd });
    expect(end.code).toBe(2);
    expect(readFileSync(join(cwd, 'r.html'), 'utf8')).toBe('what was there before');
  });

  test.each([
    ['nowhere/r.html', /its folder is not there/],
    ['.', /it is a folder/],
    ['/dev/null', /no regular file/],
    ['s3://bucket/', /names no object/],
    ['-', /no place for a report/],
  ])('%s is refused before anything is read', async (to, said) => {
    const end = await awsusage(['report', 'no-such-source', '--to', to], { cwd: newFolder() });
    expect(end.code).toBe(2);
    expect(end.stderr).toMatch(said);
  });

  test('metering has all lines of the invoice beside it, as CSV', async () => {
    const cwd = newFolder();
    const Records = ['ann', 'ben', '=cmd()'].flatMap((arn) =>
      Array.from({ length: 28 }, (_, day) =>
        cloudtrailRecord({
          userIdentity: { arn },
          eventTime: `2026-10-${String(day + 1).padStart(2, '0')}T10:00:00Z`,
        }),
      ),
    );
    writeFileSync(join(cwd, 'a.json'), JSON.stringify({ Records }));
    const args = ['report', 'a.json', '--month', '2026-10', '--template', 'metering', '--to', 'oct.v1.html'];
    const end = await awsusage(args, { cwd });
    expect(end.stderr).toContain('written: oct.v1.metering.csv');
    const rows = readFileSync(join(cwd, 'oct.v1.metering.csv'), 'utf8').trimEnd().split('\r\n');
    expect(rows).toHaveLength(1 + 3 * 28);
    expect(rows[0]).toBe('principal,period,requests,request_bytes,response_bytes,errors');
    expect(rows.filter((row) => row.startsWith("'=cmd(),2026-10-"))).toHaveLength(28);
  });
});

describe('the summary of a step of GitHub Actions', () => {
  const run = async (before: string, more: string[] = []) => {
    const folder = newFolder({ 'summary.md': before });
    const path = join(folder, 'summary.md');
    const end = await awsusage(['report', BUCKET, ...more], { env: { GITHUB_STEP_SUMMARY: path } });
    return { end, summary: readFileSync(path, 'utf8') };
  };

  test('gets the report behind what is there', async () => {
    const { end, summary } = await run('# Before\n', ['-o', 'json']);
    expect(end.code).toBe(0);
    expect(summary).toMatch(/^# Before\n\n# AWS usage\n/);
  });

  test('gets nothing with --no-step-summary', async () => {
    expect((await run('# Before\n', ['--no-step-summary'])).summary).toBe('# Before\n');
  });

  test('stays below 1 MiB, and says what is cut', async () => {
    const { end, summary } = await run('x'.repeat(1024 * 1024 - 2500));
    expect(end.code).toBe(0);
    expect(Buffer.byteLength(summary)).toBeLessThan(1024 * 1024);
    expect(summary).toContain('**Cut: ');
  });

  test('that is full, or cannot be written, is a note', async () => {
    const { end, summary } = await run('x'.repeat(1024 * 1024 - 100));
    expect(end.code).toBe(0);
    expect(summary).toHaveLength(1024 * 1024 - 100);
    expect(end.stderr).toContain('The summary of the step is full');
    const nowhere = await awsusage(['report', BUCKET], { env: { GITHUB_STEP_SUMMARY: '/nowhere/x' } });
    expect(nowhere.code).toBe(0);
    expect(nowhere.stderr).toContain('was not added to the summary of the step, /nowhere/x: ENOENT');
  });
});

test('the same report twice is the same to the byte, in every form', async () => {
  for (const output of ['markdown', 'html', 'json']) {
    const args = ['report', BUCKET, '--month', '2026-10', '-o', output, '-q'];
    const [first, second] = await Promise.all([awsusage(args), awsusage(args)]);
    expect(first?.stdout.length).toBeGreaterThan(1000);
    expect(second?.stdout.replace(/"decompressed": \d+/, '')).toBe(first?.stdout.replace(/"decompressed": \d+/, ''));
  }
});

test('a report that could not read everything says so, and ends with exit code 3', async () => {
  const source = newFolder({ 'a.json': `${callsOf({ '2026-10': 3 })}{"broken":\n` });
  for (const output of ['markdown', 'html']) {
    const end = await awsusage(['report', source, '-o', output]);
    expect(end.code).toBe(3);
    expect(end.stdout).toContain('This report is incomplete: ');
  }
});

test('security finds the root user, failed sign-ins and new regions', async () => {
  const event = (members: object) => cloudtrailRecord(members as Record<string, unknown>);
  const root = { type: 'Root', arn: 'arn:aws:iam::111122223333:root', accountId: '111122223333' };
  const login = { eventName: 'ConsoleLogin', eventSource: 'signin.amazonaws.com' };
  const Records = [
    event({ eventTime: '2026-09-10T07:00:00Z' }),
    event({ eventTime: '2026-10-10T07:00:00Z', userIdentity: root, eventName: 'CreateUser' }),
    event({ eventTime: '2026-10-11T07:00:00Z', awsRegion: 'ap-south-1' }),
    event({ eventTime: '2026-10-12T07:00:00Z', ...login, responseElements: { ConsoleLogin: 'Failure' } }),
    event({ eventTime: '2026-10-12T08:00:00Z', ...login, responseElements: { ConsoleLogin: 'Success' } }),
    event({ eventTime: '2026-10-13T08:00:00Z', errorCode: 'AccessDenied', errorMessage: 'no' }),
  ];
  const source = newFolder({ 'a.json': JSON.stringify({ Records }) });
  const report = reportOf(await awsusage(['report', source, '--month', '2026-10', '--template', 'security', '--json']));
  expect(figuresOf(report)).toEqual({
    denied_calls: [1, 0],
    root_calls: [1, 0],
    console_logins: [2, 0],
    failed_console_logins: [1, 0],
    calls: [5, 1],
    new_regions: [1, null],
  });
  expect(report.thresholds).toContainEqual(expect.objectContaining({ condition: 'root_calls > 0', crossed: true }));
  expect(sectionOf(report, 'new-regions').rows).toMatchObject([{ region: 'ap-south-1' }]);
  expect(sectionOf(report, 'use-of-the-root-user').rows).toMatchObject([{ operation: 'CreateUser', calls: 1 }]);
});

test('web counts pages and referrers', async () => {
  const visit = (uri: string, session: string, referrer = '') => ({
    ...{ event: 'visit', user_id: `u-${session}`, session_id: session, hostname: 'shop.test', referrer, uri },
    timestamp: '2026-10-05T10:00:00Z',
  });
  const events = [
    visit('/', 'a', 'https://search.test/'),
    visit('/cart', 'a'),
    visit('/', 'b', 'https://search.test/'),
  ];
  const source = newFolder({ 'a.json': events.map((one) => JSON.stringify(one)).join('\n') });
  const report = reportOf(await awsusage(['report', source, '--month', '2026-10', '--template', 'web', '--json']));
  expect(figuresOf(report)).toMatchObject({
    events: [3, null],
    sessions: [2, null],
    users: [2, null],
    pages: [2, null],
  });
  expect(sectionOf(report, 'pages').rows[0]).toMatchObject({ host: 'shop.test', page: '/', events: 2, sessions: 2 });
  expect(sectionOf(report, 'referrers').rows).toMatchObject([{ referrer: 'https://search.test/', sessions: 2 }]);
});
