import { createHash } from 'node:crypto';
import type { ObjectStore, StoredObject } from '../storage/object-store.js';

/**
 * The SHA-256 of an object's bytes as stored, in hexadecimal digits.
 * @throws ObjectReadError when it cannot be read, or changed since it was listed
 */
export async function hashObject(store: ObjectStore, object: StoredObject): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of store.read(object)) hash.update(chunk);
  return hash.digest('hex');
}
