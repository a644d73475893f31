import type { Stats } from 'node:fs';
import { chmod, lstat, mkdir } from 'node:fs/promises';
import { userInfo } from 'node:os';

/** The number of this user, who may have no entry in the password file; -1 where users have none. */
export function currentUid(): number {
  return process.getuid?.() ?? userInfo().uid;
}

/** Whether a path is a folder of this user's, and no link. */
export async function isOwnFolder(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined);
  return stats !== undefined && findForeign(stats) === undefined;
}

/**
 * Makes a folder that only this user can look into, where there is none.
 * @returns why it cannot be used: somebody else may have made this name before us, to read along or to lead us elsewhere
 * @throws an error of the system
 */
export async function makeOwnFolder(path: string): Promise<string | undefined> {
  await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  const stats = await lstat(path);
  const trouble = findForeign(stats);
  if (trouble === undefined && (stats.mode & 0o777) !== 0o700) await chmod(path, 0o700);
  return trouble;
}

function findForeign(stats: Stats): string | undefined {
  if (stats.isSymbolicLink()) return 'it is a symbolic link';
  if (!stats.isDirectory()) return 'it is not a folder';
  return stats.uid === currentUid() ? undefined : 'it belongs to another user';
}
