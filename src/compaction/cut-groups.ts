import { unpackedBytes, type PlannedBatch } from './plan-compaction.js';

/** So much is read before it is written: enough to make many small slots at little cost each, little enough to stay in memory. */
const GROUP_BYTES = 128 * 1024 * 1024;
const GROUP_BATCHES = 250;

/** Puts batches that are read together into groups, in their order. A large batch is a group of its own. */
export function cutGroups(batches: readonly PlannedBatch[]): PlannedBatch[][] {
  const groups: PlannedBatch[][] = [];
  let bytes = Infinity;
  for (const batch of batches) {
    const size = unpackedBytes(batch);
    const group = groups.at(-1);
    if (group === undefined || bytes + size > GROUP_BYTES || group.length === GROUP_BATCHES) {
      groups.push([batch]);
      bytes = size;
    } else {
      group.push(batch);
      bytes += size;
    }
  }
  return groups;
}
