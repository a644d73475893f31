import { expect, it } from 'vitest';

import { readS3Access } from '../../src/cli/read-s3-access.js';
import type { S3Flags } from '../../src/cli/s3-flags.js';
import { UserError } from '../../src/errors.js';

const NO_FLAGS: S3Flags = {
  bucket: undefined,
  prefix: undefined,
  'endpoint-url': undefined,
  region: undefined,
  profile: undefined,
  'no-sign-request': false,
  'request-payer': false,
  'expected-bucket-owner': undefined,
  'max-bytes': '50GB',
  'connect-timeout': undefined,
  'read-timeout': undefined,
};
const env = { AWS_REGION: 'eu-west-3', AWS_PROFILE: 'environment', AWS_ENDPOINT_URL: 'http://environment.test' };

it('leaves what nobody says to the environment', () => {
  expect(readS3Access({ flags: NO_FLAGS, source: {}, env })).toEqual({
    env,
    now: expect.any(Function) as unknown,
    noSignRequest: false,
    requestPayer: false,
  });
});

it('hands on what the configuration says, and what flags say before it', () => {
  const source = { endpointUrl: 'http://config.test', region: 'eu-west-1', profile: 'config', lateness: '3d' };
  const { endpointUrl, region, profile } = source;
  expect(readS3Access({ flags: NO_FLAGS, source, env })).toMatchObject({ endpointUrl, region, profile });
  const flags = { ...NO_FLAGS, 'endpoint-url': 'https://flag.test', region: 'us-east-2', profile: 'flag' };
  expect(readS3Access({ flags, source, env })).toMatchObject({
    endpointUrl: 'https://flag.test',
    region: 'us-east-2',
    profile: 'flag',
  });
  expect(readS3Access({ flags: { ...NO_FLAGS, region: 'us-east-2' }, source, env })).toMatchObject({
    endpointUrl,
    region: 'us-east-2',
    profile,
  });
});

it('hands on the other flags, seconds as milliseconds', () => {
  const flags = {
    ...NO_FLAGS,
    'no-sign-request': true,
    'request-payer': true,
    'expected-bucket-owner': '123456789012',
    'connect-timeout': 3,
    'read-timeout': 90,
  };
  expect(readS3Access({ flags, source: {}, env: {} })).toEqual({
    env: {},
    now: expect.any(Function) as unknown,
    noSignRequest: true,
    requestPayer: true,
    expectedBucketOwner: '123456789012',
    connectTimeoutMs: 3000,
    readTimeoutMs: 90_000,
  });
});

it.each([
  'localhost:4566',
  'ftp://host',
  '',
  'http://',
  'http://host/?X-Amz-Signature=FAKESIGNATURE',
  'http://key:FAKESECRET@host:9000',
])('refuses the endpoint %j without showing it', (text) => {
  let thrown: unknown;
  try {
    readS3Access({ flags: { ...NO_FLAGS, 'endpoint-url': text }, source: {}, env: {} });
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(UserError);
  const { message, wayOut } = thrown as UserError;
  expect(message).toMatch(/^Cannot use --endpoint-url: it (is no address|has a user name in it)$/);
  expect(`${message}${wayOut.join('')}`).not.toContain('FAKE');
});
