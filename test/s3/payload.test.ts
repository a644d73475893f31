import { describe, expect, test } from 'vitest';
import { readPayload } from './payload.js';
import { S3Error } from './s3-error.js';
import type { S3Request } from './s3-request.js';
import { checkSignature } from './signatures.js';

/** The example of the S3 API reference, "Signature Calculations: Transferring Payload in Multiple Chunks". */
const SEED = '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9';
const CHUNKS = [
  { data: 'a'.repeat(65_536), signature: 'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648' },
  { data: 'a'.repeat(1024), signature: '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497' },
  { data: '', signature: 'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9' },
];
const RING = {
  keys: [{ accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' }],
  expiredTokens: new Set<string>(),
  now: () => new Date('2013-05-24T00:00:00Z'),
};
const SIGNED_HEADERS = {
  'content-encoding': 'aws-chunked',
  'content-length': '66824',
  host: 's3.amazonaws.com',
  'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
  'x-amz-date': '20130524T000000Z',
  'x-amz-decoded-content-length': '66560',
  'x-amz-storage-class': 'REDUCED_REDUNDANCY',
};
const EXAMPLE: S3Request = {
  method: 'PUT',
  operation: 'PutObject',
  bucket: 'examplebucket',
  key: 'chunkObject.txt',
  query: {},
  path: '/examplebucket/chunkObject.txt',
  headers: {
    ...SIGNED_HEADERS,
    authorization: `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=${Object.keys(SIGNED_HEADERS).join(';')},Signature=${SEED}`,
  },
};

describe('signed chunks', () => {
  const read = (body: string): Buffer => {
    const signer = checkSignature(EXAMPLE, RING);
    return readPayload(EXAMPLE, Buffer.from(body), signer).bytes;
  };
  const whole = CHUNKS.map(({ data, signature }) => chunk(data, `;chunk-signature=${signature}`)).join('');

  test('the published example is accepted', () => {
    expect(read(whole)).toEqual(Buffer.alloc(66_560, 'a'));
  });

  test('a chunk that was changed, or that another follows, is refused', () => {
    expect(codeOf(() => read(whole.replace('aaaa', 'aaab')))).toBe('SignatureDoesNotMatch');
    expect(codeOf(() => read(whole.replace('b6c6ea8a', 'b6c6ea8b')))).toBe('SignatureDoesNotMatch');
    const [first = '', second = '', last = ''] = CHUNKS.map(({ data, signature }) =>
      chunk(data, `;chunk-signature=${signature}`),
    );
    expect(codeOf(() => read(second + first + last))).toBe('SignatureDoesNotMatch');
  });

  test('a body that ends early is refused', () => {
    expect(codeOf(() => read(whole.slice(0, -200)))).toBe('IncompleteBody');
  });
});

describe('unsigned chunks with a trailer', () => {
  const headers = {
    'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
    'x-amz-decoded-content-length': '4',
    'x-amz-trailer': 'x-amz-checksum-crc32',
  };
  const read = (body: string, change: Readonly<Record<string, string>> = {}): unknown =>
    readPayload({ ...EXAMPLE, headers: { ...headers, ...change } }, Buffer.from(body), undefined);

  test('bytes and checksum are taken apart', () => {
    expect(read('2\r\nte\r\n2\r\nxt\r\n0\r\nx-amz-checksum-crc32:O4unxw==\r\n\r\n')).toEqual({
      bytes: Buffer.from('text'),
      checksum: { algorithm: 'CRC32', value: 'O4unxw==', type: 'FULL_OBJECT' },
    });
  });

  test.each([
    ['a wrong checksum', '4\r\ntext\r\n0\r\nx-amz-checksum-crc32:O4vz6g==\r\n\r\n', 'BadDigest'],
    ['another trailer', '4\r\ntext\r\n0\r\nx-amz-checksum-sha1:NyBtiCgAtyEJuZwVtIb0X+y7zjg=\r\n\r\n', 'InvalidRequest'],
    ['no trailer', '4\r\ntext\r\n0\r\n\r\n', 'InvalidRequest'],
    ['another length', '3\r\ntex\r\n0\r\nx-amz-checksum-crc32:O4unxw==\r\n\r\n', 'IncompleteBody'],
    ['no last chunk', '4\r\ntext\r\n', 'IncompleteBody'],
    ['no chunks', 'text', 'IncompleteBody'],
  ])('%s is refused', (_name, body, code) => {
    expect(codeOf(() => read(body))).toBe(code);
  });
});

describe('what is said of a body', () => {
  const read = (headers: Readonly<Record<string, string>>): unknown =>
    readPayload({ ...EXAMPLE, headers }, Buffer.from('text'), undefined);

  test.each([
    [{ 'content-length': '5' }, 'IncompleteBody'],
    [{ 'transfer-encoding': 'chunked' }, 'MissingContentLength'],
    [{ 'content-md5': 'HLJR7A1Wjeapg7UgxK7Y0Q==' }, 'BadDigest'],
    [{ 'content-md5': 'abc' }, 'InvalidDigest'],
    [{ 'x-amz-checksum-crc32': 'O4vz6g==' }, 'BadDigest'],
    [{ 'x-amz-checksum-crc32': 'O4vz' }, 'InvalidRequest'],
    [{ 'x-amz-sdk-checksum-algorithm': 'CRC32' }, 'InvalidRequest'],
    [{ 'x-amz-checksum-crc32': 'O4unxw==', 'x-amz-checksum-sha1': 'abc' }, 'InvalidRequest'],
    [{ 'x-amz-content-sha256': '0'.repeat(64) }, 'XAmzContentSHA256Mismatch'],
    [{ 'content-length': '4', 'content-md5': 'HLJR7A1WjeapKbUgxK7Y0Q==' }, 'none'],
    [{ 'content-length': '4', 'x-amz-checksum-crc32': 'O4unxw==' }, 'none'],
  ])('%o: %s', (headers, code) => {
    expect(codeOf(() => read(headers))).toBe(code);
  });
});

function chunk(data: string, extension: string): string {
  return `${data.length.toString(16)}${extension}\r\n${data}\r\n`;
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
