import { PutObjectCommand, type PutObjectCommandInput } from '@aws-sdk/client-s3';
import type { S3Connection } from './s3-connection.js';
import { crc64nvmeOf } from './s3-crc64nvme.js';
import { ownerParameters } from './s3-list-page.js';
import { sendOptions } from './s3-upload-limits.js';

/** An object that is sent whole. */
export interface WholeObject {
  /** The whole key. */
  readonly key: string;
  readonly bytes: Uint8Array;
  /** What else is said of it. */
  readonly parameters: Pick<PutObjectCommandInput, 'ContentType' | 'IfNoneMatch' | 'Metadata'>;
}

/**
 * Prepares the one PUT of an object; the server verifies its checksum (CRC-64/NVME).
 * @returns what sends it, as often as it is called; it throws S3Failure
 */
export async function prepareObject(
  connection: S3Connection,
  { key, bytes, parameters }: WholeObject,
): Promise<() => Promise<void>> {
  const command = new PutObjectCommand({
    Bucket: connection.bucket,
    Key: key,
    Body: bytes,
    ContentLength: bytes.length,
    ...parameters,
    ChecksumCRC64NVME: await crc64nvmeOf({ bytes }),
    ...ownerParameters(connection.access),
  });
  return () =>
    connection.send('PutObject', async (client, signal) => {
      await client.send(command, sendOptions(connection, signal, bytes.length));
    });
}
