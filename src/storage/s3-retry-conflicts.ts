import type { S3Connection } from './s3-connection.js';
import { S3Failure, toFailure } from './s3-failure.js';
import { retry } from './s3-retry.js';

/**
 * Does something with a condition again, from its start, as long as the server says that somebody else does something with the
 * same key at the moment: then the condition was not decided.
 * @throws S3Failure the last one; in doubt where any attempt was
 */
export async function retryConflicts<T>({ limits, signal }: S3Connection, once: () => Promise<T>): Promise<T> {
  let inDoubt = false;
  let attempts = 0;
  const attempt = async (): Promise<T> => {
    try {
      return await once();
    } catch (error) {
      const failure = toFailure(error);
      if (failure === undefined) throw error;
      inDoubt ||= failure.inDoubt && !PREPARATIONS.has(failure.operation);
      failure.inDoubt = inDoubt;
      attempts += failure.attempts;
      throw failure;
    }
  };
  const done = retry(attempt, {
    attempts: limits.maxAttempts,
    delayMs: limits.retryDelayMs,
    random: limits.random,
    signal,
    mayRetry: isConflict,
    heal: () => Promise.resolve(false),
  });
  return done.catch((error: unknown) => {
    if (error instanceof S3Failure) error.attempts = attempts;
    throw error;
  });
}

/** Nothing is to be seen of these until another request has succeeded. */
const PREPARATIONS = new Set<string | undefined>(['CreateMultipartUpload', 'UploadPart']);

/** An upload that is gone was ended by a conflict, or by somebody else: it begins anew. */
function isConflict({ code, status, inDoubt }: S3Failure): boolean {
  return CONFLICTS.has(code) || (status === 409 && code === '409') || (code === 'NoSuchUpload' && !inDoubt);
}

const CONFLICTS = new Set(['ConditionalRequestConflict', 'OperationAborted']);
