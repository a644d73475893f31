import { open } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { Crc64Nvme } from '@aws-sdk/checksums/crc';
import type { BodySink } from './s3-body.js';
import type { CreateBody } from './writable-store.js';

const CHUNK_SIZE = 1 << 20;

/**
 * The CRC-64/NVME of bytes or of a file, base64, as S3 gives it (`x-amz-checksum-crc64nvme`). Reckons about a hundred megabytes
 * a second, and lets others have their turn meanwhile; of the same body it is reckoned once.
 * @throws an error of the system when the file cannot be read
 */
export function crc64nvmeOf(body: CreateBody): Promise<string> {
  let sum = SUMS.get(body);
  if (sum === undefined) SUMS.set(body, (sum = reckon(body)));
  return sum;
}

const SUMS = new WeakMap<CreateBody, Promise<string>>();

/** Keeps nothing of a body but its checksum. */
export interface ChecksumSink extends BodySink {
  /** Of what was written, as `crc64nvmeOf` gives it; to be asked for at the end. */
  sum(): Promise<string>;
}

export function checksumSink(): ChecksumSink {
  const sum = new Crc64Nvme();
  return {
    write: (chunk) => sum.update(chunk),
    finish: () => ({ kind: 'memory', bytes: new Uint8Array(0) }),
    discard: () => undefined,
    sum: () => inBase64(sum),
  };
}

async function reckon(body: CreateBody): Promise<string> {
  const sum = new Crc64Nvme();
  if ('bytes' in body) await addBytes(sum, body.bytes);
  else await addFile(sum, body.file);
  return inBase64(sum);
}

async function inBase64(sum: Crc64Nvme): Promise<string> {
  return Buffer.from(await sum.digest()).toString('base64');
}

async function addBytes(sum: Crc64Nvme, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; at += CHUNK_SIZE) {
    sum.update(bytes.subarray(at, at + CHUNK_SIZE));
    await setImmediate();
  }
}

async function addFile(sum: Crc64Nvme, path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    const chunk = Buffer.allocUnsafeSlow(CHUNK_SIZE);
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, CHUNK_SIZE, null);
      if (bytesRead === 0) return;
      sum.update(chunk.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}
