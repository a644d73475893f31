import { HeadObjectCommand, type HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import type { S3Connection } from './s3-connection.js';
import { ownerParameters } from './s3-list-page.js';

/** What an answer to HEAD says of an object. */
export interface ObjectHead {
  readonly key: string;
  readonly size: number;
  /** Empty where the server gives none. */
  readonly etag: string;
  /** Milliseconds since 1970, whole seconds; absent where the server does not tell. */
  readonly modified?: number;
  /** By lower-case names. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Absent in buckets that never kept versions. */
  readonly versionId?: string;
  /** Of the whole object, base64; only where it was asked for. */
  readonly crc64nvme?: string;
}

/**
 * Asks for what a key holds, without its body.
 * @param mode `checksum` asks for the checksum too, which takes the right to decrypt what is encrypted
 * @throws S3Failure when it holds nothing, or the question failed; its status is all that tells which
 */
export async function headObject(connection: S3Connection, key: string, mode?: 'checksum'): Promise<ObjectHead> {
  const command = new HeadObjectCommand({
    Bucket: connection.bucket,
    Key: key,
    ...(mode === 'checksum' ? { ChecksumMode: 'ENABLED' as const } : {}),
    ...ownerParameters(connection.access),
  });
  return connection.send('HeadObject', async (client, abortSignal) =>
    readHead(key, await client.send(command, { abortSignal })),
  );
}

function readHead(key: string, head: HeadObjectCommandOutput): ObjectHead {
  const {
    ETag = '',
    ContentLength = 0,
    LastModified,
    Metadata = {},
    VersionId,
    ChecksumCRC64NVME,
    ChecksumType,
  } = head;
  const metadata = Object.entries(Metadata).map(([name, value]) => [name.toLowerCase(), value] as const);
  return {
    key,
    etag: ETag,
    size: ContentLength,
    metadata: Object.fromEntries(metadata),
    ...(LastModified === undefined ? {} : { modified: LastModified.getTime() }),
    ...(VersionId === undefined ? {} : { versionId: VersionId }),
    ...(ChecksumCRC64NVME === undefined || ChecksumType === 'COMPOSITE' ? {} : { crc64nvme: ChecksumCRC64NVME }),
  };
}
