import type { S3Connection } from './s3-connection.js';
import { type S3Failure, toFailure } from './s3-failure.js';
import { headObject } from './s3-head-object.js';
import { type NewObject, wholeBody } from './s3-new-object.js';
import { prepareObject } from './s3-put-object.js';
import { retryConflicts } from './s3-retry-conflicts.js';
import { uploadInParts } from './s3-upload-in-parts.js';

/**
 * Creates an object where there is none (If-None-Match), whole or in parts. 'exists': there is one, which may be this call's own
 * doing. The server verifies checksums of what it gets, and keeps that of the whole (CRC-64/NVME).
 * @throws S3Failure, in doubt where the object may be created all the same
 */
export async function createObject(
  connection: S3Connection,
  object: NewObject,
  how: 'whole' | 'parts',
): Promise<'created' | 'exists'> {
  const send = how === 'whole' ? await wholeSender(connection, object) : () => uploadInParts(connection, object);
  try {
    await retryConflicts(connection, send);
    return 'created';
  } catch (error) {
    const failure = toFailure(error);
    if (failure === undefined) throw error;
    if (failure.status === 412 || (await isThere(connection, object, failure))) return 'exists';
    throw failure;
  }
}

async function wholeSender(connection: S3Connection, object: NewObject): Promise<() => Promise<void>> {
  const { key, metadata } = object;
  const parameters = { Metadata: { ...metadata }, IfNoneMatch: '*' };
  return prepareObject(connection, { key, bytes: await wholeBody(object), parameters });
}

/** An answer that was lost may have been a good one. */
async function isThere(connection: S3Connection, { key }: NewObject, { inDoubt }: S3Failure): Promise<boolean> {
  if (!inDoubt) return false;
  return headObject(connection, key).then(
    () => true,
    () => false,
  );
}
