import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type JsonAnswer, jsonOf } from './answer.js';
import { apiCall } from './made-calls.js';
import { BUCKET, type Ended, newFolder, ROOT, startAwsusage } from './run-awsusage.js';
import { hasPython, runOnTerminal } from './run-on-terminal.js';
import { type OwnS3, putFolder, startOwnS3 } from './s3-bucket.js';

let own: OwnS3;

beforeAll(async () => {
  own = await startOwnS3();
  putFolder(own.s3, join(ROOT, BUCKET), { bucket: 'logs' });
  putFolder(own.s3, join(ROOT, BUCKET, 'json-data'), { bucket: 'beside', prefix: 'json-data/' });
  own.s3.put('beside', 'json-data-old/calls.json', apiCall({ service: 'sqs' }));
  own.s3.createBucket('public', { anonymous: true });
  own.s3.createBucket('paid', { requesterPays: true });
  for (const bucket of ['public', 'paid']) own.s3.put(bucket, 'a.json', apiCall());
});

afterAll(() => own.s3.close());

/** The requests for a bucket, by operation. */
function requestsTo(bucket: string): Record<string, number> {
  const made: Record<string, number> = {};
  for (const request of own.s3.requests.filter((one) => one.bucket === bucket))
    made[request.operation] = (made[request.operation] ?? 0) + 1;
  return made;
}

/** Everything but the time, the place and the requests. */
function withoutRequests({ stdout, stderr }: Ended): { stdout: string; stderr: string } {
  return { stdout, stderr: stderr.replace(/ in [\d.]+ m?s/, '').replace(/ · [\d,]+ requests \(.*\)$/m, '') };
}

function withoutHead(json: string): string {
  return json.replace(/^ *"HeadObject": \d+,\n/m, '');
}

describe.concurrent('a bucket answers as the folder does', () => {
  test.each<[string, string[]]>([
    ['a question', ['query', 'sessions-per-day']],
    ['several questions', ['query', 'top-operations,errors']],
    ['a window', ['query', 'services', '--since', '2026-10-02', '--until', '2026-10-04', '-o', 'csv']],
    ['SQL about keys', ['sql', 'select object_key, count(*) from api_calls group by 1 order by 1', '-o', 'ndjson']],
    ['raw records', ['sql', 'select count(*), min(extra) from raw', '-o', 'json']],
  ])('%s', async (_name, args) => {
    const [there, here] = await Promise.all([own.ask([...args, 's3://logs/']), own.ask([...args, BUCKET])]);
    expect(here.code).toBe(0);
    expect(there).toMatchObject({ code: 0, left: [] });
    expect(withoutRequests(there)).toEqual(withoutRequests(here));
  });

  test('inspect', async () => {
    const [there, here] = await Promise.all([own.ask(['inspect', 's3://logs']), own.ask(['inspect', BUCKET])]);
    expect(there.code).toBe(0);
    expect(withoutRequests(there)).toEqual(withoutRequests(here));
  });

  test('by --bucket and --prefix, which ends at a slash', async () => {
    const [flags, address] = await Promise.all([
      own.ask(['query', 'services', '--bucket', 'beside', '--prefix', 'json-data', '--json']),
      own.ask(['query', 'services', 's3://beside/json-data/', '--json']),
    ]);
    expect(flags).toMatchObject({ code: 0 });
    // Only what does not end at a slash may be the key of an object.
    expect(withoutHead(flags.stdout)).toBe(address.stdout);
    expect(jsonOf(flags).accounting.objects).toMatchObject({ listed: 22, read: 21 });
    const other = await own.ask(['query', 'services', 's3://beside/json-data-old', '-o', 'ndjson']);
    expect(other.stdout).toMatch(/^\{"service":"sqs",.*\}\n$/);
  });

  test('one object, by its key, whatever its name', async () => {
    own.s3.put('single', '.hidden', gzipSync(`${apiCall({ service: 'sqs' })}\n`));
    const end = await own.ask(['query', 'services', 's3://single/.hidden', '-o', 'ndjson']);
    expect(end).toMatchObject({ code: 0 });
    expect(end.stdout).toMatch(/^\{"service":"sqs",.*\}\n$/);
  });

  test('a bucket and a folder, in one run', async () => {
    const folder = newFolder({ 'more.json': apiCall({ service: 'sqs', event_id: 'another' }) });
    const sql = 'select count(*) as n from api_calls';
    const counts = await Promise.all(
      [['s3://logs/'], [folder], ['s3://logs/', folder, 's3://logs']].map(async (sources) => {
        const end = await own.ask(['sql', sql, ...sources, '--json']);
        return Number(jsonOf(end).rows[0]?.['n']);
      }),
    );
    expect(counts).toEqual([478, 1, 479]);
  });
});

