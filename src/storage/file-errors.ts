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

/** The system's name of an error: `EACCES`; `unknown error` for what the system did not give. */
export function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'unknown error';
}
