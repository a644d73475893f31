import { readdirSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startAwsusage } from '../commands/run-awsusage.js';
import { type OwnS3, startOwnS3 } from '../commands/s3-bucket.js';
import type { Fault, FaultRule } from '../s3/faults.js';
import { isGet, isList } from './request-kinds.js';
import { fillBucket } from './run-fault-case.js';
import { logsWithLarge, logsWithParquet, pagedLogs, type StoredLogs } from './stored-logs.js';

let own: OwnS3;

beforeAll(async () => {
  own = await startOwnS3();
});

afterAll(() => own.s3.close());

const SECOND_MS = 1_000;
const HEAD: Fault = { kind: 'stall', at: 'head' };
const MIDDLE: Fault = { kind: 'stall', at: 'middle' };
const PARQUET = await logsWithParquet();

// Where other work takes the machine for a second, one run in three shows what the program does.
test.each<[string, StoredLogs, FaultRule['match'], Fault]>([
  ['the first page', pagedLogs(), isList, HEAD],
  ['a later page', pagedLogs(), ({ query }) => 'continuation-token' in query, MIDDLE],
  ['a large object', logsWithLarge(), isGet('large.json'), MIDDLE],
  ['a Parquet object', PARQUET, isGet('table.parquet'), MIDDLE],
])('Ctrl-C ends a run within a second while it waits for %s', { retry: 2 }, async (_name, logs, match, fault) => {
  const bucket = `bucket-${own.s3.requests.length}`;
  fillBucket(own.s3, bucket, logs);
  own.s3.faults.add({ match: (request) => request.bucket === bucket && match(request), fault });
  const { child, ended, runFolder } = startAwsusage(['query', 'services', `s3://${bucket}/logs/`], { env: own.env });
  const isStalled = (): boolean => own.s3.faults.struck.some(({ request }) => request.bucket === bucket);
  while (!isStalled() && child.exitCode === null) await setTimeout(20);
  await setTimeout(200);
  const folder = runFolder();
  const before = performance.now();
  child.kill('SIGINT');
  expect(await ended).toEqual({ code: 130, stdout: '', stderr: '', left: [] });
  expect(performance.now() - before).toBeLessThan(SECOND_MS);
  if (folder !== undefined) expect(() => readdirSync(folder)).toThrow('ENOENT');
});
