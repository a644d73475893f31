import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors.js';

/** Bytes that were put aside. */
export interface QuarantinedBytes {
  /** The key of the object that they lie in. */
  readonly key: string;
  /** Where they begin in the unpacked object. */
  readonly offset: number;
  readonly reason: string;
  readonly bytes: Uint8Array;
}

/** Takes bytes that were put aside. */
export interface Quarantine {
  put(item: QuarantinedBytes): void;
}

/** Keeps nothing; what is put aside is only counted. */
export const NO_QUARANTINE: Quarantine = { put: () => undefined };

/**
 * A folder of what was put aside: the bytes, each in a file named by its hash, and `quarantine.ndjson` with one line each
 * (`object`, `offset`, `reason`, `bytes`, `file`). The folder is made when there is something to keep; files are 0600.
 * @throws UserError when the folder cannot be written to
 */
export function openQuarantine(folder: string): Quarantine {
  const index = join(folder, 'quarantine.ndjson');
  return {
    put({ key, offset, reason, bytes }) {
      const file = `${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}.bin`;
      const line = JSON.stringify({ object: key, offset, reason, bytes: bytes.length, file });
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        writeFileSync(join(folder, file), bytes, { mode: 0o600 });
        appendFileSync(index, `${line}\n`, { mode: 0o600 });
      } catch (error) {
        const detail = error instanceof Error ? error.message : String(error);
        throw new UserError(`Cannot keep what was put aside in ${folder}: ${detail}`, {
          wayOut: 'Give --quarantine a folder that can be written to.',
          cause: error,
        });
      }
    },
  };
}
