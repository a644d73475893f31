import { join } from 'node:path';
import { v7 as newId } from 'uuid';
import { collectGarbage, type GcRequest } from '../compaction/collect-garbage.js';
import { ensureRemoval } from '../compaction/ensure-capabilities.js';
import { fileRemover } from '../compaction/file-remover.js';
import { bucketRemover, taggingRemover, type SourceRemover } from '../compaction/source-remover.js';
import { UserError } from '../errors.js';
import type { WritableStore } from '../storage/writable-store.js';
import { countRequests } from './count-requests.js';
import { type GcFlags, readGrace, readTag } from './gc-flags.js';
import { openForWriting } from './open-beside.js';
import { openCompaction, type OpenedCompaction } from './open-compaction.js';
import { printGc } from './print-gc.js';
import { refuseFormats, ROW_FORMATS } from './print-sections.js';
import type { RunResources } from './run-resources.js';
import { withRunResources } from './run-resources.js';
import { WHOLE_SOURCE } from './status-flags.js';
import { descriptionOf } from './verify-merged-table.js';

/**
 * Removes or tags what is merged, or says what would be.
 * @throws UserError where there is no table, or the store cannot remove safely
 */
export async function runGc(sources: readonly string[], flags: GcFlags): Promise<void> {
  refuseFormats('what was removed', ROW_FORMATS, flags);
  const graceMs = readGrace(flags);
  readTag(flags);
  const isDry = !flags.yes || flags['dry-run'];
  await withRunResources(flags, async (resources) => {
    resources.progress.begin('listing');
    const asked = { ...flags, ...WHOLE_SOURCE, format: undefined, 'partition-by': undefined };
    const opened = await openCompaction(sources, asked, resources);
    const description = descriptionOf(opened);
    const removing = await openRemover(opened, flags, resources);
    const outcome = await collectGarbage({
      ...requestOf(opened, resources),
      description,
      limits: { graceMs, now: Date.now() },
      remover: isDry ? undefined : await removing.open(),
    });
    resources.progress.stop();
    const requests = countRequests([...opened.counted, ...removing.counted]);
    const seconds = (performance.now() - resources.started) / 1000;
    await printGc({ outcome, isDry, isTagging: flags.tag !== undefined, seconds, requests }, flags);
  });
}

type FromOpened = Omit<GcRequest, 'description' | 'limits' | 'remover'>;

function requestOf(opened: OpenedCompaction, { progress }: RunResources): FromOpened {
  const { prepare, stores, destination, own } = opened;
  const get = (key: string): Promise<Uint8Array | undefined> => stores.ledger.get(key);
  return {
    scan: prepare.scan,
    open: async () => ({ ...(await prepare.open()), get, slots: stores.slots }),
    destination: destination.name,
    wish: prepare.wish,
    trash:
      own.location.kind === 's3' || destination.folder === undefined
        ? undefined
        : { folder: trashFolder(destination.folder), ledger: stores.ledger },
    onChecked: (_, objectsDone, objectsTotal) => {
      if (objectsDone === 1) progress.begin('checking slots');
      progress.update({ objectsDone, objectsTotal, bytesDone: 0 });
    },
  };
}

function trashFolder(folder: string): string {
  return join(`${folder}.ledger`, 'trash');
}

interface Removing {
  /** Makes sure that removing is safe. */
  readonly open: () => Promise<SourceRemover>;
  readonly counted: readonly Pick<WritableStore, 'requests'>[];
}

async function openRemover(opened: OpenedCompaction, flags: GcFlags, resources: RunResources): Promise<Removing> {
  const { own, stores, destination } = opened;
  const tags = readTag(flags);
  if (own.location.kind === 's3') return openBucketRemover(opened, tags, resources);
  if (tags !== undefined) throw new UserError(`Files have no tags: ${own.store.name}`, { wayOut: 'Leave out --tag.' });
  const { folder } = destination;
  const trash = folder === undefined ? undefined : { folder: trashFolder(folder), ledger: stores.ledger };
  const remover = fileRemover({ trash, source: own.store.name, newName: newId });
  return { open: () => Promise.resolve(remover), counted: [] };
}

async function openBucketRemover(
  { own, stores, destination }: OpenedCompaction,
  tags: Readonly<Record<string, string>> | undefined,
  resources: RunResources,
): Promise<Removing> {
  const { location, access, store } = own;
  const { data } = destination;
  if (location.kind !== 's3') throw new Error('a bucket was expected');
  const place = (prefix: string): Promise<WritableStore> =>
    openForWriting({ location: { ...location, prefix }, access }, resources);
  const root = store.context ?? '';
  const source = await place(root);
  const isSameBucket = data.location.kind === 's3' && data.location.bucket === location.bucket;
  const probed = isSameBucket ? stores.ledger : await place(`${root.replace(/\/+$/, '')}.ledger/`);
  const open = async (): Promise<SourceRemover> => {
    if (tags !== undefined) return taggingRemover(taggerOf(source), tags);
    source.adopt(await ensureRemoval(probed, newId));
    return bucketRemover(source);
  };
  return { open, counted: [source, ...(isSameBucket ? [] : [probed])] };
}

function taggerOf(source: WritableStore): NonNullable<WritableStore['tag']> {
  const { tag } = source;
  if (tag === undefined) throw new Error(`${source.name} has no tags`);
  return tag;
}
