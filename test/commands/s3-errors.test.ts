import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Fault, FaultRule } from '../s3/faults.js';
import { startTestS3 } from '../s3/s3-server.js';
import { jsonOf } from './answer.js';
import { apiCall } from './made-calls.js';
import { type Ended, newFolder, type RunOptions } from './run-awsusage.js';
import { type OwnS3, startOwnS3 } from './s3-bucket.js';

let own: OwnS3;

beforeAll(async () => {
  own = await startOwnS3({
    credentials: { accessKeyId: 'AKIAFAKE', secretAccessKey: 'FAKEsecret/value', sessionToken: 'FAKEtoken' },
  });
  own.s3.put('logs', 'a.json', apiCall());
});

afterAll(() => own.s3.close());

const ASK = ['query', 'services', 's3://logs/'];

/** A bucket of its own for each fault, with two objects; the fault strikes the second. */
function putFaulty(operation: string, fault: Fault): string {
  const bucket = `b${createHash('sha256')
    .update(JSON.stringify([operation, fault]))
    .digest('hex')
    .slice(0, 20)}`;
  own.s3.put(bucket, 'good.json', apiCall());
  own.s3.put(bucket, 'later/bad.json', apiCall({ service: 'sqs' }));
  const match: FaultRule['match'] = (one) =>
    one.bucket === bucket && one.operation === operation && (one.key === '' || one.key.endsWith('bad.json'));
  own.s3.faults.add({ match, fault });
  return `s3://${bucket}/`;
}

