import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jsonOf } from './answer.js';
import { apiCall } from './made-calls.js';
import { BUCKET, newFolder, ROOT } from './run-awsusage.js';
import { type OwnS3, putFolder, startOwnS3, withoutRequests } from './s3-bucket.js';

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

test('a prefix that holds nothing is said to', async () => {
  const end = await own.ask(['query', 'services', 's3://logs/nothing-here/']);
  expect(end).toMatchObject({ code: 2, stdout: '' });
  expect(end.stderr).toMatch(/^Error: No such key or prefix: s3:\/\/logs\/nothing-here\//);
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
