import type { Stats } from 'node:fs';
import { link, lstat, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from './durable-folders.js';
import { codeOf } from './file-errors.js';
import { isUnchanged, versionOf } from './file-object.js';
import { type Removal, StoreFailure } from './writable-store.js';

/** A file that is to go, if it is still that version. */
export interface RemovableFile {
  readonly path: string;
  readonly version: string;
  /** A name that nobody else has, on the same file system: there it is looked at again, out of everybody's reach. */
  readonly aside: string;
}

/**
 * Removes a file if it is still that version. Between looking and removing, another file may take its place: it is moved aside
 * first, looked at there, and put back where it is another one.
 * @throws an error of the system; StoreFailure where it could not be put back, and was kept
 */
export async function removeFile({ path, version, aside }: RemovableFile): Promise<Removal> {
  const found = await lookAt(path);
  if (found === undefined) return 'gone';
  if (!found.isFile() || versionOf(found) !== version) return 'changed';
  try {
    await rename(path, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 'gone';
    throw error;
  }
  // Moving it has changed its change time.
  const moved = await lstat(aside);
  if (!moved.isFile() || !isUnchanged({ version }, moved)) return putBack(aside, path);
  await unlink(aside);
  await syncFolder(dirname(path));
  return 'removed';
}

async function lookAt(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return undefined;
    throw error;
  }
}

async function putBack(aside: string, path: string): Promise<'changed'> {
  try {
    await link(aside, path);
  } catch (error) {
    throw new StoreFailure(`Cannot put ${path} back, which changed while it was removed: it was kept as ${aside}`, {
      outcome: 'unknown',
      wayOut: `Compare ${aside} with what is there now, and move it back where it is still wanted.`,
      cause: error,
    });
  }
  await unlink(aside);
  return 'changed';
}
