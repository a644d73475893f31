import { lstat, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { v7 as newId } from 'uuid';
import { UserError } from '../errors.js';
import { lastUse } from './cache-record.js';
import { readByteAmount } from './read-byte-amount.js';

const DEFAULT_LIMIT = '10GB';
/** The names of caches: nothing else in the folder is touched. */
const CACHE_NAME = /^[0-9a-f]{32}$/;

/**
 * How many bytes all caches may have together: `AWSUSAGE_CACHE_SIZE`, else 10 GB.
 * @throws UserError where it is no amount
 */
export function readCacheLimit(env: NodeJS.ProcessEnv): number {
  const limit = readByteAmount(env['AWSUSAGE_CACHE_SIZE'] || DEFAULT_LIMIT);
  if (limit !== undefined) return limit;
  throw new UserError('Cannot use AWSUSAGE_CACHE_SIZE', { wayOut: 'Set it to a number of bytes: 500MB, 20GB.' });
}

/** A cache as it lies on the disk. */
export interface CacheOnDisk {
  readonly path: string;
  readonly bytes: number;
  /** Epoch milliseconds. */
  readonly usedAt: number;
}

/** The caches in a folder, those used last first. */
export async function listCaches(root: string): Promise<readonly CacheOnDisk[]> {
  const names = (await readdir(root).catch(() => [])).filter((name) => CACHE_NAME.test(name));
  const caches = await Promise.all(
    names.map(async (name) => {
      const path = join(root, name);
      return { path, bytes: await bytesBelow(path), usedAt: (await lastUse(path)) ?? 0 };
    }),
  );
  return caches.sort((a, b) => b.usedAt - a.usedAt);
}

/**
 * Removes caches that were not used for the longest time, until the others fit. One that is too large by itself is no reason to
 * remove the others.
 * @returns the paths of those that were removed
 */
export async function removeLeastUsed(root: string, limit: number): Promise<readonly string[]> {
  const removed: string[] = [];
  let sum = 0;
  for (const { path, bytes } of await listCaches(root)) {
    if (sum + bytes <= limit) sum += bytes;
    else removed.push(path);
  }
  for (const path of removed) await removeCache(path);
  return removed;
}

/** Removes a cache. Whoever reads it reads the source then. */
export async function removeCache(path: string): Promise<void> {
  const aside = `${path}-gone-${newId()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    // Two may remove at once.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  await rm(aside, { recursive: true, force: true });
}

async function bytesBelow(path: string): Promise<number> {
  const entries = await readdir(path, { withFileTypes: true, recursive: true }).catch(() => []);
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) =>
      lstat(join(parentPath, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
