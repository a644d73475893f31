import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { UserError } from '../errors.js';
import { codeOf, reasonOf } from './file-errors.js';
import { fileWritableStore } from './file-writable-store.js';
import type { Location, OpenLocationOptions } from './location.js';
import type { WritableStore } from './writable-store.js';

export interface OpenWritableOptions extends Pick<OpenLocationOptions, 'cwd' | 's3'> {
  /** For a folder: another one on the same file system, outside of it or below it, in which files are made. */
  readonly staging?: string;
  /** Gives names that nobody else has: letters, digits and dashes. */
  readonly newName: () => string;
}

/**
 * Opens a folder or a prefix to write to. A folder need not be there: it is made with the first object. A prefix ends at a
 * slash, given or not. Nothing is written, and no request is made.
 * @throws UserError for a location that nothing can be written to
 */
export async function openWritableStore(location: Location, options: OpenWritableOptions): Promise<WritableStore> {
  if (location.kind === 'stdin')
    throw new UserError('Cannot write to standard input', { wayOut: 'Name a folder or a bucket.' });
  if (location.kind === 'path') return openFolder(location.path, options);
  if (options.s3 === undefined) throw new Error('openWritableStore needs s3 to open a bucket');
  const { openS3WritableStore } = await import('./s3-writable-store.js');
  return openS3WritableStore({ ...location, access: options.s3.access });
}

async function openFolder(path: string, { cwd, staging, newName }: OpenWritableOptions): Promise<WritableStore> {
  if (staging === undefined) throw new Error('openWritableStore needs staging to open a folder');
  const root = resolve(cwd, path);
  await expectFolderOrNothing(root, path);
  const name = path.endsWith('/') ? path : `${path}/`;
  return fileWritableStore({ root, name, staging: resolve(cwd, staging), newName });
}

async function expectFolderOrNothing(root: string, name: string): Promise<void> {
  let isFolder;
  try {
    isFolder = (await stat(root)).isDirectory();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    const reason = codeOf(error) === 'ENOTDIR' ? 'it lies below a file' : reasonOf(error);
    throw new UserError(`Cannot write to ${name}: ${reason}`, { cause: error });
  }
  if (!isFolder) throw new UserError(`Cannot write to ${name}: it is not a folder`, { wayOut: 'Name a folder.' });
}
