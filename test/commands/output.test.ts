import { describe, expect, test } from 'vitest';
import { jsonOf, type JsonAccounting } from './answer.js';
import { apiCall } from './made-calls.js';
import { awsusage, BUCKET, newFolder } from './run-awsusage.js';

const SOURCE = newFolder({
  'a.json': [apiCall({ event_id: 'e1' }), apiCall({ event_id: 'e2', status_code: 404 }), '{broken'].join('\n'),
  'b.json': [apiCall({ event_id: 'e1' }), apiCall({ event_id: 'e3', service: 'sqs' })].join('\n'),
  '.hidden': 'x',
});
const PARTIAL = [SOURCE, '--allow-partial'];

const VALUES = `select * from (values
  (9223372036854775807, 170141183460469231731687303715884105727::hugeint, 0.1::decimal(38,20), 1e100, true,
   timestamp '2026-10-01 06:00:00.25', date '2026-10-01', 'a,b|"c"', '{"k":[1.10]}'::json),
  (-1, null, null, 'nan'::double, null, null, null, '', null)) t(big, huge, exact, float, flag, moment, day, text, doc)`;

describe.concurrent('formats', () => {
  test('a table: numbers to the right with separators, NULL empty', async () => {
    const sql = "select * from (values ('s3', 1234567, null), (null, -5, 'x')) t(name, n, note)";
    const end = await awsusage(['sql', sql, ...PARTIAL, '--output', 'table']);
    expect(end.stdout).toBe(
      [
        '┌──────┬───────────┬──────┐',
        '│ name │         n │ note │',
        '├──────┼───────────┼──────┤',
        '│ s3   │ 1,234,567 │      │',
        '│      │        -5 │ x    │',
        '└──────┴───────────┴──────┘',
        '',
      ].join('\n'),
    );
    const byDefault = await awsusage(['sql', sql, ...PARTIAL]);
    expect(byDefault.stdout).toBe(end.stdout);
  });

  test('JSON and NDJSON: all digits', async () => {
    const first =
      '{"big":9223372036854775807,"huge":170141183460469231731687303715884105727,"exact":0.10000000000000000000,' +
      '"float":1e+100,"flag":true,"moment":"2026-10-01T06:00:00.25Z","day":"2026-10-01","text":"a,b|\\"c\\"","doc":{"k":[1.10]}}';
    const second =
      '{"big":-1,"huge":null,"exact":null,"float":null,"flag":null,"moment":null,"day":null,"text":"","doc":null}';
    const json = await awsusage(['sql', VALUES, ...PARTIAL, '-o', 'json']);
    expect(json.stdout).toBe(`[\n${first},\n${second}\n]\n`);
    const ndjson = await awsusage(['sql', VALUES, ...PARTIAL, '-o', 'ndjson']);
    expect(ndjson.stdout).toBe(`${first}\n${second}\n`);
    const document = await awsusage(['sql', VALUES, ...PARTIAL, '--json']);
    expect(document.stdout).toContain(first);
  });

  test('CSV', async () => {
    const end = await awsusage(['sql', VALUES, ...PARTIAL, '-o', 'csv']);
    expect(end.stdout).toBe(
      'big,huge,exact,float,flag,moment,day,text,doc\r\n' +
        '9223372036854775807,170141183460469231731687303715884105727,0.10000000000000000000,1e+100,true,' +
        '2026-10-01T06:00:00.25Z,2026-10-01,"a,b|""c""","{""k"":[1.10]}"\r\n' +
        '-1,,,NaN,,,,"",\r\n',
    );
  });

  test('Markdown', async () => {
    const end = await awsusage(['sql', "select 'a|b' as x, 1 as n", ...PARTIAL, '-o', 'markdown']);
    expect(end.stdout).toBe('| x | n |\n| --- | ---: |\n| a&#124;b | 1 |\n');
  });

  test('no rows', async () => {
    const ask = async (output: string): Promise<string> =>
      (await awsusage(['sql', 'select 1 as n where false', ...PARTIAL, '-o', output])).stdout;
    expect(await Promise.all(['json', 'ndjson', 'csv', 'markdown', 'table'].map(ask))).toEqual([
      '[]\n',
      '',
      'n\r\n',
      '| n |\n| ---: |\n',
      '┌───┐\n│ n │\n├───┤\n└───┘\n(0 rows)\n',
    ]);
  });

  test('equal names of columns', async () => {
    const end = await awsusage(['sql', 'select 1 as a, 2 as a', ...PARTIAL, '--json']);
    const { columns, rows } = jsonOf(end);
    expect(Object.keys(rows[0] ?? {})).toEqual(columns.map(({ name }) => name));
    expect(Object.values(rows[0] ?? {})).toEqual([1, 2]);
  });

  test('--json gives the version, the question, the columns, the rows and the accounting, and nothing else', async () => {
    const end = await awsusage(['query', 'services', ...PARTIAL, '--json']);
    expect(jsonOf<unknown>(end)).toEqual({
      version: 1,
      query: 'services',
      columns: [
        { name: 'service', type: 'text' },
        { name: 'operations', type: 'integer' },
        { name: 'number_of_sessions', type: 'integer' },
        { name: 'calls', type: 'integer' },
        { name: 'errors', type: 'integer' },
      ],
      rows: [
        { service: 's3', operations: 1, number_of_sessions: 1, calls: 2, errors: 1 },
        { service: 'sqs', operations: 1, number_of_sessions: 1, calls: 1, errors: 0 },
      ],
      accounting: {
        objects: { listed: 3, read: 2, skipped: 1, failed: 0 },
        records: { read: 5, kept: 3, duplicate: 1, filtered: 0, quarantined: 1 },
        bytes: expect.any(Object) as unknown,
        reasons: expect.any(Array) as unknown,
      },
    });
  });
});

