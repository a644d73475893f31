import type { Stats } from 'node:fs';
import { link, lstat, rename, unlink } from 'node:fs/promises';
import { syncFolder } from './durable-folders.js';
import { codeOf } from './file-errors.js';
import { isUnchanged, versionOf } from './file-object.js';
import { hashFile } from './hash-file.js';
import { shownName } from './shown-name.js';
import { StoreFailure } from './writable-store.js';

/** A file that is to go, if it is still what it was. Paths are absolute, byte for byte. */
export interface MovableFile {
  readonly path: Buffer;
  /** As a listing gave it. */
  readonly version: string;
  /** Of its bytes, in hexadecimal digits. */
  readonly sha256: string;
  /** A name that nobody has, on the same file system. */
  readonly aside: Buffer;
}

/**
 * Moves a file aside if it has still that version and those bytes. Between looking and moving, another file may take its place:
 * it is looked at again where nobody else reaches it, and put back where it is another one, but never over a third.
 * @throws an error of the system (`EXDEV`: the other name is on another file system; nothing was done); StoreFailure where it
 *   could not be put back, and was kept aside
 */
export async function moveFileAside(file: MovableFile): Promise<'moved' | 'changed' | 'gone'> {
  const { path, version, aside } = file;
  const found = await lookAt(path);
  if (found === undefined) return 'gone';
  if (!found.isFile() || versionOf(found) !== version) return 'changed';
  // Another run may have moved it there just now.
  if ((await lookAt(aside)) !== undefined) {
    if ((await lookAt(path)) === undefined) return 'gone';
    throw taken(aside);
  }
  try {
    await rename(path, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT' && (await lookAt(path)) === undefined) return 'gone';
    throw error;
  }
  try {
    if (!(await isSame(file))) return await putBack(file);
  } catch (error) {
    if (!(error instanceof StoreFailure)) await putBack(file);
    throw error;
  }
  await syncFolder(folderOf(aside));
  await syncFolder(folderOf(path));
  return 'moved';
}

async function lookAt(path: Buffer): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return undefined;
    throw error;
  }
}

/** Moving it has changed its change time. */
async function isSame({ aside, version, sha256 }: MovableFile): Promise<boolean> {
  const before = await lstat(aside);
  if (!before.isFile() || !isUnchanged({ version }, before)) return false;
  if ((await hashFile(aside)) !== sha256) return false;
  return isUnchanged({ version }, await lstat(aside));
}

async function putBack({ path, aside }: MovableFile): Promise<'changed'> {
  try {
    await link(aside, path);
  } catch (error) {
    const [kept, place] = [shownName(aside), shownName(path)];
    throw new StoreFailure(`Cannot put ${place} back, which changed while it was removed: it was kept as ${kept}`, {
      outcome: 'unknown',
      wayOut: `Compare ${kept} with what is there now, and move it back where it is still wanted.`,
      cause: error,
    });
  }
  await unlink(aside);
  return 'changed';
}

function taken(aside: Buffer): StoreFailure {
  return new StoreFailure(`Cannot move a file to ${shownName(aside)}: there is one already`, {
    outcome: 'refused',
    wayOut: 'Look at it, and move it away.',
  });
}

function folderOf(path: Buffer): Buffer {
  return path.subarray(0, path.lastIndexOf('/'));
}
