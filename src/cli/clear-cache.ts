import { UserError } from '../errors.js';
import { reasonOfWrite } from '../storage/file-errors.js';
import { cacheRoot } from './cache-folder.js';
import { listCaches, removeCache } from './cache-size.js';
import { formatBytes } from './format-amount.js';

/** Removes all caches and says how much that was. @throws UserError where they cannot be removed */
export async function clearCache({ quiet }: { readonly quiet: boolean }): Promise<void> {
  const root = cacheRoot(process.env);
  const caches = await listCaches(root);
  for (const { path } of caches) {
    await removeCache(path).catch((error: unknown) => {
      throw new UserError(`Cannot remove ${path}: ${reasonOfWrite(error)}`, { cause: error });
    });
  }
  const bytes = caches.reduce((sum, cache) => sum + cache.bytes, 0);
  if (!quiet) process.stderr.write(`${formatBytes(bytes)} removed from ${root}\n`);
}
