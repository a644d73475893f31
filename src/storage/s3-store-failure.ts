import type { S3Connection } from './s3-connection.js';
import { wayOut } from './s3-explain.js';
import { type S3Failure, toFailure } from './s3-failure.js';
import { reasonOfFailure } from './s3-failure-reason.js';
import { reasonOfWrite } from './file-errors.js';
import { StoreFailure } from './writable-store.js';

/**
 * The failure of a store for an error of a request, or of the file that was to be sent; anything else as it is: a bug.
 * @param tried what was tried, on what: `create s3://bucket/key`
 */
export function s3StoreFailure(error: unknown, connection: S3Connection, tried: string): unknown {
  if (error instanceof StoreFailure) return error;
  if (error instanceof Error && 'syscall' in error && 'path' in error)
    return new StoreFailure(`Cannot ${tried}: its file here cannot be read: ${reasonOfWrite(error)}`, {
      outcome: 'refused',
      cause: error,
    });
  const failure = toFailure(error);
  return failure === undefined ? error : explained(failure, connection, tried);
}

function explained(failure: S3Failure, connection: S3Connection, tried: string): StoreFailure {
  const asked = { ...connection.shown, operation: failure.operation ?? 'PutObject', isUnlisted: true };
  const isUnable = failure.status === 501;
  return new StoreFailure(`Cannot ${tried}: ${reasonOfFailure(failure, asked)}`, {
    outcome: failure.inDoubt || (failure.operation === undefined && failure.leavesDoubt) ? 'unknown' : 'refused',
    cause: failure,
    ...(isUnable
      ? { exitCode: 'conflict', wayOut: 'Use a server that does it: AWS, versitygw and MinIO do, among others.' }
      : { wayOut: wayOut(failure, asked) }),
  });
}
