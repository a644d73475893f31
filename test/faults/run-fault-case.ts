import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, vi } from 'vitest';
import type { S3Access } from '../../src/storage/s3-access.js';
import type { FaultRule } from '../s3/faults.js';
import { startTestS3, type TestS3 } from '../s3/s3-server.js';
import type { AccessKey } from '../s3/signatures.js';
import { seededRandom } from '../s3/seeded-random.js';
import { type Asking, askBucket, type Outcome } from './ask-bucket.js';
import { checkSecrets } from './check-outcome.js';
import { leftOpen } from './left-open.js';
import { PREFIX, type StoredLogs } from './stored-logs.js';
import { SYSTEM_CLOCK } from '../storage/system-clock.js';

export interface Question {
  readonly seed: string;
  /** What is in the bucket when it is asked. */
  readonly logs: StoredLogs;
  /** `logs` unless given. */
  readonly bucket?: string;
  /** One key of the bucket, where not all of it is asked for. */
  readonly key?: string;
  readonly access?: Partial<S3Access>;
}

export interface FaultCase extends Question {
  readonly rules: readonly FaultRule[];
  /** How many faults must have struck; at least one unless given. */
  readonly strikes?: number;
}

/** A request that is answered with faults alone is given up after so many. */
export const ATTEMPTS = 4;
/** Well above what a case takes on a busy machine, and well below the limit of a test. */
const LIMIT_MS = 25_000;

export const CREDENTIALS = {
  accessKeyId: 'AKIAFAULTSFAULTS0000',
  secretAccessKey: 'secret/of+the/suite/of/faults/0000000000',
  sessionToken: 'token+of/the/suite/of/faults==',
};

/** Gives the SDK of this process these credentials and nothing of the machine, as long as the file is tested. */
export function useSuiteCredentials(credentials: () => AccessKey = () => CREDENTIALS): void {
  const home = mkdtempSync(join(tmpdir(), 'awsusage-test-'));
  beforeAll(() => {
    for (const file of ['config', 'credentials']) writeFileSync(join(home, file), '');
    for (const name of Object.keys(process.env).filter((one) => /^AWS_|_proxy$/i.test(one)))
      vi.stubEnv(name, undefined);
    vi.stubEnv('AWS_CONFIG_FILE', join(home, 'config'));
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(home, 'credentials'));
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    const { accessKeyId, secretAccessKey, sessionToken } = credentials();
    vi.stubEnv('AWS_ACCESS_KEY_ID', accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', secretAccessKey);
    vi.stubEnv('AWS_SESSION_TOKEN', sessionToken);
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    rmSync(home, { recursive: true, force: true });
  });
}

/**
 * Asks a bucket of a server of its own while the faults strike. Fails when it takes too long, when no fault struck, when a
 * timer, a socket or a file is left, or when a message shows a secret.
 */
export async function runFaultCase(faultCase: FaultCase): Promise<Outcome> {
  const s3 = await startTestS3({ credentials: CREDENTIALS });
  try {
    fillBucket(s3, 'logs', faultCase.logs);
    s3.faults.add(...faultCase.rules);
    const { result, left } = await withinLimit(leftOpen(() => askEndpoint(s3.endpoint, faultCase)));
    const { strikes } = faultCase;
    if (strikes === undefined) expect(s3.faults.struck.length).toBeGreaterThan(0);
    else expect(s3.faults.struck.length).toBe(strikes);
    expect({ left, files: result.files }).toEqual({ left: [], files: [] });
    checkSecrets(result.outcome, secretsOf(s3));
    return result.outcome;
  } finally {
    await s3.close();
  }
}

/** Puts logs, and what lies between them, into a bucket. */
export function fillBucket(s3: TestS3, bucket: string, { logs, skipped, outside }: StoredLogs): void {
  // CRC32 is quick even of large objects.
  for (const [key, { body }] of logs) s3.put(bucket, `${PREFIX}${key}`, body, { checksum: 'CRC32' });
  for (const key of [...skipped, ...outside]) s3.put(bucket, `${PREFIX}${key}`, '', { checksum: 'none' });
}

/** Asks a bucket at an endpoint with little patience and quick repetitions. */
export function askEndpoint(
  endpointUrl: string,
  { bucket = 'logs', logs, key = '', access, seed }: Question,
): Promise<Asking> {
  const random = seededRandom(seed, 'delays');
  return askBucket({
    bucket,
    prefix: `${PREFIX}${key}`,
    window: logs.window,
    access: {
      ...SYSTEM_CLOCK,
      endpointUrl,
      region: 'us-east-1',
      env: { AWS_MAX_ATTEMPTS: String(ATTEMPTS) },
      connectTimeoutMs: 10_000,
      readTimeoutMs: 10_000,
      retryDelayMs: 1,
      random,
      ...access,
    },
  });
}

function secretsOf(s3: TestS3): string[] {
  const signatures = s3.requests.flatMap(({ headers }) => {
    const [, signature] = /Signature=([0-9a-f]{64})/.exec(headers['authorization'] ?? '') ?? [];
    return signature === undefined ? [] : [signature];
  });
  expect(signatures.length).toBeGreaterThan(0);
  return [...Object.values(CREDENTIALS), ...signatures];
}

/** Gives up on work that takes too long: nothing may ever hang. */
export async function withinLimit<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${LIMIT_MS} ms`)), LIMIT_MS);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
