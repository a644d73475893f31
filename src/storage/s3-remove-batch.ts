import { DeleteObjectsCommand, type DeleteObjectsCommandOutput } from '@aws-sdk/client-s3';
import type { S3Connection } from './s3-connection.js';
import { ownerParameters } from './s3-list-page.js';
import type { Removal, VersionedKey } from './writable-store.js';

/** S3 takes no more in one request: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
export const MAX_BATCH = 1000;

/** What an answer says of one object; `unclear`: nothing, or that it went wrong. */
export type BatchResult = Removal | 'unclear';

/**
 * Removes objects that still have their ETags, by one request (DeleteObjects), whose answer tells of each.
 * @param items up to `MAX_BATCH`, by their whole keys; keys that XML cannot hold must not be among them
 * @throws S3Failure when the whole request failed, in doubt where it may have been done all the same
 */
export async function removeBatch(connection: S3Connection, items: readonly VersionedKey[]): Promise<BatchResult[]> {
  const command = new DeleteObjectsCommand({
    Bucket: connection.bucket,
    Delete: { Objects: items.map(({ key, version }) => ({ Key: key, ETag: version })), Quiet: false },
    ...ownerParameters(connection.access),
  });
  return connection.send('DeleteObjects', async (client, abortSignal) =>
    readAnswer(await client.send(command, { abortSignal }), items),
  );
}

/** Whether a key comes through XML as it is. */
export function isInXml(key: string): boolean {
  return !/[\p{Cc}\ufffe\uffff]/u.test(key);
}

function readAnswer(
  { Deleted = [], Errors = [] }: DeleteObjectsCommandOutput,
  items: readonly VersionedKey[],
): BatchResult[] {
  const deleted = new Set(Deleted.map(({ Key }) => Key));
  const errors = new Map(Errors.map(({ Key, Code }) => [Key, Code]));
  return items.map(({ key }) => {
    const code = errors.get(key);
    if (code !== undefined) return RESULTS.get(code) ?? 'unclear';
    return deleted.has(key) ? 'removed' : 'unclear';
  });
}

const RESULTS: ReadonlyMap<string, BatchResult> = new Map([
  ['PreconditionFailed', 'changed'],
  ['NoSuchKey', 'gone'],
] as const);
