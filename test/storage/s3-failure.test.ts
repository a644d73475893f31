import { expect, test } from 'vitest';
import { toFailure } from '../../src/storage/s3-failure.js';

/** As the SDK's handler words its time limits. */
const CONNECT =
  '@smithy/node-http-handler - the request socket did not establish a connection with the server within the configured timeout of 5 ms.';
const INACTIVE = '@smithy/node-http-handler - the request socket timed out after 5 ms of inactivity.';

test.each([
  [CONNECT, { name: 'TimeoutError' }, 'NoConnection', true],
  [INACTIVE, { name: 'TimeoutError' }, 'Stalled', false],
  ['read ECONNRESET', { name: 'TimeoutError', code: 'ECONNRESET' }, 'ECONNRESET', false],
  ['Premature close', { code: 'ERR_STREAM_PREMATURE_CLOSE' }, 'Cut', false],
])('%s', (message, properties, code, isUnreachable) => {
  const failure = toFailure(Object.assign(new Error(message), properties));
  expect(failure).toMatchObject({ code, isUnreachable, isPassing: true });
});

test('what has no code is a bug', () => {
  expect(toFailure(new TypeError('x is not a function'))).toBeUndefined();
  expect(toFailure('text')).toBeUndefined();
});
