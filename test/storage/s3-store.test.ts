import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import { UserError } from '../../src/errors.js';
import type { S3Access } from '../../src/storage/s3-store.js';
import { buildProgram } from '../build-program.js';
import { start } from '../cli/child-process.js';
import type { Fault } from '../s3/faults.js';
import { serverForTest } from '../s3/sdk-client.js';
import type { TestS3, TestS3Options } from '../s3/s3-server.js';
import {
  contentOf,
  entriesOf,
  keysOf,
  objectsOf,
  openBucket,
  type Surroundings,
  useCredentials,
} from './open-bucket.js';
import { SYSTEM_CLOCK } from './system-clock.js';

const warnings = vi.spyOn(process, 'emitWarning');

/** Keys that are legal and that something on the way may take for something else. */
const ODD_KEYS = [
  'k/a b c.json',
  'k/日本語-é-😀.json',
  'k/a%2Fb.json',
  'k/a+b.json',
  'k/a\nb.json',
  'k/a/../b.json',
  'k//x//y.json',
  'k/a[1].json',
  'k/dir/',
  'k/fd',
  'k/fd/child',
  'k/a&b<c>"d\'.json',
  'k/a:b?c=d#e;f=$,@!*().json',
  'k/~a|b\\c^`.json',
  'k/a\u0001b',
  `k/${'L'.repeat(1022)}`,
  `k/seg${'S'.repeat(300)}/x`,
  '/lead/x',
  'k/./z.json',
  'k/end ',
  'k/Case',
  'k/case',
  'k/\rcr',
  'k/tab\t',
  'k/00123',
  'k/%',
  'k/\u202eevil',
  'k/..',
];

describe('a bucket', () => {
  test('gives every object with its size and reads it, whatever its key', async () => {
    const s3 = await serverForTest();
    for (const key of ODD_KEYS) s3.put('logs', key, `in ${key}`);
    const store = await openBucket(s3, 'logs');
    const read = new Map<string, string>();
    for (const object of await objectsOf(store)) {
      expect(object.size).toBe(Buffer.byteLength(`in ${object.key}`));
      read.set(object.key, (await contentOf(store, object)).toString());
    }
    expect(read).toEqual(new Map(s3.keys('logs').map((key) => [key, `in ${key}`])));
    expect(read.size).toBe(ODD_KEYS.length);
  });

  test('every odd key can be a source of its own', async () => {
    const s3 = await serverForTest();
    for (const key of ODD_KEYS) s3.put('logs', key, `in ${key}`);
    for (const key of ODD_KEYS.filter((one) => !one.endsWith('/'))) {
      const store = await openBucket(s3, `logs/${key}`);
      expect(store).toMatchObject({ name: `s3://logs/${key}`, single: true });
      const [object, ...others] = await objectsOf(store);
      expect(others).toEqual([]);
      expect(object?.key).toBe(key.slice(key.lastIndexOf('/') + 1));
      expect((await contentOf(store, object!)).toString()).toBe(`in ${key}`);
    }
  });

  test('has its prefix as its context, and one object of two sources is one', async () => {
    const s3 = await serverForTest();
    s3.put('logs', 'year=2026/month=10/a', 'text');
    const stores = ['logs', 'logs/year=2026', 'logs/year=2026/month=10/', 'logs/year=2026/month=10/a'];
    const opened = await Promise.all(stores.map((source) => openBucket(s3, source)));
    expect(opened.map(({ context }) => context)).toEqual([
      '',
      'year=2026/',
      'year=2026/month=10/',
      'year=2026/month=10/',
    ]);
    const identities = await Promise.all(opened.map(async (store) => (await objectsOf(store))[0]?.identity));
    expect(new Set(identities).size).toBe(1);
    s3.put('other', 'year=2026/month=10/a', 'text');
    expect((await objectsOf(await openBucket(s3, 'other')))[0]?.identity).not.toBe(identities[0]);
  });

  test('that is empty has no objects', async () => {
    const s3 = await serverForTest();
    s3.createBucket('logs');
    expect(await entriesOf(await openBucket(s3, 'logs'))).toEqual([]);
  });

  test('of another region is found where it is', async () => {
    const s3 = await serverForTest();
    s3.createBucket('logs', { region: 'eu-west-1' });
    s3.put('logs', 'a', 'text');
    const store = await openBucket(s3, 'logs');
    const [object] = await objectsOf(store);
    expect((await contentOf(store, object!)).toString()).toBe('text');
    expect(s3.requests.map(({ status }) => status)).toEqual([301, 200, 200]);
  });

  test('that is open to everybody is read without a signature', async () => {
    const s3 = await serverForTest();
    s3.createBucket('logs', { anonymous: true });
    s3.put('logs', 'a', 'text');
    useCredentials(undefined);
    const { store } = await openWithout(s3, 'logs', { noSignRequest: true });
    const [object] = await objectsOf(store);
    expect((await contentOf(store, object!)).toString()).toBe('text');
    expect(s3.requests.filter(({ headers }) => 'authorization' in headers)).toEqual([]);
  });

  test('whose requester pays is told of the agreement with every request, and the owner that it must have', async () => {
    const s3 = await serverForTest();
    s3.createBucket('logs', { requesterPays: true, owner: '111122223333' });
    s3.put('logs', 'a', 'text');
    const access = { requestPayer: true, expectedBucketOwner: '111122223333' };
    const store = await openBucket(s3, 'logs/a', access);
    const [object] = await objectsOf(store);
    expect((await contentOf(store, object!)).toString()).toBe('text');
    expect(s3.requests.map(({ operation }) => operation)).toEqual(['HeadObject', 'GetObject']);
    const other = await refusal(openBucket(s3, 'logs', { ...access, expectedBucketOwner: '999999999999' }));
    expect(other.message).toContain('access denied');
  });

  test('is not asked for more than once to be opened and listed', async () => {
    const s3 = await serverForTest();
    s3.put('logs', 'a/b', 'text');
    expect(await keysOf(await openBucket(s3, 'logs/a/'))).toEqual(['b']);
    expect(s3.requests).toHaveLength(1);
  });

  test('that may be empty shows what is there when it is listed, not when it is opened', async () => {
    const s3 = await serverForTest();
    s3.put('logs', 'a/b', 'text');
    const store = await openBucket(s3, 'logs/a/', { mayBeEmpty: true });
    expect(s3.requests).toHaveLength(0);
    s3.put('logs', 'a/c', 'text');
    expect(await keysOf(store)).toEqual(['b', 'c']);
  });
});

