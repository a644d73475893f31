import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { describe, expect, test } from 'vitest';
import { requestPlainly } from './plain-request.js';
import { S3Error } from './s3-error.js';
import type { S3Request } from './s3-request.js';
import { clientFor, errorOf, serverForTest } from './sdk-client.js';
import { checkSignature } from './signatures.js';

/** The examples of the S3 API reference, "Authenticating Requests (AWS Signature Version 4)". */
const EXAMPLE_KEY = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const EXAMPLE_RING = {
  keys: [EXAMPLE_KEY],
  expiredTokens: new Set<string>(),
  now: () => new Date('2013-05-24T00:00:00Z'),
};
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const SCOPE = 'AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request';

const EXAMPLES: readonly { name: string; request: S3Request; signature: string }[] = [
  {
    name: 'GET Object',
    ...example({
      path: '/test.txt',
      signature: 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
      headers: { range: 'bytes=0-9', 'x-amz-content-sha256': EMPTY },
    }),
  },
  {
    name: 'PUT Object',
    ...example({
      method: 'PUT',
      path: '/test$file.text',
      signature: '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
      headers: {
        date: 'Fri, 24 May 2013 00:00:00 GMT',
        'x-amz-content-sha256': '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
        'x-amz-storage-class': 'REDUCED_REDUNDANCY',
      },
    }),
  },
  {
    name: 'GET Bucket Lifecycle',
    ...example({
      path: '/',
      query: { lifecycle: '' },
      signature: 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
      headers: { 'x-amz-content-sha256': EMPTY },
    }),
  },
  {
    name: 'GET Bucket (List Objects)',
    ...example({
      path: '/',
      query: { 'max-keys': '2', prefix: 'J' },
      signature: '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
      headers: { 'x-amz-content-sha256': EMPTY },
    }),
  },
  {
    name: 'presigned GET',
    signature: 'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
    request: {
      ...plain('/test.txt'),
      headers: { host: 'examplebucket.s3.amazonaws.com' },
      query: {
        'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
        'X-Amz-Credential': SCOPE,
        'X-Amz-Date': '20130524T000000Z',
        'X-Amz-Expires': '86400',
        'X-Amz-SignedHeaders': 'host',
        'X-Amz-Signature': 'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
      },
    },
  },
];

describe('the published examples', () => {
  test.each(EXAMPLES)('$name is accepted as it is', ({ request, signature }) => {
    expect(checkSignature(request, EXAMPLE_RING)).toMatchObject({ signature, region: 'us-east-1' });
  });

  test.each(EXAMPLES)('$name is refused when anything in it is changed', ({ request }) => {
    const changed: readonly S3Request[] = [
      { ...request, method: 'DELETE' },
      { ...request, path: `${request.path}x` },
      { ...request, query: { ...request.query, 'list-type': '2' } },
      { ...request, headers: { ...request.headers, host: 'otherbucket.s3.amazonaws.com' } },
    ];
    for (const one of changed) expect(codeOf(() => checkSignature(one, EXAMPLE_RING))).toBe('SignatureDoesNotMatch');
    const otherSecret = [{ ...EXAMPLE_KEY, secretAccessKey: 'other' }];
    expect(codeOf(() => checkSignature(request, { ...EXAMPLE_RING, keys: otherSecret }))).toBe('SignatureDoesNotMatch');
    expect(codeOf(() => checkSignature(request, { ...EXAMPLE_RING, keys: [] }))).toBe('InvalidAccessKeyId');
  });

  test('a header of x-amz that is not under the signature is refused', () => {
    const { request } = EXAMPLES[0] as (typeof EXAMPLES)[0];
    const headers = { ...request.headers, 'x-amz-request-payer': 'requester' };
    expect(codeOf(() => checkSignature({ ...request, headers }, EXAMPLE_RING))).toBe('AccessDenied');
  });

  test.each([
    ['no date', { 'x-amz-date': undefined }, 'AccessDenied'],
    ['no hash of the payload', { 'x-amz-content-sha256': undefined }, 'InvalidRequest'],
    ['another day than that of the credential', { 'x-amz-date': '20130525T000000Z' }, 'AuthorizationHeaderMalformed'],
    ['version 2', { authorization: 'AWS AKIAIOSFODNN7EXAMPLE:abc' }, 'AuthorizationHeaderMalformed'],
  ])('%s is refused', (_name, change, code) => {
    const { request } = EXAMPLES[0] as (typeof EXAMPLES)[0];
    const headers = Object.entries({ ...request.headers, ...change }).filter(([, value]) => value !== undefined);
    expect(
      codeOf(() =>
        checkSignature({ ...request, headers: Object.fromEntries(headers) as Record<string, string> }, EXAMPLE_RING),
      ),
    ).toBe(code);
  });

  test.each([
    ['2013-05-24T00:15:00Z', 'none', 'none'],
    ['2013-05-24T00:15:01Z', 'RequestTimeTooSkewed', 'none'],
    ['2013-05-23T23:44:59Z', 'RequestTimeTooSkewed', 'AccessDenied'],
    ['2013-05-25T00:00:01Z', 'RequestTimeTooSkewed', 'AccessDenied'],
  ])('at %s: in the header %s, presigned for a day %s', (time, header, presigned) => {
    const ring = { ...EXAMPLE_RING, now: () => new Date(time) };
    expect(codeOf(() => checkSignature(EXAMPLES[0]?.request as S3Request, ring))).toBe(header);
    expect(codeOf(() => checkSignature(EXAMPLES[4]?.request as S3Request, ring))).toBe(presigned);
  });
});

