/** Reasons for the errors that the file system gives, as people say them. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
  ['ENOENT', 'gone since it was listed'],
  ['ENOTDIR', 'gone since it was listed'],
  ['ELOOP', 'changed since it was listed'],
  ['EISDIR', 'not a regular file'],
  ['ENXIO', 'not a regular file'],
  ['ENAMETOOLONG', 'its path is too long'],
  ['EMFILE', 'too many open files'],
  ['ENFILE', 'too many open files'],
  ['EIO', 'the disk reports an input/output error'],
  ['ESTALE', 'gone since it was listed'],
]);

/** The reason of a failed file operation, without any path. */
export function reasonOf(error: unknown): string {
  const code = codeOf(error);
  return REASONS.get(code) ?? `cannot be read (${code})`;
}

/** Reasons for which a file that somebody named cannot be read. */
const OPENING_REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['ENOTDIR', 'there is no such file'],
  ['EISDIR', 'it is a folder'],
  ['EACCES', 'you may not read it'],
  ['EPERM', 'you may not read it'],
  ['ELOOP', 'its symbolic links go round in a circle'],
]);

/** The reason why a file that somebody named cannot be read, without any path. */
export function reasonOfOpening(error: unknown): string {
  return OPENING_REASONS.get(codeOf(error)) ?? reasonOf(error);
}

/** Reasons for which nothing can be written. */
const WRITE_REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'it is gone'],
  ['ENOTDIR', 'a file is in the place of a folder'],
  ['EISDIR', 'a folder is in its place'],
  ['ELOOP', 'a symbolic link is in the place of a folder'],
  ['ENOSPC', 'there is no space left'],
  ['EDQUOT', 'there is no space left'],
  ['EFBIG', 'it is too large for the file system'],
  ['EROFS', 'the file system is read-only'],
  ['EXDEV', 'it is on another file system'],
]);

/** The reason of a failed file operation that should have changed something, without any path. */
export function reasonOfWrite(error: unknown): string {
  const code = codeOf(error);
  return WRITE_REASONS.get(code) ?? REASONS.get(code) ?? `it failed (${code})`;
}

/** The system's name of an error: `EACCES`; `unknown error` for what the system did not give. */
export function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'unknown error';
}
