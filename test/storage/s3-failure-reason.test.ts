import { expect, test } from 'vitest';
import type { S3Access } from '../../src/storage/s3-access.js';
import { explainFailure } from '../../src/storage/s3-explain.js';
import { S3Failure } from '../../src/storage/s3-failure.js';
import { reasonOfFailure } from '../../src/storage/s3-failure-reason.js';
import { SYSTEM_CLOCK } from './system-clock.js';

const ASKED = {
  operation: 'GetObject',
  host: 'host',
  name: 's3://logs/',
  bucket: 'logs',
  access: SYSTEM_CLOCK as S3Access,
};

test.each(['toString', '__proto__', 'constructor', 'hasOwnProperty', 'valueOf'])('a code called %s', (code) => {
  const failure = new S3Failure(code, { status: 400, text: 'what it says' });
  expect(reasonOfFailure(failure, ASKED)).toBe(`the server answered 400 ${code}: what it says`);
  expect(explainFailure(failure, ASKED)).toMatchObject({
    message: `Cannot read s3://logs/: the server answered 400 ${code}: what it says`,
    wayOut: [],
  });
});
