import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiCall } from './made-calls.js';
import { hasPython, runOnTerminal } from './run-on-terminal.js';
import { newFolder, startAwsusage } from './run-awsusage.js';
import { type OwnS3, putFolder, startOwnS3, withoutRequests } from './s3-bucket.js';

let own: OwnS3;

beforeAll(async () => {
  own = await startOwnS3();
});

afterAll(() => own.s3.close());

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
