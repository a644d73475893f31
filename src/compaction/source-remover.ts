import { StoreFailure, type WritableStore } from '../storage/writable-store.js';
import { inParallel } from './in-parallel.js';
import type { RemovableBatch } from './plan-removal.js';

/**
 * What became of an object that was to be removed. `changed`: another version is there, and was left alone; `gone`: somebody
 * else was faster, or the reply of this very removal was lost.
 */
export type RemovalResult =
  { readonly kind: 'removed' | 'changed' | 'gone' } | { readonly kind: 'failed'; readonly reason: string };

/** Takes objects away from the source, or marks them for somebody who does. */
export interface SourceRemover {
  /** The results are in the order of the objects. Each is removed only if it is still the version that was merged. */
  remove(batch: RemovableBatch): Promise<readonly RemovalResult[]>;
}

/** Removes objects of a bucket. @param source opened at the source's root */
export function bucketRemover(source: Pick<WritableStore, 'removeMany'>): SourceRemover {
  return {
    remove: async ({ objects }) => {
      const items = objects.map(({ candidate, input }) => ({ key: candidate.exactKey, version: input.version }));
      return (await source.removeMany(items)).map((result) =>
        result instanceof StoreFailure ? { kind: 'failed', reason: result.message } : { kind: result },
      );
    },
  };
}

/** How many objects are tagged at once. */
const IN_FLIGHT = 16;

/** Tags objects of a bucket, for a lifecycle rule that removes them. */
export function taggingRemover(
  tag: NonNullable<WritableStore['tag']>,
  tags: Readonly<Record<string, string>>,
): SourceRemover {
  return {
    remove: ({ objects }) =>
      inParallel(objects, IN_FLIGHT, async ({ candidate, input }): Promise<RemovalResult> => {
        try {
          const done = await tag({ key: candidate.exactKey, version: input.version }, tags);
          return { kind: done === 'tagged' ? 'removed' : done };
        } catch (error) {
          if (error instanceof StoreFailure) return { kind: 'failed', reason: error.message };
          throw error;
        }
      }),
  };
}
