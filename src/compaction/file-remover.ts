import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { moveFileAside } from '../storage/move-file-aside.js';
import { StoreFailure, type WritableStore } from '../storage/writable-store.js';
import type { RemovableBatch, RemovableObject } from './plan-removal.js';
import type { RemovalResult, SourceRemover } from './source-remover.js';
import { encodeTrashIndex, trashIndexKey } from './trash-index.js';

/** Where removed files are kept for a while: beside the table. */
export interface Trash {
  /** The folder on this machine. */
  readonly folder: string;
  /** The ledger that it belongs to. */
  readonly ledger: Pick<WritableStore, 'create'>;
}

export interface FileRemoverOptions {
  /** Undefined where the table is in a bucket: files are removed at once then. */
  readonly trash: Trash | undefined;
  /** How the table's description names the source. */
  readonly source: string;
  /** Gives names that nobody else has. */
  readonly newName: () => string;
}

/**
 * Moves files of this machine into the trash, where they are looked at again. From another file system than the trash's they
 * are moved aside in their own folder, looked at there, and removed for good.
 */
export function fileRemover(options: FileRemoverOptions): SourceRemover {
  return {
    remove: async (batch) => {
      const { trash, source } = options;
      const { batchId, inputs } = batch.slot;
      // A list that is there already is this one: it tells of all inputs of the batch.
      await trash?.ledger.create(trashIndexKey(batchId), { bytes: encodeTrashIndex(source, inputs) });
      const numbers = new Map(inputs.map(({ key }, index) => [key, index + 1]));
      const results: RemovalResult[] = [];
      for (const object of batch.objects) {
        const number = numbers.get(object.input.key);
        results.push(await removeOne(object, { ...options, place: asidePlace(trash, batch, number) }));
      }
      return results;
    },
  };
}

function asidePlace(trash: Trash | undefined, { slot }: RemovableBatch, number?: number): string | undefined {
  if (trash === undefined || number === undefined) return undefined;
  return join(trash.folder, slot.batchId, String(number));
}

interface Removing extends FileRemoverOptions {
  readonly place: string | undefined;
}

async function removeOne(object: RemovableObject, { place, newName }: Removing): Promise<RemovalResult> {
  try {
    if (place !== undefined) {
      const moved = await moveAside(object, Buffer.from(place));
      if (moved !== 'elsewhere') return { kind: moved === 'moved' ? 'removed' : moved };
    }
    return { kind: await removeInPlace(object, newName()) };
  } catch (error) {
    if (error instanceof StoreFailure) return { kind: 'failed', reason: [error.message, ...error.wayOut].join('. ') };
    if (error instanceof Error && 'syscall' in error && 'code' in error)
      return { kind: 'failed', reason: `it cannot be removed (${String(error.code)})` };
    throw error;
  }
}

type Moved = 'moved' | 'changed' | 'gone';

async function moveAside(object: RemovableObject, aside: Buffer): Promise<Moved | 'elsewhere'> {
  const { version, sha256 } = object.input;
  try {
    return await moveFileAside({ path: pathOf(object), version, sha256, aside });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EXDEV') return 'elsewhere';
    throw error;
  }
}

/** Hidden files are no logs: nobody reads it under its other name. */
async function removeInPlace(object: RemovableObject, name: string): Promise<'removed' | 'changed' | 'gone'> {
  const { version, sha256 } = object.input;
  const path = pathOf(object);
  const aside = Buffer.concat([path.subarray(0, path.lastIndexOf('/') + 1), Buffer.from(`.awsusage-gc-${name}`)]);
  const moved = await moveFileAside({ path, version, sha256, aside });
  if (moved !== 'moved') return moved;
  await unlink(aside);
  return 'removed';
}

function pathOf({ candidate: { store, object } }: RemovableObject): Buffer {
  const path = store.localPath?.(object);
  if (path === undefined) throw new Error(`${store.name} is no folder of this machine`);
  return path;
}
