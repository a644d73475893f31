import type { ObjectStore, StoredObject } from '../storage/object-store.js';

/**
 * The key of an object below the root of its store, exactly: for files the path's bytes as Latin-1, as no text holds names
 * that are not UTF-8. Two objects of a store have two exact keys.
 */
export function exactKey({ root }: ObjectStore, { identity }: StoredObject): string {
  if (root === undefined || !identity.startsWith(root)) throw new Error(`${identity} is not below ${String(root)}`);
  return identity.slice(root.length);
}
