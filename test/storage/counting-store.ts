import type { ObjectStore } from '../../src/storage/object-store.js';

/** What a store was asked, in order. */
export interface StoreCounts {
  readonly askedPrefixes: string[];
  readonly listedKeys: string[];
  readonly readKeys: string[];
}

/** Wraps a store so that a test sees which prefixes were judged, which entries were listed and which objects were read. */
export function countingStore(store: ObjectStore): { readonly store: ObjectStore; readonly counts: StoreCounts } {
  const counts: StoreCounts = { askedPrefixes: [], listedKeys: [], readKeys: [] };
  const counted: ObjectStore = {
    ...store,
    list: async function* (judge) {
      const entries = store.list((prefix) => {
        counts.askedPrefixes.push(prefix);
        return judge(prefix);
      });
      for await (const entry of entries) {
        counts.listedKeys.push(entry.kind === 'object' ? entry.object.key : entry.entry.key);
        yield entry;
      }
    },
    read: (object) => {
      counts.readKeys.push(object.key);
      return store.read(object);
    },
  };
  return { store: counted, counts };
}
