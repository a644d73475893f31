import { once } from 'node:events';
import { Readable } from 'node:stream';
import { createGunzip, gunzipSync } from 'node:zlib';
import { BrokenContainer } from './broken-container.js';
import { sniffBody, SNIFF_BYTES, type BodyKind } from './sniff-body.js';
import { unzstdFrames } from './unzstd-frames.js';

/** How far a body may unpack, against decompression bombs. Deflate reaches 1,029 to 1; logs reach 20 or so. */
export interface UnpackLimits {
  /** Bytes that one object may unpack to. */
  readonly maxBytes: number;
  /** Unpacked by packed bytes, looked at once 10 MiB are unpacked. */
  readonly maxRatio: number;
}

export const DEFAULT_UNPACK_LIMITS: UnpackLimits = { maxBytes: 1024 ** 3, maxRatio: 200 };

const RATIO_FREE_BYTES = 10 * 1024 ** 2;
/** Up to this many packed bytes a body is unpacked in one call, which costs far less than a stream. */
const ONE_CALL_BYTES = 4 * 1024 ** 2;
const MAX_ZSTD_BYTES = 256 * 1024 ** 2;

const UNSUPPORTED: Readonly<Partial<Record<BodyKind, string>>> = {
  avro: 'Avro files are not supported',
  orc: 'ORC files are not supported',
  zip: 'ZIP archives are not supported',
  bzip2: 'bzip2 is not supported',
  xz: 'xz is not supported',
  utf16: 'UTF-16 text is not supported',
};

/** A body that an engine reads for itself and that has no text. */
export class ParquetBody extends Error {}

/**
 * Unpacks a body: plain text passes through without its byte order mark, gzip (all members, checksums and lengths checked)
 * and zstd are unpacked, and one more layer of gzip inside.
 * @returns the unpacked text in chunks
 * @throws BrokenContainer when the body is damaged, too large, or packed in a way that is not supported
 * @throws ParquetBody when the body is a Parquet file
 */
export async function* decodeBody(
  source: AsyncIterable<Uint8Array>,
  limits: UnpackLimits = DEFAULT_UNPACK_LIMITS,
): AsyncGenerator<Uint8Array, void, void> {
  yield* unpack(source, limits, 2);
}

async function* unpack(
  source: AsyncIterable<Uint8Array>,
  limits: UnpackLimits,
  layers: number,
): AsyncGenerator<Uint8Array, void, void> {
  const { head, rest } = await takeHead(source);
  const kind = sniffBody(head);
  const unsupported = UNSUPPORTED[kind];
  if (unsupported !== undefined) throw new BrokenContainer(unsupported);
  if (kind === 'parquet') throw new ParquetBody();
  if (kind === 'plain') yield* plain(head, rest);
  else if (layers === 0) throw new BrokenContainer('packed more than twice');
  else if (kind === 'gzip') yield* unpack(gunzip(head, rest, limits), limits, layers - 1);
  else yield* unpack(unzstd(head, rest, limits), limits, layers - 1);
}

async function takeHead(
  source: AsyncIterable<Uint8Array>,
): Promise<{ head: Uint8Array; rest: AsyncIterator<Uint8Array> }> {
  const rest = source[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array(0);
  while (head.length < SNIFF_BYTES) {
    const { done, value } = await rest.next();
    if (done === true) break;
    head = head.length === 0 ? value : Buffer.concat([head, value]);
  }
  return { head, rest };
}

async function* plain(head: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const hasMark = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf;
  yield hasMark ? head.subarray(3) : head;
  yield* iterate(rest);
}

async function* gunzip(
  head: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
  limits: UnpackLimits,
): AsyncGenerator<Uint8Array, void, void> {
  const chunks = [head];
  let size = head.length;
  while (size <= ONE_CALL_BYTES) {
    const { done, value } = await rest.next();
    if (done === true) {
      yield gunzipWhole(chunks.length === 1 ? head : Buffer.concat(chunks), limits);
      return;
    }
    chunks.push(value);
    size += value.length;
  }
  yield* gunzipStream(chunks, rest, limits);
}

/**
 * Unpacks a whole gzip body in one call.
 * @throws BrokenContainer when it is cut, damaged, followed by anything else, or unpacks to more than the limits allow
 */
export function gunzipWhole(packed: Uint8Array, limits: UnpackLimits = DEFAULT_UNPACK_LIMITS): Uint8Array {
  const maxOutputLength = Math.min(limits.maxBytes, Math.max(RATIO_FREE_BYTES, packed.length * limits.maxRatio));
  try {
    // The declared type of gunzipSync leaves out what `info` adds.
    const { buffer, engine } = gunzipSync(packed, { maxOutputLength, info: true }) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    if (engine.bytesWritten !== packed.length) throw new BrokenContainer('gzip: bytes after the last member');
    return buffer;
  } catch (error) {
    throw gzipError(error);
  }
}

async function* gunzipStream(
  chunks: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
  limits: UnpackLimits,
): AsyncGenerator<Uint8Array, void, void> {
  let packed = 0;
  let unpacked = 0;
  async function* counted(): AsyncGenerator<Uint8Array, void, void> {
    for (const chunk of chunks) {
      packed += chunk.length;
      yield chunk;
    }
    for await (const chunk of iterate(rest)) {
      packed += chunk.length;
      yield chunk;
    }
  }
  const engine = createGunzip({ chunkSize: 1024 ** 2 });
  const input = Readable.from(counted(), { objectMode: true, highWaterMark: 1 });
  input.on('error', (error) => engine.destroy(error));
  input.pipe(engine);
  try {
    for await (const chunk of engine as AsyncIterable<Buffer>) {
      unpacked += chunk.length;
      checkLimits(packed, unpacked, limits);
      yield chunk;
    }
    if (!input.readableEnded) await once(input, 'end');
    if (engine.bytesWritten !== packed) throw new BrokenContainer('gzip: bytes after the last member');
  } catch (error) {
    throw gzipError(error);
  } finally {
    input.destroy();
  }
}

async function* unzstd(
  head: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
  limits: UnpackLimits,
): AsyncGenerator<Uint8Array, void, void> {
  const chunks = [head];
  let size = head.length;
  for await (const chunk of iterate(rest)) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_ZSTD_BYTES) throw new BrokenContainer('zstd: objects over 256 MB are not supported');
  }
  let unpacked = 0;
  for await (const block of unzstdFrames(Buffer.concat(chunks))) {
    unpacked += block.length;
    checkLimits(size, unpacked, limits);
    yield block;
  }
}

function checkLimits(packed: number, unpacked: number, limits: UnpackLimits): void {
  const tooLarge = unpacked > limits.maxBytes;
  const tooDense = unpacked > RATIO_FREE_BYTES && unpacked > packed * limits.maxRatio;
  if (tooLarge || tooDense) throw tooLargeError();
}

function tooLargeError(): BrokenContainer {
  return new BrokenContainer(
    'the object unpacks to far more than it should (over 1 GiB, or more than 200 times its size)',
  );
}

const GZIP_REASONS: Readonly<Record<string, string>> = {
  Z_BUF_ERROR: 'gzip: the data is cut off',
  Z_DATA_ERROR: 'gzip: the data is damaged, or its checksum or length is wrong',
};

function gzipError(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ERR_BUFFER_TOO_LARGE') return tooLargeError();
  const reason = GZIP_REASONS[code];
  return reason === undefined ? error : new BrokenContainer(reason, { cause: error });
}

async function* iterate(iterator: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  for (;;) {
    const { done, value } = await iterator.next();
    if (done === true) return;
    yield value;
  }
}
