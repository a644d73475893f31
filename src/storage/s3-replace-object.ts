import type { S3Connection } from './s3-connection.js';
import { prepareObject } from './s3-put-object.js';

/** An object as it is to be, whatever is there now. */
export interface ReplacingObject {
  /** The whole key. */
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly contentType: string;
}

/**
 * Writes an object over one that may be there, by one PUT. The server verifies its checksum.
 * @throws S3Failure when it failed for good
 */
export async function replaceObject(connection: S3Connection, object: ReplacingObject): Promise<void> {
  const { key, bytes, contentType } = object;
  const send = await prepareObject(connection, { key, bytes, parameters: { ContentType: contentType } });
  await send();
}
