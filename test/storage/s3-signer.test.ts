import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import { describe, expect, test } from 'vitest';
import { seededChance } from '../records/seeded-chance.js';
import { RequestSigner } from '../../src/storage/s3-signer.js';
import { S3Error } from '../s3/s3-error.js';
import { serverForTest } from '../s3/sdk-client.js';
import { type AccessKey, checkSignature } from '../s3/signatures.js';
import { contentOf, objectsOf, openBucket } from './open-bucket.js';

/** The key of the examples that AWS publishes. */
const EXAMPLE_KEY = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const EXAMPLE_TIME = '2013-05-24T00:00:00Z';
const EXAMPLE_HOST = 'examplebucket.s3.amazonaws.com';
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const TEMPORARY = { ...EXAMPLE_KEY, sessionToken: 'tok/en+of the==' };

/** Escaped as they are sent. */
const ODD_PATHS = [
  '/a%20b/%2B%25',
  '/%E6%97%A5%F0%9F%98%80.json',
  '/a/../b.json',
  '/a//b/./',
  '/a%252Fb',
  '/%3F%23%3D%26%3B%24%2C%40%21%2A%28%29%27',
  '/%0A%0D%09%01',
];

describe('the published examples', () => {
  // Amazon S3 API Reference, "Signature Calculations for the Authorization Header: Transferring Payload in a Single Chunk
  // (AWS Signature Version 4)", docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, "Example: GET
  // Object". The other two GETs there have a query, which reading an object has not.
  test('GET Object with a range has the published signature', async () => {
    const headers = { host: EXAMPLE_HOST, range: 'bytes=0-9', 'x-amz-content-sha256': EMPTY };
    const signed = await signerFor(`https://${EXAMPLE_HOST}`, EXAMPLE_KEY).sign({ path: '/test.txt', headers });
    expect(signed).toMatchObject({ ...headers, 'x-amz-date': '20130524T000000Z' });
    expect(signed['authorization']?.split(/, ?/)).toEqual([
      'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request',
      'SignedHeaders=host;range;x-amz-content-sha256;x-amz-date',
      'Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    ]);
  });
});

// The check itself is held against all published examples by its own tests.
describe.each([
  ['of a bucket as host name', `https://${EXAMPLE_HOST}`, ''],
  ['of a bucket in the path, with a port', 'http://127.0.0.1:9000', '/logs'],
  ['of a bucket below a path of a gateway', 'https://gateway.example:8443', '/s3/logs'],
])('a GET %s', (_, origin, bucketPath) => {
  test.each([
    ['a lasting key', EXAMPLE_KEY],
    ['a session token', TEMPORARY],
  ])('with %s is accepted for every odd path, and refused for another', async (_name, key: AccessKey) => {
    const signer = signerFor(`${origin}${bucketPath}`, key);
    const ring = { keys: [key], expiredTokens: new Set<string>(), now: () => new Date(EXAMPLE_TIME) };
    for (const path of ODD_PATHS.map((one) => `${bucketPath}${one}`)) {
      const headers = await signer.sign({ path, headers: sentHeaders(new URL(origin).host) });
      expect(headers['x-amz-security-token']).toBe(key.sessionToken);
      const request = { method: 'GET', operation: '', bucket: 'logs', key: '', query: {}, headers };
      expect(checkSignature({ ...request, path }, ring)).toMatchObject({ region: 'us-east-1' });
      expect(() => checkSignature({ ...request, path: `${path}x` }, ring)).toThrow(S3Error);
    }
  });
});

test('every signature is the one that the SDK makes', async () => {
  const { below, pick, hits } = seededChance(5);
  const text = (): string => Array.from({ length: 1 + below(12) }, () => pick([...'aZ09-._~ "+/=,;:'])).join('');
  const url = new URL('https://gateway.example:8443/logs');
  for (let n = 0; n < 300; n++) {
    const key = { accessKeyId: `AKIA${n}`, secretAccessKey: text(), ...(hits(0.5) ? { sessionToken: text() } : {}) };
    const path = `/logs/${encodeURIComponent(text())}`;
    const headers = {
      ...sentHeaders(url.host),
      ...(hits(0.5) ? { 'if-match': `"${text()}"` } : {}),
      ...(hits(0.5) ? { 'x-amz-expected-bucket-owner': text() } : {}),
    };
    const signature = new SignatureV4({
      credentials: key,
      region: 'us-east-1',
      service: 's3',
      sha256: Sha256,
      uriEscapePath: false,
      applyChecksum: false,
    });
    const request = { method: 'GET', protocol: url.protocol, hostname: url.hostname, path, query: {}, headers };
    const expected = await signature.sign(request, { signingDate: new Date(EXAMPLE_TIME) });
    expect(await signerFor(url.href, key).sign({ path, headers })).toEqual(expected.headers);
  }
});

test('odd keys are read from a server that checks signatures, with a session token', async () => {
  const credentials = { accessKeyId: 'ASIATEST', secretAccessKey: 'sec/ret+', sessionToken: 'tok/en+==' };
  const s3 = await serverForTest({ credentials });
  const keys = ODD_PATHS.map((path) => decodeURIComponent(path.slice(1)));
  for (const key of keys) s3.put('logs', key, `in ${key}`);
  const store = await openBucket(s3, 'logs');
  const objects = await objectsOf(store);
  expect(objects).toHaveLength(keys.length);
  for (const object of objects) expect((await contentOf(store, object)).toString()).toBe(`in ${object.key}`);
});

function signerFor(url: string, key: AccessKey): RequestSigner {
  const endpoint = { url: new URL(url), signingRegion: 'us-east-1', signingName: 's3', isCustom: false };
  return new RequestSigner(
    endpoint,
    () => Promise.resolve(key),
    () => new Date(EXAMPLE_TIME),
  );
}

/** As reading an object sends them. */
function sentHeaders(host: string): Record<string, string> {
  return {
    host,
    'user-agent': 'awsusage',
    'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
    'x-amz-checksum-mode': 'ENABLED',
    'if-match': '"0cc175b9c0f1b6a831c399e269772661"',
  };
}