describe('what cannot be opened', () => {
  test.each<readonly [string, string, RegExp, RegExp]>([
    ['no such bucket', 'nowhere/a/', /^Cannot read s3:\/\/nowhere\/a\/: there is no such bucket$/, /aws s3 ls/],
    ['no such key', 'logs/dara', /^No such key or prefix: s3:\/\/logs\/dara$/, /Did you mean s3:\/\/logs\/data\/\?/],
    ['no such prefix', 'logs/data/2026/', /^No such key or prefix: s3:\/\/logs\/data\/2026\/$/, /^$/],
    [
      'an ARN of something else',
      'arn:aws:s3:us-east-1:123456789012:nothing:x',
      /the bucket cannot be addressed: /,
      /access point/,
    ],
  ])('%s', async (_, source, message, wayOut) => {
    const s3 = await serverForTest();
    s3.put('logs', 'data/a', '');
    const error = await refusal(openBucket(s3, source));
    expect(error.message).toMatch(message);
    expect(error.wayOut.join(' ')).toMatch(wayOut);
  });

  const denied = (action: string): Fault => ({
    kind: 'error',
    code: 'AccessDenied',
    message: `User: arn:aws:iam::123456789012:user/u is not authorized to perform: ${action} on resource: "arn:aws:s3:::logs"`,
  });

  test.each<readonly [string, Fault, RegExp, RegExp]>([
    [
      'access denied',
      { kind: 'error', code: 'AccessDenied' },
      /access denied: s3:ListBucket is not allowed$/,
      /s3:GetObject on arn:aws:s3:::logs\/\*/,
    ],
    ['access denied by name', denied('s3:ListBucket'), /access denied: s3:ListBucket/, /--profile/],
    ['an expired token', { kind: 'error', code: 'ExpiredToken' }, /the credentials have expired/, /aws sso login/],
    [
      'an unknown key id',
      { kind: 'error', code: 'InvalidAccessKeyId' },
      /access key id is not known/,
      /AWS_ACCESS_KEY_ID/,
    ],
    ['a wrong secret', { kind: 'error', code: 'SignatureDoesNotMatch' }, /signature is wrong/, /AWS_SECRET_ACCESS_KEY/],
    ['a wrong clock', { kind: 'error', code: 'RequestTimeTooSkewed' }, /clock/, /Set the clock/],
    ['another region', { kind: 'error', code: 'PermanentRedirect' }, /in another region/, /--region/],
    [
      'something else',
      { kind: 'error', code: 'Odd', status: 418, message: 'I am a\nteapot' },
      /the server answered 418 Odd: I am a teapot$/,
      /^$/,
    ],
    ['a page of a proxy', { kind: 'answer', status: 403, body: '<html>no</html>' }, /access denied/, /./],
    [
      'an answer that is no listing',
      { kind: 'answer', status: 200, body: '<html>hello</html>' },
      /cannot be understood/,
      /address of an S3 server/,
    ],
  ])('%s', async (_, fault, message, wayOut) => {
    const s3 = await serverForTest();
    s3.put('logs', 'a', '');
    s3.faults.add({ match: () => true, fault });
    const error = await refusal(openBucket(s3, 'logs/'));
    expect(error.message).toMatch(/^Cannot read s3:\/\/logs\/: /);
    expect(error.message).toMatch(message);
    expect(error.wayOut.join(' ')).toMatch(wayOut);
    expect(JSON.stringify([error.message, error.wayOut])).not.toContain(s3.credentials.secretAccessKey);
  });

  test('no credentials: the three ways to give some', async () => {
    const s3 = await serverForTest();
    s3.put('logs', 'a', '');
    const { error } = await openWithout(s3, 'logs', {});
    expect(error?.message).toMatch(/^Cannot read s3:\/\/logs\/: no credentials were found$/);
    expect(error?.wayOut.join(' ')).toMatch(/AWS_ACCESS_KEY_ID.*aws sso login.*EC2.*--no-sign-request/);
  });

  test('a profile that is not there', async () => {
    const s3 = await serverForTest();
    s3.put('logs', 'a', '');
    const { error } = await openWithout(s3, 'logs', { profile: 'nobody' });
    expect(error?.message).toMatch(/no credentials were found for the profile nobody/);
  });

  test('nothing listens', async () => {
    const s3 = await serverForTest();
    const error = await refusal(openBucket(s3, 'logs', { endpointUrl: 'http://127.0.0.1:9' }));
    expect(error.message).toBe('Cannot read s3://logs/: nothing listens at 127.0.0.1:9 (3 attempts)');
    expect(error.wayOut.join()).toMatch(/--endpoint-url/);
  });

  test.each(['localhost:4566', 'nowhere', 'ftp://127.0.0.1'])('an endpoint that is none: %s', async (endpointUrl) => {
    const s3 = await serverForTest();
    const error = await refusal(openBucket(s3, 'logs', { endpointUrl }));
    expect(error.message).toBe(`The endpoint ${endpointUrl} is not an address`);
    const fromEnvironment = await openWithout(s3, 'logs', { variables: { AWS_ENDPOINT_URL: endpointUrl } });
    expect(fromEnvironment.error).toBeInstanceOf(UserError);
  });

  test('a key that cannot be asked for now is not called missing', async () => {
    const s3 = await serverForTest();
    s3.put('logs', 'a', '');
    s3.faults.add({ match: ({ method }) => method === 'HEAD', fault: { kind: 'error', code: 'SlowDown' } });
    const error = await refusal(openBucket(s3, 'logs/a', { env: { AWS_MAX_ATTEMPTS: '2' } }));
    expect(error.message).toBe('Cannot read s3://logs/a: the server answered 503 (2 attempts)');
  });

  test('a key that may not be asked for, and is no folder, is not called missing', async () => {
    const s3 = await serverForTest();
    s3.put('logs', 'a', '');
    s3.faults.add({ match: ({ method }) => method === 'HEAD', fault: { kind: 'error', code: 'AccessDenied' } });
    const error = await refusal(openBucket(s3, 'logs/a'));
    expect(error.message).toBe('Cannot read s3://logs/a: access denied: s3:GetObject is not allowed');
  });

  test('a host that has no address', async () => {
    const s3 = await serverForTest();
    const error = await refusal(openBucket(s3, 'logs', { endpointUrl: 'http://nowhere.invalid' }));
    expect(error.message).toMatch(/the host name nowhere.invalid cannot be found/);
  });

  test.each<readonly [string, TestS3Options['tls'], RegExp]>([
    ['signed by itself', {}, /certificate of 127.0.0.1:\d+ is not trusted, which it has signed itself/],
    ['for another host', { names: ['example.com'] }, /not trusted/],
  ])('a certificate %s', async (_, tls, message) => {
    const s3 = await serverForTest({ tls: tls ?? {} });
    const error = await refusal(openBucket(s3, 'logs'));
    expect(error.message).toMatch(message);
    expect(error.message).not.toMatch(/attempts/);
    expect(error.wayOut.join()).toMatch(/AWS_CA_BUNDLE/);
  });

  test('https where only http is spoken', async () => {
    const s3 = await serverForTest();
    const error = await refusal(openBucket(s3, 'logs', { endpointUrl: s3.endpoint.replace('http', 'https') }));
    expect(error.message).toMatch(/TLS/);
    expect(error.wayOut.join()).toMatch(/http:\/\//);
  });

  test.each(['one--usw2-az1--x-s3', 'arn:aws:s3::123456789012:accesspoint/many.mrap'])(
    '%s: not supported',
    async (bucket) => {
      const { openS3Store } = await import('../../src/storage/s3-store.js');
      const error = await refusal(
        openS3Store({ bucket, prefix: '', access: SYSTEM_CLOCK, folder: () => Promise.resolve('/nowhere') }),
      );
      expect(error.message).toMatch(/is not supported$/);
    },
  );
});

describe('a process', () => {
  const STORE = pathToFileURL(join(buildProgram({ more: ['storage/s3-store.ts'] }), 'dist/storage/s3-store.js')).href;
  const code = (use: string): string => `
    const { openS3Store } = await import(${JSON.stringify(STORE)});
    const access = { endpointUrl: process.env.ENDPOINT, now: () => new Date() };
    const store = await openS3Store({ bucket: 'logs', prefix: '', access, folder: () => Promise.reject(new Error()) });
    const objects = [];
    for await (const { object } of store.list(() => 'descend')) objects.push(object);
    store.expect(objects);
    ${use}
    process.on('exit', () => console.log('exit at', Math.round(performance.now())));
    console.log('used at', Math.round(performance.now()));`;

  test.each([
    [
      'that has read and not closed its store',
      'for await (const chunk of store.read(objects[0])) console.log(`${chunk}`);',
      false,
    ],
    ['that closes its store while the server is silent', 'setTimeout(() => store.close(), 100);', true],
  ])('%s ends at once', async (_, use, stalls) => {
    const s3 = await serverForTest();
    s3.put('logs', 'a', 'text');
    useCredentials(s3.credentials);
    if (stalls)
      s3.faults.add({ match: ({ operation }) => operation === 'GetObject', fault: { kind: 'stall', at: 'head' } });
    const env = { ...process.env, ENDPOINT: s3.endpoint };
    const { ended } = start(process.execPath, ['--input-type=module', '-e', code(use)], env);
    const { stdout, stderr, code: exitCode } = await ended;
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const [usedAt = 0, exitAt = 0] = [...stdout.matchAll(/at (\d+)/g)].map(([, time]) => Number(time));
    expect(exitAt - usedAt).toBeLessThan(2000);
  });
});

test('through all of this the SDK says nothing of the version of Node', () => {
  expect(warnings.mock.calls).toEqual([]);
});

async function openWithout(s3: TestS3, source: string, access: Partial<S3Access> & Surroundings) {
  const without = { ...s3, credentials: undefined as never };
  const result = await openBucket(without, source, access).then(
    (store) => ({ store, error: undefined }),
    (error: unknown) => ({ store: undefined as never, error: error as UserError }),
  );
  return result;
}

async function refusal(promise: Promise<unknown>): Promise<UserError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof UserError) return error;
  throw new Error('no UserError was thrown', { cause: error });
}