describe.concurrent('a bucket that cannot be used: exit 2, nothing on stdout, and what to do', () => {
  function expectRefused(end: Ended, message: RegExp): void {
    expect(end).toMatchObject({ code: 2, stdout: '', left: [] });
    expect(end.stderr).toMatch(/^Error: Cannot /);
    expect(end.stderr).toMatch(message);
    expect(end.stderr.split('\n').length).toBeGreaterThan(2);
    expect(end.stderr).not.toMatch(/FAKE(secret|token)|Signature=/);
  }

  test.each<[string, string[], Readonly<Record<string, string | undefined>>, RegExp]>([
    [
      'no such bucket',
      ['query', 'services', 's3://no-such-bucket/'],
      {},
      /s3:\/\/no-such-bucket\/: there is no such bucket/,
    ],
    ['a wrong secret', ASK, { AWS_SECRET_ACCESS_KEY: 'FAKEsecret2' }, /signature is wrong[^]*AWS_SECRET_ACCESS_KEY/],
    ['an unknown key', ASK, { AWS_ACCESS_KEY_ID: 'AKIAOTHER' }, /access key id is not known[^]*AWS_ACCESS_KEY_ID/],
    [
      'no credentials',
      ASK,
      { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined },
      /no credentials[^]*AWS_ACCESS_KEY_ID[^]*aws sso login[^]*role/,
    ],
    ['an unknown profile', [...ASK, '--profile', 'nobody'], {}, /credentials/],
    ['nobody there', ASK, { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' }, /nothing listens at 127\.0\.0\.1:9/],
    [
      'no such host',
      ASK,
      { AWS_ENDPOINT_URL: 'https://s3.test.invalid' },
      /host name s3\.test\.invalid cannot be found/,
    ],
    ['a bucket that is not public', [...ASK, '--no-sign-request'], {}, /access denied[^]*leave out --no-sign-request/],
    ['no name of a bucket', ['query', 'services', 's3://No_Bucket/'], {}, /bucket/],
  ])('%s', async (_name, args, env, message) => {
    expectRefused(await own.ask(args, { env }), message);
  });

  test.each<[string, Fault, RegExp]>([
    ['listing denied', { kind: 'error', code: 'AccessDenied' }, /access denied: s3:ListBucket[^]*s3:GetObject/],
    ['an expired token', { kind: 'error', code: 'ExpiredToken' }, /credentials have expired[^]*aws sso login/],
    ['a wrong clock', { kind: 'error', code: 'RequestTimeTooSkewed' }, /clock[^]*Set the clock/],
    ['a server that asks to slow down', { kind: 'error', code: 'SlowDown' }, /slow down[^]*Try again later/],
    ['a page of a proxy', { kind: 'answer', status: 407, body: '<html>no</html>' }, /answered 407/],
  ])('%s', async (_name, fault, message) => {
    const source = putFaulty('ListObjectsV2', fault);
    const end = await own.ask(['query', 'services', source]);
    expect(end).toMatchObject({ code: 2, stdout: '', left: [] });
    expect(end.stderr).toMatch(message);
  });

  test('a region that is wrong, where the server insists on it', async () => {
    own.s3.createBucket('in-europe', { region: 'eu-central-1' });
    own.s3.put('in-europe', 'a.json', apiCall());
    const ask = ['query', 'services', 's3://in-europe/', '--quiet'];
    expect(await own.ask(ask)).toMatchObject({ code: 0, stderr: '' });
    expect(await own.ask([...ask, '--region', 'eu-central-1'])).toMatchObject({ code: 0, stderr: '' });
  });

  test('with --json the error is a document too', async () => {
    const end = await own.ask(['query', 'services', 's3://no-such-bucket/', '--json']);
    expect(end.code).toBe(2);
    expect(jsonOf<object>(end)).toMatchObject({ error: { code: 'usage', exitCode: 2, message: /no such bucket/ } });
  });

  test('a certificate that nobody trusts; AWS_CA_BUNDLE makes it trusted', async () => {
    const s3 = await startTestS3({ tls: {}, credentials: own.s3.credentials });
    s3.put('logs', 'a.json', apiCall());
    const env = { AWS_ENDPOINT_URL: s3.endpoint };
    expectRefused(await own.ask(ASK, { env }), /certificate of [^]*AWS_CA_BUNDLE/);
    const bundle = join(newFolder(), 'ca.pem');
    writeFileSync(bundle, s3.certificate ?? '');
    expect(await own.ask(ASK, { env: { ...env, AWS_CA_BUNDLE: bundle } })).toMatchObject({ code: 0 });
    await s3.close();
  });
});

describe.concurrent('an object that cannot be read: exit 3, the rest is answered, and the object is named', () => {
  test.each<[string, Fault, RegExp]>([
    ['access denied', { kind: 'error', code: 'AccessDenied' }, /s3:GetObject/],
    [
      'its key may not be used',
      {
        kind: 'error',
        code: 'AccessDenied',
        message: 'User: arn:aws:iam::1:user/a is not authorized to perform: kms:Decrypt on this resource',
      },
      /kms:Decrypt/,
    ],
    ['in Glacier', { kind: 'error', code: 'InvalidObjectState' }, /archived \(Glacier\)/],
    ['deleted since', { kind: 'delete' }, /gone since it was listed/],
    ['always cut', { kind: 'cut', at: 'middle' }, /broke off/],
    ['always with a wrong checksum', { kind: 'wrong-checksum' }, /checksum/],
  ])('%s', async (_name, fault, reason) => {
    const source = putFaulty('GetObject', fault);
    const end = await own.ask(['query', 'services', source, '-o', 'ndjson']);
    expect(end).toMatchObject({ code: 3, left: [] });
    expect(end.stdout).toMatch(/^\{"service":"s3",.*\}\n$/);
    expect(end.stderr).toMatch(/^objects: 1 read, 0 skipped, 1 failed/);
    expect(end.stderr).toMatch(reason);
    expect(end.stderr).toContain('later/bad.json');
    expect(end.stderr).not.toMatch(/FAKE(secret|token)|Signature=/);
  });
});

describe.concurrent('http:// to another machine', () => {
  const far = { env: { AWS_ENDPOINT_URL: 'http://s3.test.invalid' } };

  test.each<[string, string[], RunOptions]>([
    ['the environment', [], far],
    ['a flag', ['--endpoint-url', 'http://s3.test.invalid'], {}],
  ])('is warned of, as %s says it; that the name is not known is said too', async (_name, flags, options) => {
    const end = await own.ask([...ASK, ...flags], options);
    expect(end).toMatchObject({ code: 2, stdout: '' });
    expect(end.stderr).toMatch(/^Warning: s3\.test\.invalid is reached by http: credentials sign but do not encrypt/);
    expect(end.stderr).toMatch(/\nError: Cannot read s3:\/\/logs\/: the host name s3\.test\.invalid cannot be found/);
  });

  test('is not warned of with --quiet, nor for this machine', async () => {
    expect((await own.ask([...ASK, '--quiet'], far)).stderr).toMatch(/^Error: /);
    expect((await own.ask(ASK)).stderr).not.toMatch(/Warning/);
  });
});

describe.concurrent('secrets are in no output', () => {
  const signature = /Signature=|X-Amz-Security-Token|AWS4-HMAC/i;
  const debug = { DEBUG: '*', AWSUSAGE_DEBUG: '1' };

  test.each<[string, string[], Readonly<Record<string, string>>, number]>([
    ['an answer', ASK, {}, 0],
    ['a plan', [...ASK, '--dry-run', '--json'], {}, 0],
    ['a description', ['inspect', 's3://logs/', '--json'], {}, 0],
    ['no such bucket', ['query', 'services', 's3://no-such-bucket/', '--json'], {}, 2],
    ['a wrong secret', ASK, { AWS_SECRET_ACCESS_KEY: 'FAKEsecret/other' }, 2],
    ['nobody there', ASK, { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' }, 2],
    ['a proxy that is not there', ASK, { HTTP_PROXY: 'http://me:FAKEproxy@127.0.0.1:9' }, 2],
    ['a presigned address', ['inspect', 'https://logs.test/a?X-Amz-Signature=FAKEsignature'], { DEBUG: '' }, 2],
    ['an address with a password', [...ASK, '--endpoint-url', 'http://me:FAKEword@127.0.0.1'], { DEBUG: '' }, 2],
  ])('%s, with DEBUG', async (_name, args, env, code) => {
    const end = await own.ask(args, { env: { ...debug, ...env } });
    expect(end.code).toBe(code);
    const output = end.stdout + end.stderr;
    if (!('DEBUG' in env)) expect(output).toContain('oclif:');
    expect(output).not.toMatch(/FAKE/);
    expect(output).not.toMatch(signature);
  });
});
