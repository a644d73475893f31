import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type JsonAnswer, jsonOf } from './answer.js';
import { apiCall } from './made-calls.js';
import { BUCKET, ROOT } from './run-awsusage.js';
import { type OwnS3, putFolder, startOwnS3 } from './s3-bucket.js';

let own: OwnS3;

beforeAll(async () => {
  own = await startOwnS3();
  putFolder(own.s3, join(ROOT, BUCKET), { bucket: 'logs' });
});

afterAll(() => own.s3.close());

/** The requests for a bucket, by operation. */
function requestsTo(bucket: string): Record<string, number> {
  const made: Record<string, number> = {};
  for (const request of own.s3.requests.filter((one) => one.bucket === bucket))
    made[request.operation] = (made[request.operation] ?? 0) + 1;
  return made;
}

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

function two(number: number): string {
  return String(number).padStart(2, '0');
}
