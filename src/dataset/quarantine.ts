import { createHash, type Hash } from 'node:crypto';
import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors.js';
import { ObjectReadError } from '../storage/object-store.js';

/** Bytes that were put aside. */
export interface QuarantinedBytes {
  /** The key of the object that they lie in. */
  readonly key: string;
  /** Where they begin in the unpacked object. */
  readonly offset: number;
  readonly reason: string;
  readonly bytes: Uint8Array;
}

/** A whole object that was put aside, as it is stored. */
export interface QuarantinedObject {
  readonly key: string;
  readonly reason: string;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Takes what was put aside. */
export interface Quarantine {
  /** False where what is put aside is only counted: nothing has to be kept for it. */
  readonly keeps: boolean;
  put(item: QuarantinedBytes): void;
  putObject(item: QuarantinedObject): Promise<void>;
}

/** Keeps nothing; what is put aside is only counted. */
export const NO_QUARANTINE: Quarantine = {
  keeps: false,
  put: () => undefined,
  putObject: () => Promise.resolve(),
};

/**
 * A folder of what was put aside: the bytes, each in a file named by its hash, and `quarantine.ndjson` with one line each
 * (`object`, `offset`, `reason`, `bytes`, `file`). The folder is made when there is something to keep; files are 0600.
 * @throws UserError when the folder cannot be written to
 */
export function openQuarantine(folder: string): Quarantine {
  const note = (line: object) =>
    appendFileSync(join(folder, 'quarantine.ndjson'), `${JSON.stringify(line)}\n`, { mode: 0o600 });
  return {
    keeps: true,
    put({ key, offset, reason, bytes }) {
      explained(folder, () => {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        const file = fileName(createHash('sha256').update(bytes));
        writeFileSync(join(folder, file), bytes, { mode: 0o600 });
        note({ object: key, offset, reason, bytes: bytes.length, file });
      });
    },
    async putObject({ key, reason, chunks }) {
      explained(folder, () => mkdirSync(folder, { recursive: true, mode: 0o700 }));
      const partial = join(folder, '.partial');
      const hash = createHash('sha256');
      let bytes = 0;
      explained(folder, () => writeFileSync(partial, '', { mode: 0o600 }));
      for await (const chunk of readable(chunks)) {
        hash.update(chunk);
        bytes += chunk.length;
        explained(folder, () => appendFileSync(partial, chunk));
      }
      const file = fileName(hash);
      explained(folder, () => renameSync(partial, join(folder, file)));
      explained(folder, () => note({ object: key, offset: 0, reason, bytes, file }));
    },
  };
}

/** The bytes as far as they can be read: an object may have failed because they cannot. */
async function* readable(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  try {
    yield* chunks;
  } catch (error) {
    if (!(error instanceof ObjectReadError)) throw error;
  }
}

function fileName(hash: Hash): string {
  return `${hash.digest('hex').slice(0, 32)}.bin`;
}

function explained(folder: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new UserError(`Cannot keep what was put aside in ${folder}: ${detail}`, {
      wayOut: 'Give --quarantine a folder that can be written to.',
      cause: error,
    });
  }
}
