import { awsusage, type Ended } from '../commands/run-awsusage.js';
import type { Server } from './every-server.js';

/** Runs the program with the environment by which the AWS CLI would reach the server. */
export function askServer(server: Server, args: readonly string[]): Promise<Ended> {
  const { endpoint, region, credentials } = server;
  const env = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
  return awsusage(args, { env });
}

/** What a run said, without what a folder and a bucket may differ in: how long it took, and which requests it made. */
export function comparable({ code, stdout, stderr, left }: Ended): Ended {
  return {
    code,
    stdout: stdout.replace(/,\s*"requests": ?\{[^{}]*\}/g, ''),
    stderr: stderr.replace(/ in [\d.,]+ (?:m?s|min)\b( · [^\n]*)?$/m, ''),
    left,
  };
}

/** Where two runs begin to differ, and how: answers are too long to be shown. */
export function firstDifference(got: Ended, expected: Ended): string | undefined {
  for (const name of ['stdout', 'stderr'] as const) {
    const [a, b] = [got[name], expected[name]];
    if (a === b) continue;
    const at = [...Array(Math.max(a.length, b.length)).keys()].findIndex((index) => a[index] !== b[index]);
    const around = (text: string): string => JSON.stringify(text.slice(Math.max(0, at - 200), at + 200));
    return `${name} at ${at}: ${around(a)} instead of ${around(b)}`;
  }
  if (got.code !== expected.code) return `exit ${got.code} instead of ${expected.code}: ${got.stderr}`;
  return got.left.length === 0 ? undefined : `left behind: ${got.left.join(', ')}`;
}
