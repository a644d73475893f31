import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { S3Connection } from './s3-connection.js';
import { crc64nvmeOf } from './s3-crc64nvme.js';
import { S3Failure } from './s3-failure.js';
import { ownerParameters } from './s3-list-page.js';
import { type BodyParts, type NewObject, openParts } from './s3-new-object.js';
import { sendOptions } from './s3-upload-limits.js';

const PART_SIZE = 16 * 1024 * 1024;
/** S3 takes no more: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const MOST_PARTS = 10_000;
/** Parts under way at once, each held in memory. */
const MAX_ACTIVE = 4;
/** What is left behind costs little, and a lifecycle rule removes it. */
const ATTEMPTS_TO_ABORT = 2;

/** An upload that has begun. */
interface Upload {
  readonly connection: S3Connection;
  readonly object: NewObject;
  /** What every request of it says. */
  readonly named: { readonly Bucket: string; readonly Key: string; readonly UploadId: string };
}

/**
 * Creates an object in parts, where there is none at its end (If-None-Match on CompleteMultipartUpload). The server verifies the
 * checksum of each part and the size, and reckons the checksum of the whole (CRC-64/NVME): not every server takes ours for that
 * of the object. An upload that fails is aborted, as far as that goes.
 * @throws S3Failure, in doubt where the object may be created all the same
 */
export async function uploadInParts(connection: S3Connection, object: NewObject): Promise<void> {
  const upload = await begin(connection, object);
  try {
    await complete(upload, await sendParts(upload));
  } catch (error) {
    await abort(upload);
    throw error;
  }
}

async function begin(connection: S3Connection, object: NewObject): Promise<Upload> {
  const named = { Bucket: connection.bucket, Key: object.key };
  const command = new CreateMultipartUploadCommand({
    ...named,
    Metadata: { ...object.metadata },
    ChecksumAlgorithm: 'CRC64NVME',
    ChecksumType: 'FULL_OBJECT',
    ...ownerParameters(connection.access),
  });
  return connection.send('CreateMultipartUpload', async (client, abortSignal) => {
    const { UploadId } = await client.send(command, { abortSignal });
    if (UploadId === undefined) throw new S3Failure('Garbled', { text: 'an upload without an id' });
    return { connection, object, named: { ...named, UploadId } };
  });
}

async function sendParts(upload: Upload): Promise<CompletedPart[]> {
  const { size, body } = upload.object;
  const partSize = Math.max(PART_SIZE, Math.ceil(size / MOST_PARTS));
  const count = Math.max(1, Math.ceil(size / partSize));
  const source = await openParts(body);
  const parts: CompletedPart[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      const start = index * partSize;
      parts[index] = await sendPart(upload, source, { index, start, length: Math.min(partSize, size - start) });
    }
  };
  try {
    await allSettled(Array.from({ length: MAX_ACTIVE }, work), () => (next = count));
    return parts;
  } finally {
    await source.close();
  }
}

/** Waits for all, so that nothing is sent behind an abort; the first failure is told. */
async function allSettled(promises: readonly Promise<void>[], onFailure: () => void): Promise<void> {
  const failures: unknown[] = [];
  const settled = promises.map((promise) =>
    promise.catch((error: unknown) => {
      failures.push(error);
      onFailure();
    }),
  );
  await Promise.all(settled);
  if (failures.length > 0) throw failures[0];
}

async function sendPart(
  { connection, named }: Upload,
  source: BodyParts,
  { index, start, length }: { index: number; start: number; length: number },
): Promise<CompletedPart> {
  const bytes = await source.read(start, length);
  const part = { PartNumber: index + 1, ChecksumCRC64NVME: await crc64nvmeOf({ bytes }) };
  const command = new UploadPartCommand({
    ...named,
    ...part,
    Body: bytes,
    ContentLength: length,
    ...ownerParameters(connection.access),
  });
  return connection.send('UploadPart', async (client, signal) => {
    const { ETag } = await client.send(command, sendOptions(connection, signal, length));
    if (ETag === undefined) throw new S3Failure('Garbled', { text: 'a part without an ETag' });
    return { ...part, ETag };
  });
}

async function complete({ connection, object, named }: Upload, parts: CompletedPart[]): Promise<void> {
  const command = new CompleteMultipartUploadCommand({
    ...named,
    MultipartUpload: { Parts: parts },
    IfNoneMatch: '*',
    MpuObjectSize: object.size,
    ...ownerParameters(connection.access),
  });
  await connection.send('CompleteMultipartUpload', async (client, signal) => {
    await client.send(command, sendOptions(connection, signal, object.size));
  });
}

async function abort({ connection, named }: Upload): Promise<void> {
  const command = new AbortMultipartUploadCommand({ ...named, ...ownerParameters(connection.access) });
  const aborting = connection.send(
    'AbortMultipartUpload',
    async (client, abortSignal) => {
      await client.send(command, { abortSignal });
    },
    ATTEMPTS_TO_ABORT,
  );
  await aborting.catch(() => undefined);
}
