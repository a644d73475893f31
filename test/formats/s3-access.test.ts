import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parseS3AccessLine } from '../../src/formats/s3-access.js';

const OWNER = '79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be';
const HEAD = `${OWNER} bucket1 [06/Feb/2019:00:00:38 +0000] 192.0.2.3 ${OWNER} 3E57427F3EXAMPLE`;
const RAW = fileURLToPath(new URL('../../../shared/data/opensearch-catalog/amazon_s3/raw.log', import.meta.url));

test('a full line gives every field by its documented name', () => {
  const line = `${HEAD} REST.GET.VERSIONING - "GET /bucket1?versioning HTTP/1.1" 200 - 113 - 7 6 "-" "S3Console/0.4" - s9lz+5HR/3= SigV4 ECDHE-RSA-AES128-GCM-SHA256 AuthHeader bucket1.s3.amazonaws.com TLSV1.2 arn:aws:s3:us-west-1:123456789012:accesspoint/ap Yes us-east-1 new1 new2`;
  expect(parseS3AccessLine(line)).toEqual({
    bucket_owner: OWNER,
    bucket: 'bucket1',
    time: '06/Feb/2019:00:00:38 +0000',
    remote_ip: '192.0.2.3',
    requester: OWNER,
    request_id: '3E57427F3EXAMPLE',
    operation: 'REST.GET.VERSIONING',
    key: null,
    request_uri: 'GET /bucket1?versioning HTTP/1.1',
    http_status: '200',
    error_code: null,
    bytes_sent: '113',
    object_size: null,
    total_time: '7',
    turn_around_time: '6',
    referrer: null,
    user_agent: 'S3Console/0.4',
    version_id: null,
    host_id: 's9lz+5HR/3=',
    signature_version: 'SigV4',
    cipher_suite: 'ECDHE-RSA-AES128-GCM-SHA256',
    authentication_type: 'AuthHeader',
    host_header: 'bucket1.s3.amazonaws.com',
    tls_version: 'TLSV1.2',
    access_point_arn: 'arn:aws:s3:us-west-1:123456789012:accesspoint/ap',
    acl_required: 'Yes',
    source_region: 'us-east-1',
    field_28: 'new1',
    field_29: 'new2',
  });
});

test.each([
  [
    'quotes in the URI',
    'REST.GET.OBJECT a "GET /a?x="y" HTTP/1.1" 404 NoSuchKey 1 2 3 4 "-" "ua" -',
    { request_uri: 'GET /a?x="y" HTTP/1.1', http_status: '404', user_agent: 'ua' },
  ],
  [
    'quotes in the user agent',
    'REST.GET.OBJECT a "GET /a HTTP/1.1" 200 - 1 2 3 4 "-" "my "own" agent" - h',
    { referrer: null, user_agent: 'my "own" agent', host_id: 'h' },
  ],
  [
    'a status forged by the user agent',
    'REST.GET.OBJECT a "GET /a HTTP/1.1" 403 AccessDenied 1 2 3 4 "-" "x" 200 - 9 9 9 9 "y" -',
    { http_status: '403', bytes_sent: '1', user_agent: 'x" 200 - 9 9 9 9 "y' },
  ],
  [
    'a referrer',
    'REST.GET.OBJECT a "GET /a HTTP/1.1" 200 - 1 2 3 4 "http://r/?q=a b" "ua" v1',
    { referrer: 'http://r/?q=a b', version_id: 'v1' },
  ],
  [
    'bare dashes (multi-object delete)',
    'BATCH.DELETE.OBJECT k1 - 204 - - 1 - - - - - hid SigV4',
    {
      request_uri: null,
      http_status: '204',
      object_size: '1',
      referrer: null,
      user_agent: null,
      version_id: null,
      host_id: 'hid',
      signature_version: 'SigV4',
    },
  ],
  [
    'a lifecycle line',
    'S3.EXPIRE.OBJECT k "-" - - - - - - "-" "-" v2',
    { operation: 'S3.EXPIRE.OBJECT', request_uri: null, http_status: null, version_id: 'v2' },
  ],
  [
    'no fields after the user agent',
    'REST.GET.OBJECT a "GET /a HTTP/1.1" 200 - 1 2 3 4 "-" "ua"',
    { user_agent: 'ua' },
  ],
  ['no fields after the times', 'REST.GET.OBJECT a "GET /a HTTP/1.1" 200 - 1 2 3 4', { turn_around_time: '4' }],
  [
    'cut inside the user agent',
    'REST.GET.OBJECT a "GET /a HTTP/1.1" 200 - 1 2 3 4 "-" "aws-cli/1.2 Py',
    { referrer: null, user_agent: 'aws-cli/1.2 Py' },
  ],
  [
    'a bare referrer',
    'REST.GET.OBJECT a "GET /a HTTP/1.1" 200 - 1 2 3 4 - "ua" v',
    { referrer: null, user_agent: 'ua', version_id: 'v' },
  ],
  [
    'a bare user agent',
    'REST.GET.OBJECT a "GET /a HTTP/1.1" 200 - 1 2 3 4 "r" - v',
    { referrer: 'r', user_agent: null, version_id: 'v' },
  ],
])('%s', (_, rest, expected) => {
  expect(parseS3AccessLine(`${HEAD} ${rest}`)).toMatchObject(expected);
});

