import { expect, it } from 'vitest';

import { findPlainHttp } from '../../src/cli/find-plain-http.js';

it.each([
  ['http://s3.example.com', 's3.example.com'],
  ['http://s3.example.com:9000/', 's3.example.com:9000'],
  ['HTTP://10.0.0.1', '10.0.0.1'],
  ['http://[2001:db8::1]:9000', '[2001:db8::1]:9000'],
  ['http://localhost.example.com', 'localhost.example.com'],
  ['http://127.0.0.1.example.com', '127.0.0.1.example.com'],
  ['https://s3.example.com', undefined],
  ['http://localhost:4566', undefined],
  ['http://s3.localhost:4566', undefined],
  ['http://127.0.0.1:4566', undefined],
  ['http://127.8.9.10', undefined],
  ['http://0x7f.1', undefined],
  ['http://[::1]:4566', undefined],
  ['nonsense', undefined],
  [undefined, undefined],
])('%s: %s', (endpointUrl, host) => {
  expect(findPlainHttp(endpointUrl === undefined ? { env: {} } : { endpointUrl, env: {} })).toBe(host);
});

it.each([
  [{ AWS_ENDPOINT_URL: 'http://a.test' }, 'a.test'],
  [{ AWS_ENDPOINT_URL: 'http://a.test', AWS_ENDPOINT_URL_S3: 'http://b.test' }, 'b.test'],
  [{ AWS_ENDPOINT_URL: 'http://a.test', AWS_ENDPOINT_URL_S3: 'https://b.test' }, undefined],
  [{ AWS_ENDPOINT_URL: 'http://a.test', AWS_ENDPOINT_URL_S3: '' }, 'a.test'],
  [{ AWS_ENDPOINT_URL: 'http://a.test', AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' }, undefined],
])('from the environment %j: %s', (env, host) => {
  expect(findPlainHttp({ env })).toBe(host);
});

it('looks at the endpoint given before the environment', () => {
  const env = { AWS_ENDPOINT_URL: 'http://a.test' };
  expect(findPlainHttp({ endpointUrl: 'https://b.test', env })).toBeUndefined();
  expect(findPlainHttp({ endpointUrl: 'http://b.test', env })).toBe('b.test');
});
