import { closeSync, createReadStream, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { UserError } from '../errors.js';
import { codeOf, reasonOf } from './file-errors.js';

/** The body of an object, here. */
export type ObjectBody =
  { readonly kind: 'memory'; readonly bytes: Uint8Array } | { readonly kind: 'file'; readonly path: string };

/** Where a body goes while it comes. */
export interface BodySink {
  write(chunk: Buffer): void;
  /** Ends it; what was written is the body. */
  finish(): ObjectBody;
  /** Leaves nothing of it. */
  discard(): void;
}

const CHUNK_SIZE = 4 << 20;

/** Keeps a body in memory. */
export function memorySink(): BodySink {
  const chunks: Buffer[] = [];
  return {
    write: (chunk) => void chunks.push(chunk),
    finish() {
      const [first, ...others] = chunks;
      return { kind: 'memory', bytes: first !== undefined && others.length === 0 ? first : Buffer.concat(chunks) };
    },
    discard: () => void chunks.splice(0),
  };
}

/**
 * Writes a body to a new file, at once, so that no more of it waits in memory than a network gives at a time.
 * @throws UserError here and in writing, when the folder cannot take it
 */
export function fileSink(path: string): BodySink {
  const file = explained(path, () => openSync(path, 'wx', 0o600));
  let isOpen = true;
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    closeSync(file);
  };
  return {
    write(chunk) {
      for (let at = 0; at < chunk.length;) at += explained(path, () => writeSync(file, chunk, at));
    },
    finish() {
      explained(path, close);
      return { kind: 'file', path };
    },
    discard() {
      close();
      rmSync(path, { force: true });
    },
  };
}

/** The bytes of a body: in one piece from memory, in pieces from a file. */
export async function* readBody(body: ObjectBody): AsyncGenerator<Uint8Array> {
  if (body.kind === 'memory') yield body.bytes;
  else yield* createReadStream(body.path, { highWaterMark: CHUNK_SIZE }) as AsyncIterable<Buffer>;
}

/**
 * Puts a body that is in memory into a file.
 * @throws UserError when the folder cannot take it
 */
export function writeBody(bytes: Uint8Array, path: string): ObjectBody {
  explained(path, () => writeFileSync(path, bytes, { flag: 'wx', mode: 0o600 }));
  return { kind: 'file', path };
}

/** Removes the file of a body that has one. */
export function dropBody(body: ObjectBody): void {
  if (body.kind === 'file') rmSync(body.path, { force: true });
}

function explained<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    const isFull = ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(codeOf(error));
    throw new UserError(`Cannot download to ${path}: ${isFull ? 'there is no space left' : reasonOf(error)}`, {
      wayOut: 'Set AWSUSAGE_TMPDIR to a folder with more space.',
      cause: error,
    });
  }
}
