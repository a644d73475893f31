import { readdirSync, readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Server } from './every-server.js';

const IN_FLIGHT = 32;

/** Makes the bucket and puts objects into it, by their keys. */
export async function fillBucket(server: Server, bucket: string, objects: Objects): Promise<void> {
  const client = openClient(server);
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  client.destroy();
  await putObjects(server, bucket, objects);
}

export type Objects = ReadonlyMap<string, string | Buffer>;

/** Puts objects into a bucket that is there. */
export async function putObjects(server: Server, bucket: string, objects: Objects): Promise<void> {
  const client = openClient(server);
  const rest = objects.entries();
  const put = async (): Promise<void> => {
    for (const [Key, Body] of rest) await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, put));
  client.destroy();
}

function openClient({ endpoint, region, credentials }: Server): S3Client {
  const httpAgent = new Agent({ keepAlive: true, maxSockets: IN_FLIGHT });
  return new S3Client({ endpoint, region, credentials, forcePathStyle: true, requestHandler: { httpAgent } });
}

/** The files below a folder by the keys that they have in a bucket, after `prefix`. */
export function readObjects(folder: string, prefix: string): Map<string, Buffer> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name));
  return new Map(paths.map((path) => [prefix + path.slice(join(folder, '/').length), readFileSync(path)]));
}
