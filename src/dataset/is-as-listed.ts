import { lstatSync } from 'node:fs';
import { isUnchanged } from '../storage/file-object.js';
import type { StoredObject } from '../storage/object-store.js';

/**
 * Whether a local file still is the object that was listed, as far as its size and time tell. To be asked after the engine has
 * read it: it may have read another file under the same name.
 */
export function isAsListed(object: StoredObject, path: Buffer): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats !== undefined && stats.isFile() && isUnchanged(object, stats);
}
