import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import type { S3Connection } from './s3-connection.js';
import { S3Failure, toFailure } from './s3-failure.js';
import { headObject } from './s3-head-object.js';
import { ownerParameters } from './s3-list-page.js';
import { retryConflicts } from './s3-retry-conflicts.js';
import type { Removal, VersionedKey } from './writable-store.js';

/**
 * Removes an object if it still has that ETag (If-Match). In a bucket that keeps versions, the version stays behind a mark.
 * @param item the whole key
 * @throws S3Failure, in doubt where it may be removed all the same
 */
export async function removeObject(connection: S3Connection, { key, version }: VersionedKey): Promise<Removal> {
  expectVersion(version);
  const command = new DeleteObjectCommand({
    Bucket: connection.bucket,
    Key: key,
    IfMatch: version,
    ...ownerParameters(connection.access),
  });
  const send = (): Promise<void> =>
    connection.send('DeleteObject', async (client, abortSignal) => {
      await client.send(command, { abortSignal });
    });
  try {
    await retryConflicts(connection, send);
    return 'removed';
  } catch (error) {
    const failure = toFailure(error);
    if (failure === undefined) throw error;
    if (isAbsence(failure)) return 'gone';
    if (failure.status === 412) return whatIsLeft(connection, key);
    throw failure;
  }
}

/** An object whose ETag nobody knows is never removed: any other would match as well. */
export function expectVersion(version: string): void {
  if (version === '') throw new S3Failure('NoVersion', { text: 'the server has given no ETag for it' });
}

/** Whether an answer says that there is no such object; a missing bucket is something else. */
export function isAbsence({ status, code }: S3Failure): boolean {
  return status === 404 && code !== 'NoSuchBucket';
}

/**
 * What became of an object whose condition failed: some servers say the same of one that is gone.
 * @throws S3Failure when it cannot be asked
 */
export async function whatIsLeft(connection: S3Connection, key: string): Promise<'changed' | 'gone'> {
  try {
    await headObject(connection, key);
    return 'changed';
  } catch (error) {
    const failure = toFailure(error);
    if (failure === undefined || !isAbsence(failure)) throw error;
    return 'gone';
  }
}
