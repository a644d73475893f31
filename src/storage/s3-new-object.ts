import { open, readFile, stat } from 'node:fs/promises';
import { S3Failure } from './s3-failure.js';
import type { CreateBody, ObjectMetadata } from './writable-store.js';

/** An object that is to be created. */
export interface NewObject {
  /** The whole key. */
  readonly key: string;
  readonly body: CreateBody;
  readonly size: number;
  readonly metadata: ObjectMetadata;
}

/** More is not sent at once: a file of this size is read whole. */
const MAX_BUFFER_BYTES = 2 ** 31 - 1;

/** The bytes of a body. @throws an error of the system when its file cannot be read */
export async function sizeOfBody(body: CreateBody): Promise<number> {
  return 'bytes' in body ? body.bytes.length : (await stat(body.file)).size;
}

/**
 * The body whole.
 * @throws S3Failure where it is too large for that; an error of the system when its file cannot be read
 */
export async function wholeBody({ body, size }: NewObject): Promise<Uint8Array> {
  if ('bytes' in body) return body.bytes;
  if (size > MAX_BUFFER_BYTES)
    throw new S3Failure('EntityTooLarge', { status: 400, text: 'more than 2 GiB are not sent in one piece' });
  return readFile(body.file);
}

/** Gives parts of a body, by where they begin and their length. */
export interface BodyParts {
  read(start: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Opens a body to read it in parts. @throws an error of the system when its file cannot be read */
export async function openParts(body: CreateBody): Promise<BodyParts> {
  if ('bytes' in body) {
    const { bytes } = body;
    return { read: async (start, length) => bytes.subarray(start, start + length), close: async () => undefined };
  }
  const file = await open(body.file, 'r');
  return {
    close: () => file.close(),
    read: async (start, length) => {
      const bytes = Buffer.allocUnsafeSlow(length);
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await file.read(bytes, filled, length - filled, start + filled);
        if (bytesRead === 0) throw new Error(`${body.file} became shorter while it was sent`);
        filled += bytesRead;
      }
      return bytes;
    },
  };
}
