import { UserError } from '../errors.js';

const WAY_OUT = 'Set AWSUSAGE_TMPDIR to a folder of yours on a disk with free space.';

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'no space is left on its disk',
  EDQUOT: 'your disk quota is used up',
  EACCES: 'you may not write there',
  EPERM: 'you may not write there',
  EROFS: 'it is on a read-only file system',
  ENOENT: 'there is no such folder',
  ENOTDIR: 'it is not a folder',
  ELOOP: 'it is a loop of symbolic links',
  ENAMETOOLONG: 'its name is too long',
};

/**
 * A system error met while writing to the folder for temporary files, as an error that the user can mend; undefined where the
 * error is of another kind.
 */
export function toTemporaryFolderError(error: unknown, folder: string): UserError | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = REASONS[code];
  if (reason === undefined) return undefined;
  return temporaryFolderError(`Cannot write temporary files to ${folder}: ${reason}`, error);
}

/** An error about the folder for temporary files, with the way out: another folder. */
export function temporaryFolderError(message: string, cause?: unknown): UserError {
  return new UserError(message, { wayOut: WAY_OUT, cause });
}