describe('what is downloaded', () => {
  let folder: string;

  beforeAll(async () => {
    const lines = Array.from({ length: 40_000 }, (_, index) =>
      apiCall({ event_id: `e${index}`, service: `s${index % 7}` }),
    );
    folder = newFolder({ 'large.json': lines.join('\n') });
    expect(statSync(join(folder, 'large.json')).size).toBeGreaterThan(8 * 1024 * 1024);
    const { openDuckDB } = await import('../../src/engines/duckdb.js');
    const engine = await openDuckDB({ spillFolder: newFolder(), memoryLimit: 500_000_000, threads: 1 });
    const call = apiCall({ service: 'from-parquet' }).replaceAll("'", "''");
    await engine.run(
      `COPY (SELECT unnest(from_json('${call}', '{"timestamp":"VARCHAR","session_id":"VARCHAR","service":"VARCHAR","operation":"VARCHAR","status_code":"BIGINT","user_agent":"VARCHAR"}'))) TO '${join(folder, 'a.parquet')}' (FORMAT parquet)`,
    );
    engine.close();
    putFolder(own.s3, folder, { bucket: 'large' });
  });

  test('large objects and Parquet answer as the files do, and nothing of them is left', async () => {
    const args = ['query', 'services', '-o', 'ndjson'];
    const [there, here] = await Promise.all([own.ask([...args, 's3://large/']), own.ask([...args, folder])]);
    expect(there).toMatchObject({ code: 0, left: [] });
    expect(there.stdout).toContain('from-parquet');
    expect(withoutRequests(there)).toEqual(withoutRequests(here));
  });

  test('Ctrl-C in the middle leaves nothing', async () => {
    putFolder(own.s3, folder, { bucket: 'halfway' });
    own.s3.faults.add({
      match: ({ bucket, key }) => bucket === 'halfway' && key === 'large.json',
      fault: { kind: 'stall', at: 'middle' },
    });
    const { child, ended, runFolder } = startAwsusage(['query', 'services', 's3://halfway/'], { env: own.env });
    const isThere = (): boolean => filesIn(runFolder()).some((name) => name.startsWith('object-'));
    while (!isThere() && child.exitCode === null) await setTimeout(20);
    child.kill('SIGINT');
    expect(await ended).toEqual({ code: 130, stdout: '', stderr: '', left: [] });
  });

  function filesIn(path: string | undefined): string[] {
    return path === undefined ? [] : readdirSync(path);
  }
});

describe.concurrent('where a bucket is', () => {
  const config = (endpointUrl: string): string =>
    newFolder({
      'awsusage.config.json': JSON.stringify({ sources: { prod: { source: 's3://logs/', endpointUrl } } }),
    });
  const unset = { AWS_ENDPOINT_URL: undefined };
  const nowhere = 'http://127.0.0.1:9';
  const args = ['query', 'services', '-o', 'csv'];

  test('the configuration says so, and the environment does not matter', async () => {
    const cwd = config(own.s3.endpoint);
    for (const env of [unset, { AWS_ENDPOINT_URL: nowhere }]) {
      const end = await own.ask([...args, 'prod'], { cwd, env });
      expect(end).toMatchObject({ code: 0 });
      expect(end.stdout).toMatch(/^s3,/m);
    }
  });

  test('a flag says so, and the configuration does not matter', async () => {
    const cwd = config(nowhere);
    const end = await own.ask([...args, 'prod', '--endpoint-url', own.s3.endpoint], { cwd });
    expect(end).toMatchObject({ code: 0 });
    const lost = await own.ask([...args, 'prod'], { cwd });
    expect(lost).toMatchObject({ code: 2, stdout: '' });
    expect(lost.stderr).toContain('127.0.0.1:9');
  });

  test('AWSUSAGE_SOURCE may be a bucket', async () => {
    const end = await own.ask(args, { env: { AWSUSAGE_SOURCE: 's3://logs/json-data/' } });
    expect(end).toMatchObject({ code: 0 });
  });

  test('a public bucket needs no credentials', async () => {
    const env = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
    expect(await own.ask([...args, 's3://public/', '--no-sign-request'], { env })).toMatchObject({ code: 0 });
  });

  test.each<[string[], number]>([
    [[], 2],
    [['--request-payer'], 0],
    [['--request-payer', 'requester'], 0],
    [['--request-payer=requester'], 0],
  ])('a bucket whose requests the requester pays, with %j: exit %d', async (flags, code) => {
    expect(await own.ask([...args, ...flags, 's3://paid/'])).toMatchObject({ code });
  });

  test('a bucket of another owner is refused', async () => {
    const owner = ['--expected-bucket-owner', '210987654321'];
    const end = await own.ask([...args, 's3://logs/', ...owner]);
    expect(end).toMatchObject({ code: 2, stdout: '' });
    owner[1] = '123456789012';
    expect(await own.ask([...args, 's3://logs/', ...owner])).toMatchObject({ code: 0 });
  });
});

