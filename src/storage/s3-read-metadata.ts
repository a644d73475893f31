import { ObjectReadError, type StoredObject } from './object-store.js';
import type { S3Connection } from './s3-connection.js';
import { toFailure } from './s3-failure.js';
import { reasonOfFailure } from './s3-failure-reason.js';
import { headObject } from './s3-head-object.js';
import { keyOf } from './s3-object.js';

/**
 * The user metadata of a listed object (HeadObject), by lower-case names.
 * @throws ObjectReadError when they cannot be read, or the object is gone or changed since it was listed
 */
export async function readMetadata(
  connection: S3Connection,
  object: StoredObject,
): Promise<Readonly<Record<string, string>>> {
  try {
    const { etag, metadata } = await headObject(connection, keyOf(connection, object));
    if (etag !== object.version) throw new ObjectReadError('changed since it was listed');
    return metadata;
  } catch (error) {
    const failure = toFailure(error);
    if (failure === undefined) throw error;
    throw new ObjectReadError(reasonOfFailure(failure, { ...connection.shown, operation: 'HeadObject' }), {
      cause: error,
    });
  }
}
