import type { ObjectStore, StoredObject } from '../storage/object-store.js';
import type { PlannedObject } from './plan-scan.js';

/** Tells each store which of its objects will be read, in which order, so that one that is far away can fetch ahead. */
export function announceObjects(planned: readonly PlannedObject[]): void {
  const byStore = new Map<ObjectStore, StoredObject[]>();
  for (const { store, object } of planned) {
    if (store.expect === undefined) continue;
    const objects = byStore.get(store);
    if (objects === undefined) byStore.set(store, [object]);
    else objects.push(object);
  }
  for (const [store, objects] of byStore) store.expect?.(objects);
}