describe.concurrent('what it costs', () => {
  test('--json and the accounting line have the requests that the server saw', async () => {
    putFolder(own.s3, join(ROOT, BUCKET), { bucket: 'counted' });
    const end = await own.ask(['query', 'services', 's3://counted/', '--json']);
    const { requests } = jsonOf<{ accounting: JsonAnswer['accounting'] & { requests: object } }>(end).accounting;
    expect(requests).toEqual(requestsTo('counted'));
    const { GetObject = 0, ...others } = requestsTo('counted');
    expect(GetObject).toBe(21);
    const total = Object.values(others).reduce((sum, count) => sum + count, GetObject);
    expect(end.stderr.split('\n')[0]).toMatch(new RegExp(` s · ${total} requests \\(21 GetObject, \\d`));
  });

  test('nothing is said of requests where there are none', async () => {
    const end = await own.ask(['query', 'services', BUCKET, '--json']);
    expect(end.stdout + end.stderr).not.toMatch(/requests/);
    expect(jsonOf(end).accounting).not.toHaveProperty('requests');
  });

  test.each(['query', 'inspect', 'sql'])('%s --dry-run reads nothing, and says what it asked', async (command) => {
    const bucket = `dry-${command}`;
    putFolder(own.s3, join(ROOT, BUCKET), { bucket });
    const words = { query: ['query', 'services'], inspect: ['inspect'], sql: ['sql', 'select 1'] }[command] ?? [];
    const end = await own.ask([...words, `s3://${bucket}/`, '--dry-run', '--json']);
    expect(end).toMatchObject({ code: 0, left: [] });
    const made = requestsTo(bucket);
    expect(made).not.toHaveProperty('GetObject');
    expect(jsonOf<object>(end)).toMatchObject({
      to_read: [{ source: `s3://${bucket}/`, objects: 21 }],
      requests: made,
    });
    expect(end.stderr).toMatch(/^\d+ requests? \(.*ListObjectsV2.*\) so far; nothing was read\n$/);
  });

  test('--quiet: nothing on stderr', async () => {
    for (const more of [[], ['--dry-run']]) {
      const end = await own.ask(['query', 'services', 's3://logs/', '--quiet', ...more]);
      expect(end).toMatchObject({ code: 0, stderr: '' });
    }
  });
});

describe.concurrent('--max-bytes', () => {
  test('more is refused before anything is read, with the objects and bytes there are', async () => {
    putFolder(own.s3, join(ROOT, BUCKET), { bucket: 'limited' });
    const end = await own.ask(['query', 'services', 's3://limited/', '--max-bytes', '100kB']);
    expect(end).toMatchObject({ code: 2, stdout: '', left: [] });
    expect(end.stderr).toMatch(
      /^Error: Reading s3:\/\/limited\/ would fetch 21 objects of 128 kB, and --max-bytes allows 100 kB\n/,
    );
    expect(end.stderr).toMatch(/--since[^]*--max-bytes 129kB/);
    expect(requestsTo('limited')).not.toHaveProperty('GetObject');
    const inspected = await own.ask(['inspect', 's3://limited/', '--max-bytes', '1', '--json']);
    expect(jsonOf<object>(inspected)).toMatchObject({ error: { code: 'usage', exitCode: 2 } });
  });

  test.each(['129kB', '0', 'none'])('%s is enough', async (limit) => {
    const end = await own.ask(['query', 'services', 's3://logs/', '--max-bytes', limit]);
    expect(end).toMatchObject({ code: 0 });
  });

  test('a dry run says that it would be refused', async () => {
    const end = await own.ask(['query', 'services', 's3://logs/', '--max-bytes', '1', '--dry-run']);
    expect(end).toMatchObject({ code: 0 });
    expect(end.stderr).toMatch(/would fetch 21 objects of 128 kB, and --max-bytes allows 1 B/);
  });

  test('a folder may be of any size; the amount has to be one all the same', async () => {
    expect(await own.ask(['query', 'services', BUCKET, '--max-bytes', '1'])).toMatchObject({ code: 0 });
    const end = await own.ask(['query', 'services', BUCKET, '--max-bytes', 'much']);
    expect(end).toMatchObject({ code: 2, stdout: '' });
    expect(end.stderr).toMatch(/Cannot read --max-bytes "much" as an amount of bytes/);
  });
});

