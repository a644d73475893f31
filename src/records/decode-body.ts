import { createGunzip, gunzipSync, type Gunzip } from 'node:zlib';
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

/** A body may unpack to this much, however small it is. */
export const RATIO_FREE_BYTES = 10 * 1024 ** 2;
/** Up to this many packed bytes a body is unpacked in one call, which costs far less than a stream. */
const ONE_CALL_BYTES = 4 * 1024 ** 2;
/** What unpacks to more than this in one call is unpacked as a stream after all, so that the memory stays bounded. */
const ONE_CALL_UNPACKED_BYTES = 32 * 1024 ** 2;
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
  yield* unpack(source, { limits, layers: MAX_LAYERS, objectBytes: 0 });
}

const MAX_LAYERS = 2;

interface Unpacking {
  readonly limits: UnpackLimits;
  /** How many layers may still be unpacked. */
  layers: number;
  /** Packed bytes of the object itself that were read so far: what is inside a layer counts against them. */
  objectBytes: number;
}

/**
 * Like `decodeBody`, for a body that is held whole, in one call.
 * @returns the unpacked text, or undefined for a body that only `decodeBody` can unpack
 */
export function decodeWhole(bytes: Uint8Array, limits: UnpackLimits = DEFAULT_UNPACK_LIMITS): Uint8Array | undefined {
  const allowed = Math.min(allowedBytes(bytes.length, limits), ONE_CALL_UNPACKED_BYTES);
  let body = bytes;
  for (let layers = MAX_LAYERS; ; layers--) {
    const kind = sniffBody(body);
    if (kind === 'plain') return withoutByteOrderMark(body);
    refuseUnsupported(kind);
    if (layers === 0) throw new BrokenContainer('packed more than twice');
    const unpacked = kind === 'gzip' ? gunzipUpTo(body, allowed) : undefined;
    if (unpacked === undefined) return undefined;
    body = unpacked;
  }
}

async function* unpack(
  source: AsyncIterable<Uint8Array>,
  unpacking: Unpacking,
): AsyncGenerator<Uint8Array, void, void> {
  const rest = source[Symbol.asyncIterator]();
  try {
    const head = await takeHead(rest);
    const kind = sniffBody(head);
    refuseUnsupported(kind);
    if (kind === 'plain') {
      yield* plain(head, rest);
      return;
    }
    if (unpacking.layers === 0) throw new BrokenContainer('packed more than twice');
    const packed = counted(head, rest, unpacking.layers === MAX_LAYERS ? unpacking : { objectBytes: 0 });
    unpacking.layers--;
    yield* unpack(kind === 'gzip' ? gunzip(packed, unpacking) : unzstd(packed, unpacking), unpacking);
  } finally {
    await rest.return?.();
  }
}

function refuseUnsupported(kind: BodyKind): void {
  const unsupported = UNSUPPORTED[kind];
  if (unsupported !== undefined) throw new BrokenContainer(unsupported);
  if (kind === 'parquet') throw new ParquetBody();
}

async function takeHead(rest: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  let head: Uint8Array = new Uint8Array(0);
  while (head.length < SNIFF_BYTES) {
    const { done, value } = await rest.next();
    if (done === true) break;
    head = head.length === 0 ? value : Buffer.concat([head, value]);
  }
  return head;
}

/** All chunks of a layer, counted. */
async function* counted(
  head: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
  count: Pick<Unpacking, 'objectBytes'>,
): AsyncGenerator<Uint8Array, void, void> {
  count.objectBytes += head.length;
  yield head;
  for await (const chunk of iterate(rest)) {
    count.objectBytes += chunk.length;
    yield chunk;
  }
}

async function* plain(head: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  yield withoutByteOrderMark(head);
  yield* iterate(rest);
}

/** The text without the byte order mark that it may begin with. */
export function withoutByteOrderMark(text: Uint8Array): Uint8Array {
  return text[0] === 0xef && text[1] === 0xbb && text[2] === 0xbf ? text.subarray(3) : text;
}

async function* gunzip(
  source: AsyncGenerator<Uint8Array, void, void>,
  unpacking: Unpacking,
): AsyncGenerator<Uint8Array, void, void> {
  const chunks: Uint8Array[] = [];
  for (let size = 0; size <= ONE_CALL_BYTES;) {
    const { done, value } = await source.next();
    if (done === true) {
      const packed = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
      const allowed = allowedBytes(unpacking.objectBytes, unpacking.limits);
      const unpacked = gunzipUpTo(packed, Math.min(allowed, ONE_CALL_UNPACKED_BYTES));
      if (unpacked === undefined && allowed <= ONE_CALL_UNPACKED_BYTES) throw tooLargeError();
      if (unpacked === undefined) break;
      yield unpacked;
      return;
    }
    chunks.push(value);
    size += value.length;
  }
  yield* gunzipStream(chunks, source, unpacking);
}

