import type { ObjectStore } from '../storage/object-store.js';
import { formatCount, formatCountOf } from './format-amount.js';

/** The requests that all stores have made so far, by the name of the operation; undefined where no store counts them. */
export function countRequests(
  stores: readonly Pick<ObjectStore, 'requests'>[],
): Readonly<Record<string, number>> | undefined {
  const counted = stores.flatMap((store) => (store.requests === undefined ? [] : [store.requests()]));
  if (counted.length === 0) return undefined;
  const sums = new Map<string, number>();
  for (const [operation, count] of counted.flatMap((requests) => Object.entries(requests)))
    sums.set(operation, (sums.get(operation) ?? 0) + count);
  return Object.fromEntries([...sums].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Requests for people, the most frequent first: `1,204 requests (1,200 GetObject, 4 ListObjectsV2)`. */
export function formatRequests(requests: Readonly<Record<string, number>>): string {
  const made = Object.entries(requests).filter(([, count]) => count > 0);
  const total = made.reduce((sum, [, count]) => sum + count, 0);
  const shown = made.sort(([, a], [, b]) => b - a).map(([operation, count]) => `${formatCount(count)} ${operation}`);
  return `${formatCountOf(total, 'request')}${total === 0 ? '' : ` (${shown.join(', ')})`}`;
}
