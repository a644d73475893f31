import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NORMAL_RULES } from '../../src/calls/normal-rules.js';
import type { Engine } from '../../src/engines/engine.js';
import { openEngine } from '../queries/duckdb-engine.js';
import { callKindsQuestion } from '../../src/calls/call-kinds-query.js';

const UUID = '5736907d-7f31-44e9-a9a4-c88d6cfef280';
const HASH = 'cdb63ef6876fd75de08a1cac9e76dbaa';

/** For each rule: texts that it must make the second of, and texts that it must leave alone. */
const CASES: Readonly<
  Record<string, { readonly becomes: readonly (readonly [string, string])[]; readonly stays: readonly string[] }>
> = {
  presigned: {
    becomes: [
      ['/b/k?X-Amz-Date=20261001T061205Z&x=1', '/b/k?X-Amz-Date=<presigned>&x=1'],
      ['?x-amz-signature=abc', '?x-amz-signature=<presigned>'],
    ],
    stays: ['/b/k?X-Amz-Other=1', 'X-Amz-Date', '?date=20261001'],
  },
  'role-session': {
    becomes: [
      ['arn:aws:sts::1:assumed-role/deploy/botocore-session-1', 'arn:aws:sts::1:assumed-role/deploy/<session>'],
    ],
    stays: ['arn:aws:iam::1:role/assumed-role', 'arn:aws:iam::1:role/a/b'],
  },
  uuid: {
    becomes: [
      [`job-${UUID}/out_${UUID.toUpperCase()}.json`, 'job-<uuid>/out_<uuid>.json'],
      [UUID, '<uuid>'],
    ],
    stays: [UUID.slice(1), UUID.replaceAll('-', '_'), 'deadbeef-cafe'],
  },
  time: {
    becomes: [
      ['log/2026-10-01T06:12:05.123Z.gz', 'log/<time>.gz'],
      ['backup-20261001T061205Z', 'backup-<time>'],
      ['2026-10-01 06:12:05+02:00', '<time>'],
      ['20261001_061205', '<time>'],
      ['aws-calls-1-2026-10-01-06-12-04-x', 'aws-calls-1-<time>-x'],
    ],
    stays: ['2026-10-01-06-12', '2026-13-01T06:12:05Z', '2026-10-01', '20261001', '1826-10-01T06:12:05Z'],
  },
  'hive-date': {
    becomes: [
      ['a/year=2026/month=10/day=01/hour=06/b', 'a/<date>/b'],
      ['year=2026/month=1/day=2', '<date>'],
    ],
    stays: ['year=2026/month=10', 'year=26/month=10/day=01'],
  },
  date: {
    becomes: [
      ['out/2026-10-01/x', 'out/<date>/x'],
      ['out/2026/10/01/06/x', 'out/<date>/x'],
      ['report_2026-10-01_final', 'report_<date>_final'],
    ],
    stays: ['2026-10', '2026-10-41', '2026/order-1703.json', 'v12026-10-01', '2026-10-011'],
  },
  'terraform-suffix': {
    becomes: [['terraform-20261001061205123400000001', 'terraform-<suffix>']],
    stays: ['terraform-20261001', '20261001061205123400000001f'],
  },
  'key-id': {
    becomes: [
      ['AKIAIOSFODNN7EXAMPLE', 'AKIA<id>'],
      ['AROADBQP57FF2AEXAMPLE:x', 'AROA<id>:x'],
    ],
    stays: ['AKIA', 'AKIAiosfodnn7example', 'AXIAIOSFODNN7EXAMPLE'],
  },
  'secret-suffix': {
    becomes: [
      [
        'arn:aws:secretsmanager:eu-west-1:1:secret:prod/db-AbC12f',
        'arn:aws:secretsmanager:eu-west-1:1:secret:prod/db-<suffix>',
      ],
    ],
    stays: [
      'prod/db-AbC12f',
      'arn:aws:secretsmanager:eu-west-1:1:secret:prod/db',
      'arn:aws:secretsmanager:eu-west-1:1:secret:db-password',
    ],
  },
  'numbered-id': {
    becomes: [
      ['i-0abc12345678def90', 'i-<id>'],
      ['vpc-1a2b3c4d,subnet-0abc12345678def90', 'vpc-<id>,subnet-<id>'],
      ['tgw-attach-0abc12345678def90', 'tgw-attach-<id>'],
    ],
    stays: ['i-0abc', 'my-deadbeef', 'i-0ABC12345678DEF90', 'xi-0abc12345678def90'],
  },
  'cdk-suffix': {
    becomes: [
      ['stack-bucketf68f3ff0-kx3qwwllabcd', 'stack-bucketf68f3ff0-<suffix>'],
      ['Stack-HandlerF68F3FF0-1A2B3C4D5E6F', 'Stack-HandlerF68F3FF0-<suffix>'],
      ['Stack-HandlerF68F3FF0-AbCdEfGhIjKl', 'Stack-HandlerF68F3FF0-<suffix>'],
    ],
    stays: ['bucket-kx3qwwllabcd', 'bucketf68f3ff0-short', 'bucketf68f3ff0-muchtoolongword'],
  },
  'cloudformation-suffix': {
    becomes: [
      ['Stack-Queue-1A2B3C4D5E6F', 'Stack-Queue-<suffix>'],
      ['Stack-Role-1A2B3C4D5E6FG/x', 'Stack-Role-<suffix>/x'],
    ],
    stays: ['Stack-Queue-1a2b3c4d5e6f', 'Stack-QUEUE', 'STACKQUEUE1A', 'Stack-1A2B3C4D5E6FGHI'],
  },
  'bucket-suffix': {
    becomes: [
      ['stack-bucket-1x2y3z4a5b6c', 'stack-bucket-<suffix>'],
      ['stack-bucket-abcdefghijk12/k', 'stack-bucket-<suffix>/k'],
    ],
    stays: ['my-integrations', 'shop-subscription', 'shop-orders2', 'stack-1x2y3z4a5b6cdefg'],
  },
  hash: {
    becomes: [
      [`assets/${HASH}.zip`, 'assets/<hash>.zip'],
      [`${HASH}${HASH}`, '<hash>'],
    ],
    stays: [HASH.slice(1), `${HASH}g`, `x${HASH}`],
  },
  ulid: {
    becomes: [['jobs/01ARZ3NDEKTSV4RRFFQ69G5FAV', 'jobs/<ulid>']],
    stays: ['jobs/01ARZ3NDEKTSV4RRFFQ69G5FA', 'jobs/81ARZ3NDEKTSV4RRFFQ69G5FAV', 'jobs/01ARZ3NDEKTSV4RRFFQ69G5FAI'],
  },
  'request-id': {
    becomes: [['x/4442587FB7D0A2F9', 'x/<request-id>']],
    stays: ['4442587FB7D0A2F', '4442587fb7d0a2f9', 'PRODUCTIONBUCKET'],
  },
  account: {
    becomes: [
      ['arn:aws:iam::111122223333:user/ci', 'arn:aws:iam::<account>:user/ci'],
      ['111122223333/111122223334', '<account>/<account>'],
      ['111122223333_CloudTrail', '<account>_CloudTrail'],
    ],
    stays: ['1111222233334', '11112222333', 'a111122223333', '111122223333b'],
  },
  epoch: {
    becomes: [
      ['upload-1759298400', 'upload-<epoch>'],
      ['upload_1759298400123.bin', 'upload_<epoch>.bin'],
    ],
    stays: ['9759298400', '175929840', '17592984001', 'order-1703'],
  },
  ip: {
    becomes: [
      ['http://10.0.0.17/x', 'http://<ip>/x'],
      ['2001:db8:0:0:0:0:0:1', '<ip>'],
    ],
    stays: ['1.2.3', '10.0.0.256', 'v10.0.0.1', '12:30:45'],
  },
  'ip-host-name': {
    becomes: [['ip-10-0-0-17.ec2.internal', 'ip-<ip>.ec2.internal']],
    stays: ['ip-10-0-0', 'chip-10-0-0-17', 'ip-10-0-0-300'],
  },
  port: {
    becomes: [
      ['http://localhost:4566/000000000000/q', 'http://localhost:<port>/000000000000/q'],
      ['http://localhost:4566', 'http://localhost:<port>'],
    ],
    stays: ['arn:aws:sqs:eu-west-1:1:q', 'http://localhost/q:1', 'localhost:4566'],
  },
};

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

