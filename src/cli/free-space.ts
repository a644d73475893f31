import { statfs } from 'node:fs/promises';

import { formatBytes } from './format-amount.js';
import { temporaryFolderError } from './temporary-folder-error.js';

/** The bytes that this user may still write to the file system of a path. */
export async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

/**
 * Makes sure that a folder's disk has room before the room is needed.
 * @throws UserError when fewer than `needed` bytes are free.
 */
export async function requireFreeBytes(folder: string, needed: number): Promise<void> {
  const free = await freeBytes(folder);
  if (free >= needed) return;
  throw temporaryFolderError(
    `Cannot write temporary files to ${folder}: about ${formatBytes(needed)} are needed, ${formatBytes(free)} are free`,
  );
}
