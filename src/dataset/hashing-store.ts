import { createHash } from 'node:crypto';
import type { StoredObject } from '../storage/object-store.js';
import type { ReadableObject } from './read-object.js';

/** A store whose objects are hashed while they are read. */
export interface HashingStore {
  readonly store: ReadableObject['store'];
  /** The SHA-256, in hexadecimal, of all bytes that the first reading gave. */
  digest(): string;
}

/** The store, for reading one object of it. A second reading, for what is put aside, is not hashed. */
export function hashingStore(store: ReadableObject['store']): HashingStore {
  const hash = createHash('sha256');
  let readings = 0;
  const read = (object: StoredObject): AsyncIterable<Uint8Array> => {
    readings++;
    return readings > 1 ? store.read(object) : hashed(store.read(object));
  };
  async function* hashed(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
    for await (const chunk of chunks) {
      hash.update(chunk);
      yield chunk;
    }
  }
  const { readOnce } = store;
  return {
    store: { read, ...(readOnce === undefined ? {} : { readOnce }) },
    digest: () => hash.digest('hex'),
  };
}
