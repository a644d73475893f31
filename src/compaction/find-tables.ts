import type { PlannedObject } from '../dataset/plan-scan.js';
import type { ObjectStore } from '../storage/object-store.js';
import { parseSlotKey } from './slot-key.js';

/** A folder that may be a merged table, because objects in it are called as slots are. */
export interface PossibleTable {
  /** The store that it was found in. */
  readonly store: ObjectStore;
  /** The table's whole path, as the store's context is one: `parquet-data/`. */
  readonly path: string;
}

/**
 * The folders that may be merged tables: where slots lie, without the partitions at their end; and stores without a single
 * object, which may be tables that nothing was merged into yet.
 */
export function findTables(
  stores: readonly ObjectStore[],
  objects: readonly PlannedObject[],
): readonly PossibleTable[] {
  const found = new Map<string, PossibleTable>();
  const add = (store: ObjectStore, path: string): void => {
    const name = `${stores.indexOf(store)} ${path}`;
    if (!found.has(name)) found.set(name, { store, path });
  };
  const seen = new Set<ObjectStore>();
  for (const { store, object } of objects) {
    seen.add(store);
    const path = tablePath(store, object.key);
    if (path !== undefined) add(store, path);
  }
  for (const store of stores) if (!seen.has(store) && store.context !== undefined) add(store, withSlash(store.context));
  return [...found.values()].filter(({ path }) => path !== '' && path !== '/');
}

const LAST_PARTITION = /(^|\/)[^/=]+=[^/]*\/$/;

/** The whole path of the table that a key would be a slot of; undefined where it is called like none. */
export function tablePath({ context = '' }: ObjectStore, key: string): string | undefined {
  const place = parseSlotKey(key);
  if (place === undefined) return undefined;
  let path = `${withSlash(context)}${withSlash(place.partition)}`;
  while (LAST_PARTITION.test(path)) path = path.replace(LAST_PARTITION, '$1');
  return path;
}

function withSlash(path: string): string {
  return path === '' || path.endsWith('/') ? path : `${path}/`;
}
