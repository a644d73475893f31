import type { S3Connection } from './s3-connection.js';

/** A network that takes less than this is as good as none. */
const LEAST_BYTES_PER_MS = 32;

/** How a request with a body is sent: it has the time that its body takes, beside that for the answer. */
export function sendOptions(
  { limits }: S3Connection,
  abortSignal: AbortSignal,
  bytes: number,
): { abortSignal: AbortSignal; requestTimeout: number } {
  return { abortSignal, requestTimeout: limits.readTimeoutMs + bytes / LEAST_BYTES_PER_MS };
}
