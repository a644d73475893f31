import { onTestFinished } from 'vitest';
import { openS3WritableStore } from '../../src/storage/s3-writable-store.js';
import type { S3Access } from '../../src/storage/s3-access.js';
import { StoreFailure, type WritableStore } from '../../src/storage/writable-store.js';
import type { AccessKey } from '../s3/signatures.js';
import { useCredentials } from './open-bucket.js';
import { SYSTEM_CLOCK } from './system-clock.js';

/** Opens `bucket/prefix` at a server to write to, until the test is over. Failed requests are repeated without delay. */
export async function openWritableBucket(
  { endpoint, credentials }: { endpoint: string; credentials: AccessKey },
  place: string,
  access: Partial<S3Access> = {},
): Promise<WritableStore> {
  const [, bucket = '', prefix = ''] = /^([^/]*)\/?(.*)$/s.exec(place) ?? [];
  useCredentials(credentials);
  const store = await openS3WritableStore({
    bucket,
    prefix,
    access: { ...SYSTEM_CLOCK, endpointUrl: endpoint, region: 'us-east-1', retryDelayMs: 1, ...access },
  });
  onTestFinished(() => store.close?.());
  return store;
}

/** The failure that a call ends with; anything else fails the test. */
export async function failureOf(call: Promise<unknown>): Promise<StoreFailure> {
  const error: unknown = await call.catch((thrown: unknown) => thrown);
  if (error instanceof StoreFailure) return error;
  throw new Error('it did not fail as a store does', { cause: error });
}

/** The version that a store gives now; empty where there is none. */
export async function versionOf(store: WritableStore, key: string): Promise<string> {
  return (await store.facts(key))?.version ?? 'none';
}

/** A body of text. */
export function text(content: string): { bytes: Uint8Array } {
  return { bytes: Buffer.from(content) };
}