describe.concurrent('the accounting', () => {
  const COMMANDS = [
    ['query', 'services,errors', ...PARTIAL],
    ['query', 'services', ...PARTIAL, '--service', 'sqs', '--no-dedupe'],
    ['sql', 'select 1', ...PARTIAL, 'fixtures/cloudtrail-bucket', 'fixtures/apigateway-bucket'],
    ['inspect', ...PARTIAL],
  ];

  test.each(COMMANDS.map((args) => [args.slice(0, 2).concat(args.slice(3)).join(' '), args] as const))(
    'is the same on stderr as with --json: %s',
    async (_name, args) => {
      const end = await awsusage([...args, '--json']);
      const { accounting } = jsonOf<{ accounting: JsonAccounting }>(end);
      const { objects, records, reasons } = accounting;
      expect(objects.read + objects.skipped + objects.failed).toBe(objects.listed);
      expect(records.kept + records.duplicate + records.filtered + records.quarantined).toBe(records.read);
      const [line = '', ...others] = end.stderr.slice(end.stderr.indexOf('objects: ')).trimEnd().split('\n');
      expect(line.replace(/ · [^·]* in [\d.]+ \S+$/, '')).toBe(
        `objects: ${objects.read} read, ${objects.skipped} skipped, ${objects.failed} failed · ` +
          `records: ${records.kept} kept, ${records.duplicate} duplicate, ${records.filtered} filtered, ` +
          `${records.quarantined} quarantined`,
      );
      expect(others).toHaveLength(reasons.length);
      for (const { reason, count } of reasons) expect(end.stderr).toContain(`  ${reason} × ${count}`);
    },
  );

  test('says how many calls carry no session, where sessions are counted', async () => {
    const source = newFolder({
      'a.json': [apiCall(), apiCall({ session_id: null }), apiCall({ session_id: '' })].join('\n'),
    });
    const counted = await awsusage(['query', 'sessions-per-day', source]);
    expect(counted.stderr).toContain('2 of 3 calls carry no session\n');
    const others = await awsusage(['query', 'regions', source]);
    expect(others.stderr).not.toContain('session');
  });
});

describe.concurrent('stdout and stderr', () => {
  test('stdout is the result alone, --quiet leaves nothing on stderr', async () => {
    const loud = await awsusage(['query', 'services', ...PARTIAL, '-o', 'ndjson', '--limit', '1']);
    expect(loud.stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(loud.stderr).toContain('1 of 2 rows');
    const quiet = await awsusage(['query', 'services', ...PARTIAL, '-o', 'ndjson', '--limit', '1', '--quiet']);
    expect(quiet).toEqual({ ...loud, stderr: '' });
    const error = await awsusage(['query', 'nope', ...PARTIAL, '--quiet']);
    expect(error.stderr).toContain('There is no question called "nope"');
  });

  test('no colour in a pipe, unless FORCE_COLOR; --no-color and NO_COLOR win', async () => {
    const run = (env: Record<string, string>, ...flags: string[]) =>
      awsusage(['query', 'services', ...PARTIAL, ...flags], { env });
    const [plain, forced, without, none, off] = await Promise.all([
      run({}),
      run({ FORCE_COLOR: '1' }),
      run({ FORCE_COLOR: '1' }, '--no-color'),
      run({ FORCE_COLOR: '1', NO_COLOR: '1' }),
      run({ FORCE_COLOR: '0', CLICOLOR_FORCE: '1' }),
    ]);
    expect(forced.stdout).toContain('\x1b[1m');
    for (const end of [plain, without, none, off]) expect(end.stdout).not.toContain('\x1b');
    expect(forced.stdout.replace(/\x1b\[\d+m/g, '')).toBe(plain.stdout);
    const wrong = await awsusage(['query', 'services', SOURCE, '--servise'], { env: { FORCE_COLOR: '1' } });
    expect(wrong.stderr).toMatch(/^\x1b\[31mError:\x1b\[39m /);
    const wrongPlain = await awsusage(['query', 'services', SOURCE, '--servise']);
    expect(wrongPlain.stderr).not.toContain('\x1b');
  });

  test('--memory changes nothing in the answer', async () => {
    const [little, much] = await Promise.all(
      ['64MB', '50%'].map((memory) => awsusage(['query', 'top-operations', BUCKET, '--memory', memory, '-o', 'csv'])),
    );
    expect(little?.code).toBe(0);
    expect(little?.stdout).toBe(much?.stdout);
  });

  test('inspect says what is there', async () => {
    const end = await awsusage(['inspect', 'fixtures/cloudtrail-bucket', SOURCE, '--json', '--allow-partial']);
    const { layouts, formats, sizes, trouble } = jsonOf<Record<string, Record<string, unknown>[]>>(end);
    expect(layouts).toContainEqual(expect.objectContaining({ layout: 'cloudtrail', objects: 5 }));
    expect(formats?.map(({ format }) => format).sort()).toEqual(['api-call', 'cloudtrail']);
    expect(formats).toContainEqual(expect.objectContaining({ format: 'api-call', records: 3, services: 2 }));
    expect(sizes?.reduce((sum, { objects }) => sum + Number(objects), 0)).toBe(7);
    expect(trouble?.map(({ reason }) => reason)).toContain('the same event id as another record');
    for (const output of ['csv', 'ndjson']) {
      const refused = await awsusage(['inspect', SOURCE, '-o', output]);
      expect(refused).toMatchObject({ code: 2, stdout: '' });
      expect(refused.stderr).toContain(`Cannot print a report of several tables as ${output}`);
    }
  });
});
