import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { onTestFinished } from 'vitest';
import { type TestS3, type TestS3Options, startTestS3 } from './s3-server.js';

/** A server that lasts as long as the test. A bug of the server itself fails the test. */
export async function serverForTest(options?: TestS3Options): Promise<TestS3> {
  const s3 = await startTestS3(options);
  onTestFinished(() => s3.close());
  return s3;
}

/** The SDK's client for it, with the path style and one attempt per request. */
export function clientFor(s3: Pick<TestS3, 'endpoint' | 'credentials'>, options: S3ClientConfig = {}): S3Client {
  const { endpoint, credentials } = s3;
  const client = new S3Client({
    endpoint,
    credentials,
    region: 'us-east-1',
    forcePathStyle: true,
    maxAttempts: 1,
    ...options,
  });
  onTestFinished(() => client.destroy());
  return client;
}

/** The code of the error that a call ends with; `none` when it succeeds. */
export async function errorOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'none',
    (error: unknown) => (error instanceof Error ? error.name : String(error)),
  );
}
