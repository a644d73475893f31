import { link, lstat, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type DurableFolders, syncFolder } from './durable-folders.js';
import { codeOf } from './file-errors.js';

/** A file that is to get its place. */
export interface PreparedFile {
  /** Where it is, whole. */
  readonly from: string;
  /** Where it is to be. */
  readonly to: string;
}

/**
 * Gives a file its place, unless there is one already: both durable, the file before its name. A file that got its place is no
 * longer where it was.
 * @throws an error of the system
 */
export async function createFile({ from, to }: PreparedFile, folders: DurableFolders): Promise<'created' | 'exists'> {
  await syncFile(from);
  const isLinked = await linkInto({ from, to }, folders);
  // Another's file may not be durable yet, and what follows may be built on it.
  await syncFolder(dirname(to));
  if (isLinked) await unlink(from);
  return isLinked ? 'created' : 'exists';
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function linkInto(file: PreparedFile, folders: DurableFolders): Promise<boolean> {
  await folders.make(dirname(file.to));
  try {
    return await linkOnce(file);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    // Somebody has removed the folder.
    folders.forget();
    await folders.make(dirname(file.to));
    return linkOnce(file);
  }
}

/** A network file system may have done what it says that it has not: the inode tells. */
async function linkOnce({ from, to }: PreparedFile): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (await isSameFile(from, to)) return true;
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

async function isSameFile(from: string, to: string): Promise<boolean> {
  try {
    const [a, b] = await Promise.all([lstat(from), lstat(to)]);
    return a.dev === b.dev && a.ino === b.ino;
  } catch {
    return false;
  }
}
