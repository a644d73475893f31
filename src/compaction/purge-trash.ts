import { lstat, readdir, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../storage/file-errors.js';
import { hashFile } from '../storage/hash-file.js';
import type { WritableStore } from '../storage/writable-store.js';
import { reasonOf } from './slot-problem.js';
import { decodeTrashIndex, trashIndexKey, type TrashedFile } from './trash-index.js';

export interface PurgeRequest {
  /** The trash's folder on this machine. */
  readonly folder: string;
  readonly ledger: Pick<WritableStore, 'get' | 'facts'>;
  /** Whether the slot of a batch is there, as it was written. */
  readonly isSound: (batchId: string) => Promise<boolean>;
  /** Files that came later stay. Epoch milliseconds. */
  readonly before: number;
  /** Say what would be purged. */
  readonly isDry: boolean;
}

/** What became of the files in the trash. */
export interface PurgedTrash {
  readonly purged: number;
  readonly bytes: number;
  /** Not yet long enough in the trash. */
  readonly kept: number;
  /** In doubt, and left, with the reason. */
  readonly doubtful: readonly { readonly file: string; readonly reason: string }[];
}

/**
 * Removes for good what has been in the trash long enough, is still what was put there, and is in a slot that is as it was
 * written. Any doubt leaves it.
 */
export async function purgeTrash(request: PurgeRequest): Promise<PurgedTrash> {
  const total = { purged: 0, bytes: 0, kept: 0, doubtful: [] as { file: string; reason: string }[] };
  for (const batchId of await namesIn(request.folder)) {
    for (const { file, outcome } of await purgeBatch(batchId, request)) {
      if (outcome === 'gone') continue;
      if (outcome === 'kept') total.kept++;
      else if (typeof outcome === 'string') total.doubtful.push({ file, reason: outcome });
      else {
        total.purged++;
        total.bytes += outcome.bytes;
      }
    }
  }
  return total;
}

interface Purged {
  readonly file: string;
  /** `kept`, `gone` where another run was first, bytes that were purged, or the reason of a doubt. */
  readonly outcome: 'kept' | { readonly bytes: number } | string;
}

async function purgeBatch(batchId: string, request: PurgeRequest): Promise<Purged[]> {
  const { folder, isDry } = request;
  const names = (await namesIn(join(folder, batchId))).filter((name) => name !== 'index.json');
  const index = await readIndex(batchId, request.ledger).catch(() => undefined);
  const results: Purged[] = [];
  for (const name of names) {
    const outcome = await purgeFile({ batchId, name, index }, request).catch((error: unknown) =>
      isGone(error) ? 'gone' : reasonOf(error),
    );
    results.push({ file: `trash/${batchId}/${name}`, outcome });
  }
  const isEmptied = results.every(({ outcome }) => typeof outcome === 'object' || outcome === 'gone');
  if (isEmptied && !isDry) await removeFolder(join(folder, batchId));
  return results;
}

/** What a batch's list says, and when it was written. */
interface Index {
  readonly files: ReadonlyMap<string, TrashedFile>;
  readonly modified: number;
}

async function readIndex(batchId: string, ledger: PurgeRequest['ledger']): Promise<Index | undefined> {
  const key = trashIndexKey(batchId);
  const [facts, bytes] = [await ledger.facts(key), await ledger.get(key)];
  if (facts === undefined || bytes === undefined) return undefined;
  const files = new Map(decodeTrashIndex(bytes).map((file) => [String(file.number), file]));
  return { files, modified: facts.modified };
}

interface NamedFile {
  readonly batchId: string;
  readonly name: string;
  /** Undefined where it cannot be read. */
  readonly index: Index | undefined;
}

async function purgeFile(
  { batchId, name, index }: NamedFile,
  { folder, before, isDry, isSound }: PurgeRequest,
): Promise<Purged['outcome']> {
  const path = join(folder, batchId, name);
  const stats = await lstat(path);
  const known = index?.files.get(name);
  if (index === undefined || known === undefined || !stats.isFile()) return 'nothing tells what it is';
  // Moving it there has set its change time; where a file system does not, the list was written not much earlier.
  if (Math.max(stats.ctimeMs, index.modified) > before) return 'kept';
  if (!(await isSound(batchId))) return 'the slot that it is in is not as it was written';
  if (stats.size !== known.size || (await hashFile(path)) !== known.sha256) return 'it is not what was put there';
  if (!isDry) await unlink(path);
  return { bytes: stats.size };
}

async function removeFolder(path: string): Promise<void> {
  await unlink(join(path, 'index.json')).catch(() => undefined);
  // Another run may have put something there meanwhile.
  await rmdir(path).catch(() => undefined);
}

async function namesIn(path: string): Promise<string[]> {
  try {
    return (await readdir(path)).sort();
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

function isGone(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(codeOf(error));
}
