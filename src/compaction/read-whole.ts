import type { ObjectStore, StoredObject } from '../storage/object-store.js';

/**
 * All bytes of a small object.
 * @throws ObjectReadError when it cannot be read
 */
export async function readWhole(store: ObjectStore, object: StoredObject): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.read(object)) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