describe('what the SDK signs', () => {
  const ODD_KEY = "a b/+%2F/../ü\u{1f600}/'(*)!~";

  test('an odd key, in the header and presigned', async () => {
    const s3 = await serverForTest();
    s3.put('logs', ODD_KEY, 'text');
    const get = new GetObjectCommand({ Bucket: 'logs', Key: ODD_KEY });
    const answer = await clientFor(s3).send(get);
    expect(await answer.Body?.transformToString()).toBe('text');
    // Not through URL, which takes `..` out of the path.
    const path = (await getSignedUrl(clientFor(s3), get, { expiresIn: 60 })).slice(s3.endpoint.length);
    expect((await requestPlainly(s3.endpoint, { path })).body.toString()).toBe('text');
    const tampered = path.replace('X-Amz-Expires=60', 'X-Amz-Expires=61');
    expect((await requestPlainly(s3.endpoint, { path: tampered })).body.toString()).toContain('SignatureDoesNotMatch');
  });

  test('unknown keys, wrong secrets and no signature at all', async () => {
    const s3 = await serverForTest();
    s3.put('logs', 'a', 'text');
    const list = new ListObjectsV2Command({ Bucket: 'logs' });
    const { accessKeyId, secretAccessKey } = s3.credentials;
    const other = (accessKey: string, secret: string) =>
      clientFor(s3, { credentials: { accessKeyId: accessKey, secretAccessKey: secret } });
    expect(await errorOf(other(accessKeyId, secretAccessKey).send(list))).toBe('none');
    expect(await errorOf(other(accessKeyId, `${secretAccessKey}x`).send(list))).toBe('SignatureDoesNotMatch');
    expect(await errorOf(other('AKIAUNKNOWN000000000', secretAccessKey).send(list))).toBe('InvalidAccessKeyId');
    const unsigned = await requestPlainly(s3.endpoint, { path: '/logs?list-type=2' });
    expect([unsigned.status, unsigned.body.toString()]).toEqual([403, expect.stringContaining('<Code>AccessDenied<')]);
    expect(s3.requests.map(({ status, error }) => [status, error])).toEqual([
      [200, undefined],
      [403, 'SignatureDoesNotMatch'],
      [403, 'InvalidAccessKeyId'],
      [403, 'AccessDenied'],
    ]);
  });

  test('a token must be there, be the right one, and not have expired', async () => {
    const credentials = { accessKeyId: 'ASIATEST', secretAccessKey: 'secret', sessionToken: 'tok/en==' };
    const s3 = await serverForTest({ credentials });
    s3.put('logs', 'a', 'text');
    const list = new ListObjectsV2Command({ Bucket: 'logs' });
    const send = async (sessionToken?: string): Promise<string> =>
      errorOf(clientFor(s3, { credentials: { ...credentials, sessionToken: sessionToken ?? '' } }).send(list));
    expect(await send('tok/en==')).toBe('none');
    expect(await send('other')).toBe('InvalidToken');
    expect(await send()).toBe('InvalidToken');
    s3.expireToken();
    expect(await send('tok/en==')).toBe('ExpiredToken');
  });

  test('a body that is not the one that was signed', async () => {
    const s3 = await serverForTest();
    s3.createBucket('logs');
    const client = clientFor(s3);
    client.middlewareStack.add(
      (next) => (args) => {
        (args.request as { body: unknown }).body = 'TEXT';
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'low' },
    );
    const put = new PutObjectCommand({ Bucket: 'logs', Key: 'a', Body: 'text' });
    expect(await errorOf(client.send(put))).toBe('XAmzContentSHA256Mismatch');
    expect(s3.keys('logs')).toEqual([]);
  });

  test('a clock that is wrong, against the clock of the server', async () => {
    const s3 = await serverForTest({ now: () => new Date('2031-01-01T00:00:00Z') });
    s3.put('logs', 'a', 'text');
    const get = new GetObjectCommand({ Bucket: 'logs', Key: 'a' });
    expect(await errorOf(clientFor(s3).send(get))).toBe('RequestTimeTooSkewed');
    const offset = Date.parse('2031-01-01T00:00:00Z') - Date.now();
    expect(await errorOf(clientFor(s3, { systemClockOffset: offset }).send(get))).toBe('none');
  });
});

function example(given: {
  method?: string;
  path: string;
  query?: Record<string, string>;
  headers: Record<string, string>;
  signature: string;
}): { request: S3Request; signature: string } {
  const headers = { host: 'examplebucket.s3.amazonaws.com', 'x-amz-date': '20130524T000000Z', ...given.headers };
  const signed = Object.keys(headers).sort().join(';');
  const authorization = `AWS4-HMAC-SHA256 Credential=${SCOPE},SignedHeaders=${signed},Signature=${given.signature}`;
  const { path, method = 'GET', query = {} } = given;
  return {
    signature: given.signature,
    request: { ...plain(path), method, query, headers: { ...headers, authorization } },
  };
}

function plain(path: string): S3Request {
  return { method: 'GET', operation: '', bucket: 'examplebucket', key: '', query: {}, headers: {}, path };
}

function codeOf(action: () => unknown): string {
  try {
    action();
    return 'none';
  } catch (error) {
    if (error instanceof S3Error) return error.code;
    throw error;
  }
}
