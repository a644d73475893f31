import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { S3Connection } from './s3-connection.js';
import { crc64nvmeOf } from './s3-crc64nvme.js';
import { ownerParameters } from './s3-list-page.js';
import { sendOptions } from './s3-upload-limits.js';

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
  const command = new PutObjectCommand({
    Bucket: connection.bucket,
    Key: key,
    Body: bytes,
    ContentLength: bytes.length,
    ContentType: contentType,
    ChecksumCRC64NVME: await crc64nvmeOf({ bytes }),
    ...ownerParameters(connection.access),
  });
  await connection.send('PutObject', async (client, signal) => {
    await client.send(command, sendOptions(connection, signal, bytes.length));
  });
}
