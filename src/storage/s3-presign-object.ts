import { GetObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { S3Connection } from './s3-connection.js';

/** An address at which anybody can read the object for so many seconds, or until the credentials expire that signed it. */
export async function presignObject(connection: S3Connection, key: string, seconds: number): Promise<string> {
  const command = new GetObjectCommand({ Bucket: connection.bucket, Key: key });
  return connection.presign((client) => getSignedUrl(client, command, { expiresIn: seconds }));
}
