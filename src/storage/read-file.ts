import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { reasonOf } from './file-errors.js';
import { isUnchanged, pathOfObject } from './file-object.js';
import { ObjectReadError, type StoredObject } from './object-store.js';

/** What has to be known of a file to read it. */
export type ListedFile = Pick<StoredObject, 'identity' | 'size' | 'version'>;

/** Files of up to so many bytes are read in one call. */
export const WHOLE_FILE_LIMIT = 1 << 20;
const CHUNK_SIZE = 4 << 20;
/** Neither a link nor a pipe that took the file's place since it was listed is followed or waited for. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * The buffer of the file that was read last, for the next one: most of a small read's cost is fresh memory.
 */
const SHARED = { buffer: Buffer.alloc(0) };

/**
 * Reads a listed file: up to a megabyte as one chunk at once (small asynchronous reads cost more than they win), more in
 * chunks, each in a buffer of its own. The one chunk of a small file holds only until another file is read.
 * @throws ObjectReadError when the file cannot be read, is gone, or is not what was listed, at the start or at the end
 */
export async function* readFile(object: StoredObject): AsyncGenerator<Uint8Array> {
  if (object.size > WHOLE_FILE_LIMIT) {
    yield* readChunks(object);
    return;
  }
  if (SHARED.buffer.length < object.size) SHARED.buffer = Buffer.allocUnsafeSlow(WHOLE_FILE_LIMIT);
  yield readSmallFile(object, SHARED.buffer);
}

/**
 * Reads a listed file in one call.
 * @param into has room for all of it
 * @returns its bytes, which lie there
 * @throws ObjectReadError when the file cannot be read, is gone, or is not what was listed
 */
export function readSmallFile(object: ListedFile, into: Uint8Array): Uint8Array {
  let file: number | undefined;
  try {
    file = openSync(pathOfObject(object), FLAGS);
    const bytes = into.subarray(0, object.size);
    let filled = 0;
    while (filled < bytes.length) {
      const count = readSync(file, bytes, filled, bytes.length - filled, null);
      if (count === 0) break;
      filled += count;
    }
    // One look, behind the reading: a change before or during it shows in the size or the times.
    expectUnchanged(object, fstatSync(file));
    if (filled < bytes.length) throw changed();
    return bytes;
  } catch (error) {
    throw readError(error);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

async function* readChunks(object: StoredObject): AsyncGenerator<Uint8Array> {
  let file: FileHandle | undefined;
  try {
    file = await open(pathOfObject(object), FLAGS);
    expectUnchanged(object, await file.stat());
    for (let left = object.size; left > 0;) {
      const bytes = Buffer.allocUnsafeSlow(Math.min(CHUNK_SIZE, left));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, null);
      if (bytesRead === 0) throw changed();
      left -= bytesRead;
      yield bytes.subarray(0, bytesRead);
    }
    expectUnchanged(object, await file.stat());
  } catch (error) {
    throw readError(error);
  } finally {
    await file?.close();
  }
}

function expectUnchanged(object: ListedFile, stats: Stats): void {
  if (!stats.isFile()) throw new ObjectReadError('not a regular file');
  if (!isUnchanged(object, stats)) throw changed();
}

function changed(): ObjectReadError {
  return new ObjectReadError('changed since it was listed');
}

function readError(error: unknown): ObjectReadError {
  return error instanceof ObjectReadError ? error : new ObjectReadError(reasonOf(error), { cause: error });
}
