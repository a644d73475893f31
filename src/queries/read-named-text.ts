import { readFileSync, statSync } from 'node:fs';
import { UserError } from '../errors.js';

export interface NamedText {
  readonly path: string;
  /** `the question`. */
  readonly what: string;
  readonly wayOut: string;
  /** A larger file is refused without being read. */
  readonly most?: { readonly bytes: number; readonly fault: string };
}

/**
 * Reads a file that the user named as UTF-8 text.
 * @throws UserError where it cannot be read, is larger than it may be, or is no such text
 */
export function readNamedText({ path, what, wayOut, most }: NamedText): string {
  const failure = (fault: string, options: ConstructorParameters<typeof UserError>[1] = {}): UserError =>
    new UserError(`Cannot read ${what} ${path}: ${fault}`, options);
  let bytes: Buffer;
  try {
    if (most !== undefined && statSync(path).size > most.bytes) throw failure(most.fault);
    bytes = readFileSync(path);
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    throw failure(FAULTS[code] ?? code, { wayOut, cause });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw failure('it is not UTF-8 text', { cause });
  }
}

const FAULTS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'you may not read it',
};