test('a window that nothing can be in costs no listing of the whole bucket', async () => {
  for (let day = 1; day <= 28; day++)
    for (let hour = 0; hour < 24; hour++)
      own.s3.put('year', `calls/year=2026/month=02/day=${two(day)}/hour=${two(hour)}/a.json`, apiCall());
  for (let number = 0; number < 2000; number++) own.s3.put('year', `calls/year=2026/month=03/day=01/${number}`, '{}');
  own.s3.put('year', 'calls/.first-and-no-log', '');
  const end = await own.ask(['query', 'services', 's3://year/', '--since', '2031-01-01']);
  expect(end).toMatchObject({ code: 2, stdout: '' });
  expect(end.stderr).toMatch(/^Error: Nothing in s3:\/\/year\/ can hold calls of the window\n.*--since/);
  expect(own.s3.requests.filter(({ bucket }) => bucket === 'year').length).toBeLessThan(12);
});

test('a prefix that holds nothing is said to', async () => {
  const end = await own.ask(['query', 'services', 's3://logs/nothing-here/']);
  expect(end).toMatchObject({ code: 2, stdout: '' });
  expect(end.stderr).toMatch(/^Error: No such key or prefix: s3:\/\/logs\/nothing-here\//);
});

describe('Ctrl-C ends it within a second', () => {
  test.each([
    ['while listing', 'ListObjectsV2', 'head'],
    ['while reading', 'GetObject', 'head'],
    ['in the middle of an object', 'GetObject', 'middle'],
  ] as const)('%s', async (name, operation, at) => {
    const bucket = `interrupted-${name.replaceAll(' ', '-')}`;
    own.s3.put(bucket, 'a.json', apiCall());
    own.s3.faults.add({
      match: (one) => one.bucket === bucket && one.operation === operation,
      fault: { kind: 'stall', at },
    });
    const { child, ended } = startAwsusage(['query', 'services', `s3://${bucket}/`], { env: own.env });
    const asked = (): boolean => own.s3.requests.some((one) => one.bucket === bucket && one.operation === operation);
    while (!asked() && child.exitCode === null) await setTimeout(20);
    await setTimeout(200);
    const before = performance.now();
    child.kill('SIGINT');
    expect(await ended).toEqual({ code: 130, stdout: '', stderr: '', left: [] });
    expect(performance.now() - before).toBeLessThan(2000);
  });
});

test.skipIf(!hasPython())('on a terminal the listing says what was found and asked (python3 makes one)', async () => {
  for (let number = 0; number < 1001; number++) own.s3.put('long', `${number}.json`, apiCall());
  own.s3.faults.add({
    match: ({ bucket, query }) => bucket === 'long' && 'continuation-token' in query,
    fault: { kind: 'stall', at: 'head' },
  });
  const { output, code } = await runOnTerminal(['inspect', 's3://long/'], {
    columns: 80,
    env: Object.fromEntries(Object.entries(own.env).map(([name, value]) => [name, value ?? ''])),
    pressCtrlCAfter: '1,000 objects',
  });
  expect(code).toBe(130);
  expect(output).toMatch(/listing · 1,000 objects · [1-9] requests? · \d/);
});

test('the commands of the README', async () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const section = readme.slice(readme.indexOf('## From S3'));
  const commands = (/```sh\n([^]*?)```/.exec(section)?.[1] ?? '').trim().split('\n');
  expect(commands).toHaveLength(3);
  const now = new Date();
  const [year, month, day] = now.toISOString().slice(0, 10).split('-');
  const recent = apiCall({ timestamp: now.toISOString() });
  own.s3.put('my-logs', `AWSLogs/123456789012/CloudTrail/us-east-1/${year}/${month}/${day}/a.json`, recent);
  own.s3.put('captures', 'json-data/a.json', recent);
  for (const command of commands) {
    const [program, ...args] = command.replace('http://localhost:4566', own.s3.endpoint).split(' ');
    expect(program).toBe('awsusage');
    expect(await own.ask(args)).toMatchObject({ code: 0 });
  }
});

function two(number: number): string {
  return String(number).padStart(2, '0');
}