/**
 * Unpacks a whole gzip body in one call.
 * @throws BrokenContainer when it is cut, damaged, followed by anything else, or unpacks to more than the limits allow
 */
export function gunzipWhole(packed: Uint8Array, limits: UnpackLimits = DEFAULT_UNPACK_LIMITS): Uint8Array {
  const unpacked = gunzipUpTo(packed, allowedBytes(packed.length, limits));
  if (unpacked === undefined) throw tooLargeError();
  return unpacked;
}

/** Undefined where it is more than that. */
function gunzipUpTo(packed: Uint8Array, maxOutputLength: number): Uint8Array | undefined {
  try {
    // The declared type of gunzipSync leaves out what `info` adds.
    const options = { maxOutputLength, info: true, chunkSize: expectedBytes(packed) };
    const { buffer, engine } = gunzipSync(packed, options) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    if (engine.bytesWritten !== packed.length) throw new BrokenContainer('gzip: bytes after the last member');
    return buffer;
  } catch (error) {
    if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE') return undefined;
    throw gzipError(error);
  }
}

/** The length that the last member says it has (RFC 1952), within bounds: what it says may be wrong, and there may be more members. */
function expectedBytes(packed: Uint8Array): number {
  const said =
    packed.length < 18
      ? 0
      : Buffer.from(packed.buffer, packed.byteOffset, packed.length).readUInt32LE(packed.length - 4);
  return Math.max(1024, Math.min(said + 1, 1024 ** 2));
}

async function* gunzipStream(
  chunks: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
  unpacking: Unpacking,
): AsyncGenerator<Uint8Array, void, void> {
  let unpacked = 0;
  const engine = createGunzip({ chunkSize: 1024 ** 2 });
  const feeding = feed(engine, chunks, rest);
  try {
    for await (const chunk of engine as AsyncIterable<Buffer>) {
      unpacked += chunk.length;
      if (unpacked > allowedBytes(unpacking.objectBytes, unpacking.limits)) throw tooLargeError();
      yield chunk;
    }
  } catch (error) {
    throw gzipError(error);
  }
  if (engine.bytesWritten !== (await feeding)) throw new BrokenContainer('gzip: bytes after the last member');
}

/** Gives the engine all chunks, as fast as it takes them, until it has ended; answers how many bytes there were till then. */
async function feed(engine: Gunzip, chunks: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): Promise<number> {
  let packed = 0;
  const give = async (chunk: Uint8Array): Promise<void> => {
    packed += chunk.length;
    if (!engine.destroyed && !engine.write(chunk)) await drained(engine);
  };
  try {
    for (const chunk of chunks) await give(chunk);
    for (;;) {
      const { done, value } = await rest.next();
      if (done === true) break;
      await give(value);
      if (engine.destroyed) return packed;
    }
    engine.end();
  } catch (error) {
    engine.destroy(error instanceof Error ? error : new Error(String(error)));
  }
  return packed;
}

/** Resolves when the engine takes more, or never will: it closes at the end of the data, whatever follows that. */
function drained(engine: Gunzip): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      engine.off('drain', settle).off('close', settle);
      resolve();
    };
    engine.on('drain', settle).on('close', settle);
  });
}

async function* unzstd(
  source: AsyncIterable<Uint8Array>,
  unpacking: Unpacking,
): AsyncGenerator<Uint8Array, void, void> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of source) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_ZSTD_BYTES) throw new BrokenContainer('zstd: objects over 256 MB are not supported');
  }
  let unpacked = 0;
  for await (const block of unzstdFrames(Buffer.concat(chunks))) {
    unpacked += block.length;
    if (unpacked > allowedBytes(unpacking.objectBytes, unpacking.limits)) throw tooLargeError();
    yield block;
  }
}

/** How many bytes so many packed ones may unpack to. */
function allowedBytes(packed: number, { maxBytes, maxRatio }: UnpackLimits): number {
  return Math.min(maxBytes, Math.max(RATIO_FREE_BYTES, packed * maxRatio));
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
  const reason = GZIP_REASONS[codeOf(error)];
  return reason === undefined ? error : new BrokenContainer(reason, { cause: error });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

async function* iterate(iterator: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  for (;;) {
    const { done, value } = await iterator.next();
    if (done === true) return;
    yield value;
  }
}
