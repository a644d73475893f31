import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { serverForTest } from '../s3/sdk-client.js';
import { cloudtrailRecord } from './made-calls.js';
import { runRecordedProgram } from './recorded-program.js';
import { awsusage, newFolder } from './run-awsusage.js';

const BY = ['--by', 'service,operation,resource,principal,error_code'];

async function snapshotOf(lines: readonly string[]): Promise<string> {
  const folder = newFolder({ 'calls/a.json': lines.join('\n') });
  const end = await awsusage(['snapshot', 'calls', '--to', 'calls.snapshot.json', ...BY], { cwd: folder });
  if (end.code !== 0) throw new Error(end.stderr);
  return readFileSync(join(folder, 'calls.snapshot.json'), 'utf8');
}

describe('snapshots of a program that ran twice are the same, byte for byte', () => {
  test('at an S3 server, with other names, times, counts and another order', async () => {
    const texts: string[] = [];
    for (let run = 0; run < 2; run++) {
      const lines = await runRecordedProgram(await serverForTest(), { random: Math.random, hasJsonServices: false });
      texts.push(await snapshotOf(lines));
    }
    expect(texts[1]).toBe(texts[0]);
    expect(texts[0]?.trimEnd().split('\n').slice(1)).toEqual([
      ',{"service":"s3","operation":"CreateBucket","resource":"shop-<uuid>"}',
      ',{"service":"s3","operation":"GetObject","resource":"shop-<uuid>/missing/<uuid>","error_code":"NoSuchKey"}',
      ',{"service":"s3","operation":"HeadObject","resource":"shop-<uuid>/missing","error_code":"NotFound"}',
      ',{"service":"s3","operation":"ListObjectsV2","resource":"shop-<uuid>"}',
      ',{"service":"s3","operation":"PutObject","resource":"shop-<uuid>/epoch/<epoch>"}',
      ',{"service":"s3","operation":"PutObject","resource":"shop-<uuid>/orders/<time>/<uuid>.json"}',
      ',{"service":"s3","operation":"PutObject","resource":"shop-<uuid>/plain.txt"}',
      ']',
    ]);
  });

  test('with ids as many services make them', async () => {
    const [first, second] = [await snapshotOf([trail(madeRun())]), await snapshotOf([trail(madeRun().reverse())])];
    expect(second).toBe(first);
    expect(first.match(/"principal":"arn:aws:sts::<account>:assumed-role\/deploy\/<session>"/g)).toHaveLength(
      REQUESTS.length,
    );
  });
});

const hex = (digits: number): string => randomBytes(digits).toString('hex').slice(0, digits);
const digits = (count: number): string => Array.from({ length: count }, () => randomInt(10)).join('');
const letters = (count: number, from: string): string =>
  Array.from({ length: count }, () => from[randomInt(from.length)]).join('');
const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const MIXED = `${UPPER}abcdefghijklmnopqrstuvwxyz`;
const time = (): Date =>
  new Date(Date.UTC(2026, randomInt(12), 1 + randomInt(28), randomInt(24), randomInt(60), randomInt(60)));

/** Requests with what is new in each run; the account is that of the run. */
const REQUESTS: readonly ((
  account: string,
  port: number,
) => readonly [string, string, Readonly<Record<string, unknown>>])[] = [
  (account, port) => ['sqs', 'SendMessage', { QueueUrl: `http://localhost:${port}/${account}/orders` }],
  (account) => ['sns', 'Publish', { TopicArn: `arn:aws:sns:eu-west-1:${account}:Stack-Topic-${letters(12, UPPER)}` }],
  () => ['lambda', 'Invoke', { FunctionName: `Stack-ResizeF68F3FF0-${letters(12, MIXED)}` }],
  () => ['lambda', 'GetFunction', { FunctionName: `Stack-Resize-${letters(13, UPPER)}` }],
  () => ['kms', 'Decrypt', { KeyId: randomUUID() }],
  () => ['ec2', 'DescribeVolumeStatus', { VolumeId: `vol-${hex(17)}` }],
  () => ['ec2', 'DeleteSubnet', { subnetId: `subnet-${hex(8)}` }],
  (account) => [
    'secretsmanager',
    'GetSecretValue',
    { SecretId: `arn:aws:secretsmanager:eu-west-1:${account}:secret:prod/db-${letters(6, MIXED)}` },
  ],
  () => [
    'logs',
    'PutLogEvents',
    {
      logGroupName: '/aws/lambda/resize',
      logStreamName: `${time().toISOString().slice(0, 10).replaceAll('-', '/')}/[$LATEST]${hex(32)}`,
    },
  ],
  (account) => [
    'states',
    'DescribeExecution',
    { executionArn: `arn:aws:states:eu-west-1:${account}:execution:job:${randomUUID()}` },
  ],
  () => [
    's3',
    'GetObject',
    { Bucket: `stack-bucketf68f3ff0-${letters(12, UPPER.toLowerCase())}`, Key: `assets/${hex(64)}.zip` },
  ],
  () => ['s3', 'PutObject', { Bucket: 'shop', Key: `logs/${time().toISOString()}.json` }],
  () => ['s3', 'PutObject', { Bucket: 'shop', Key: `upload_${time().getTime()}.bin` }],
  () => [
    's3',
    'PutObject',
    { Bucket: 'shop', Key: `year=2026/month=${1 + randomInt(12)}/day=${1 + randomInt(28)}/part` },
  ],
  () => ['s3', 'HeadBucket', { Bucket: `terraform-2026${digits(14)}${hex(8)}` }],
  () => ['iam', 'GetRole', { RoleName: `terraform-2026${digits(14)}${hex(8)}` }],
  (account) => ['sts', 'AssumeRole', { RoleArn: `arn:aws:iam::${account}:role/deploy` }],
  () => ['ssm', 'StartSession', { InstanceId: `i-${hex(17)}` }],
];

function trail(records: readonly object[]): string {
  return JSON.stringify({ Records: records });
}

function madeRun(): object[] {
  const account = `${1 + randomInt(9)}${digits(11)}`;
  const port = 1024 + randomInt(60_000);
  return REQUESTS.flatMap((make) => {
    const principal = `arn:aws:sts::${account}:assumed-role/deploy/botocore-session-${time().getTime()}`;
    const [service, operation, request] = make(account, port);
    return [1, 2].slice(0, 1 + randomInt(2)).map(() => ({
      ...cloudtrailRecord({ eventTime: time().toISOString(), eventID: randomUUID() }),
      userIdentity: { type: 'AssumedRole', arn: principal },
      eventSource: `${service}.amazonaws.com`,
      eventName: operation,
      requestParameters: request,
    }));
  });
}