test('fields that the line does not have are left out', () => {
  const record = parseS3AccessLine(`${HEAD} REST.GET.OBJECT a "GET /a HTTP/1.1" 200 - 1 2 3 4 "-" "ua"`);
  expect(Object.keys(record ?? {}).at(-1)).toBe('user_agent');
});

test.each([
  '',
  '{"a":1}',
  'plain text',
  `${OWNER} bucket1 [2017-08-16] 192.0.2.3 user req REST.GET.OBJECT a "GET /a HTTP/1.1" 200 - 1 2 3 4 "-" "ua" -`,
  `${HEAD} REST.GET.OBJECT a "GET /a HTTP/1.1"`,
  `${HEAD} REST.GET.OBJECT a "GET /a HTTP/1.1" two hundred`,
  'http 2018-07-02T22:23:00.186641Z app/my-lb/50dc 192.168.131.39:2817 10.0.0.1:80 0.000 0.001 0.000 200 200 34 366 "GET http://e/ HTTP/1.1" "curl" - -',
])('another line is none: %s', (line) => {
  expect(parseS3AccessLine(line)).toBeUndefined();
});

test('a hostile line of a megabyte takes no longer than its length', () => {
  const line = `${HEAD} REST.GET.OBJECT a "GET /${'" 200 - 1 '.repeat(120_000)}`;
  const start = performance.now();
  expect(parseS3AccessLine(line)).toBeUndefined();
  expect(performance.now() - start).toBeLessThan(5000);
});

test.skipIf(!existsSync(RAW))('18 real lines (needs ../shared)', () => {
  const lines = readFileSync(RAW, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  const records = lines.map(parseS3AccessLine);
  expect(records.length).toBe(18);
  // These lines have no quotes inside quoted fields, so a plain split on the quotes is right for them.
  records.forEach((record, i) => {
    const parts = (lines[i] ?? '').split('"');
    const numbers = (parts[2] ?? '').trim().split(' ');
    const first = (parts[0] ?? '').split(' ');
    expect(record?.['operation']).toBe(first[7]);
    expect(record?.['key']).toBe(first[8] === '-' ? null : first[8]);
    expect(record?.['request_uri']).toBe(parts[1]);
    expect([record?.['http_status'], record?.['object_size'], record?.['total_time']]).toEqual([
      numbers[0],
      numbers[3],
      numbers[4],
    ]);
    expect(record?.['user_agent']).toBe(parts[5]);
    expect(record?.['tls_version']).toBe('TLSv1.2');
    expect(Object.keys(record ?? {}).length).toBe(26);
  });
});