async function applied(name: string, text: string): Promise<unknown> {
  const { pattern = '', replacement = '' } = NORMAL_RULES.find((rule) => rule.name === name) ?? {};
  const sql = `SELECT system.main.regexp_replace($text, $pattern, $replacement, 'g')`;
  const [row] = await engine.rows(sql, { text, pattern, replacement });
  return row?.[0];
}

test('every rule has cases', () => {
  expect(Object.keys(CASES)).toEqual(NORMAL_RULES.map(({ name }) => name));
  for (const { becomes, stays } of Object.values(CASES)) {
    expect(becomes.some(([from, to]) => from !== to)).toBe(true);
    expect(stays.length).toBeGreaterThan(0);
  }
});

describe.each(Object.entries(CASES))('the rule %s', (name, { becomes, stays }) => {
  test.each(becomes)('makes %s to %s', async (from, to) => {
    expect(await applied(name, from)).toBe(to);
  });

  test.each(stays)('leaves %s', async (text) => {
    expect(await applied(name, text)).toBe(text);
  });
});

describe('all rules, one after the other', () => {
  const whole = [
    [
      'arn:aws:sts::111122223333:assumed-role/deploy/i-0abc12345678def90',
      'arn:aws:sts::<account>:assumed-role/deploy/<session>',
    ],
    ['http://127.0.0.1:4566/000000000000/q-1A2B3C4D5E6F', 'http://<ip>:<port>/<account>/q-<suffix>'],
    [`b/2026-10-01T06:12:05Z/${UUID}/1759298400123`, 'b/<time>/<uuid>/<epoch>'],
    ['shop-orders/readme.txt', 'shop-orders/readme.txt'],
    ['GetObject', 'GetObject'],
  ] as const;

  test('give a text that they leave alone', async () => {
    const once = await namesOf(whole.map(([from]) => from));
    expect(once).toEqual([...new Set(whole.map(([, to]) => to))].sort());
    expect(await namesOf(once)).toEqual(once);
  });
});

/** What becomes of principals, in the order of their bytes. */
async function namesOf(principals: readonly string[]): Promise<string[]> {
  const calls = await openEngine(principals.map((principal) => ({ principal })));
  try {
    const { query, parameters } = callKindsQuestion({ by: ['principal'], rules: NORMAL_RULES, isMeasured: false });
    return (await calls.rows(query.sql, parameters)).map(([name]) => String(name));
  } finally {
    calls.close();
  }
}
