import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { startTestS3, type TestS3, type TestS3Options } from '../s3/s3-server.js';
import { awsusage, type Ended, type RunOptions } from './run-awsusage.js';

export interface OwnS3 {
  readonly s3: TestS3;
  /** What points the program at the server, with its credentials, and at nothing else that a machine may have. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Runs the program against the server. */
  ask(args: readonly string[], options?: RunOptions): Promise<Ended>;
}

/** Starts an S3 server for a test file. The test closes it. */
export async function startOwnS3(options: TestS3Options = {}): Promise<OwnS3> {
  const s3 = await startTestS3(options);
  const { accessKeyId, secretAccessKey, sessionToken } = s3.credentials;
  const env = {
    AWS_ENDPOINT_URL: s3.endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_MAX_ATTEMPTS: '2',
  };
  return { s3, env, ask: (args, run = {}) => awsusage(args, { ...run, env: { ...env, ...run.env } }) };
}

/** Stores all files of a folder, each at its path in it below the prefix. */
export function putFolder(
  s3: TestS3,
  folder: string,
  { bucket, prefix = '' }: { bucket: string; prefix?: string },
): void {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const { parentPath, name } of entries) {
    const path = join(parentPath, name);
    s3.put(bucket, `${prefix}${relative(folder, path)}`, readFileSync(path));
  }
}

/** Everything but the time, the place and the requests. */
export function withoutRequests({ stdout, stderr }: Ended): { stdout: string; stderr: string } {
  return { stdout, stderr: stderr.replace(/ in [\d.]+ m?s/, '').replace(/ · [\d,]+ requests \(.*\)$/m, '') };
}
