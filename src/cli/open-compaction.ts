import { stat } from 'node:fs/promises';
import type { PrepareRequest } from '../compaction/prepare-compaction.js';
import { scanSource } from '../compaction/scan-source.js';
import type { CompactionLimits } from '../compaction/plan-compaction.js';
import type { ScanPlan } from '../dataset/plan-scan.js';
import { UserError } from '../errors.js';
import { parseDuration } from '../layouts/time-window.js';
import type { ObjectStore } from '../storage/object-store.js';
import type { CompactFlags, SourceFlags } from './compact-flags.js';
import { openBeside, openIfThere, type PlacedStore } from './open-beside.js';
import { openMergedTable, type OpenedTable } from './open-merged-table.js';
import { openSources } from './open-sources.js';
import { listStores } from './plan-reading.js';
import { readByteAmount } from './read-byte-amount.js';
import { readSelection } from './read-selection.js';
import type { RunResources } from './run-resources.js';

const LEAST_TARGET = 1_000_000;

/** A source and its merged table, opened. */
export interface OpenedCompaction extends OpenedTable {
  readonly own: PlacedStore;
  readonly prepare: Omit<PrepareRequest, 'limits'>;
}

/**
 * Opens the one source of the command line and the table that it is merged into; nothing is made yet.
 * @throws UserError when there is no source, more than one, or one that is no folder
 */
export async function openCompaction(
  sources: readonly string[],
  flags: SourceFlags,
  resources: RunResources,
): Promise<OpenedCompaction> {
  const table = await openMergedTable(sources, flags, resources);
  // The source of a table that is there may be empty: all that was in it is merged and removed.
  const how = { asListed: true, mayBeEmpty: table.description !== undefined };
  const [own] = await openSources([table.source], flags, resources, how);
  if (own === undefined) throw new Error('a source was resolved that is not opened');
  await refuseSingle(own);
  const prepare = prepareRequest({ table, own, flags, resources });
  return { ...table, own, prepare, counted: [own.store, ...table.counted] };
}

async function refuseSingle({ store, location }: PlacedStore): Promise<void> {
  const isFolder = location.kind === 'path' ? (await stat(location.path).catch(() => undefined))?.isDirectory() : true;
  if (location.kind !== 'stdin' && store.single !== true && isFolder === true) return;
  throw new UserError(`Cannot merge ${store.name}: it is no folder and no prefix`, {
    wayOut: 'Give the folder that the objects lie in, or s3://bucket/prefix/.',
  });
}

interface Opening {
  readonly table: OpenedTable;
  readonly own: PlacedStore;
  readonly flags: SourceFlags;
  readonly resources: RunResources;
}

function prepareRequest({ table, own, flags, resources }: Opening): OpenedCompaction['prepare'] {
  const { destination, stores, source, userFormats, accessTo } = table;
  const { format, 'partition-by': partitionBy } = flags;
  const lateness = source.lateness === undefined ? [] : [source.lateness];
  const selection = readSelection({ ...NO_FILTER, ...flags }, Date.now(), lateness);
  const scan = (asked: readonly ObjectStore[]): Promise<ScanPlan> => listStores(asked, selection, resources);
  const neighbourhood = openBeside([own], accessTo, resources);
  return {
    scan: () => scanSource(own.store, scan, neighbourhood),
    open: async () => ({
      data: await openIfThere(destination.data, resources),
      ledger: await openIfThere(destination.ledger, resources),
    }),
    ledger: stores.ledger,
    destination: destination.name,
    wish: { source: destination.source, format, partitionBy, userFormats },
  };
}

const NO_FILTER = {
  service: undefined,
  operation: undefined,
  account: undefined,
  'region-name': undefined,
  principal: undefined,
  'errors-only': false,
  where: undefined,
};

/**
 * Reads what a run may merge.
 * @throws UserError for an amount or a length of time that cannot be read
 */
export function readLimits(flags: CompactFlags): CompactionLimits {
  const targetBytes = readByteAmount(flags['target-size']);
  if (targetBytes === undefined || targetBytes < LEAST_TARGET)
    throw new UserError(`Cannot use --target-size ${flags['target-size']}`, {
      wayOut: 'Write a number of bytes from 1MB on: 128MB, 1GB, 512MiB.',
    });
  return {
    targetBytes,
    minFiles: flags['min-files'],
    minAgeMs: parseDuration(flags['min-age']),
    maxWaitMs: parseDuration(flags['max-wait']),
    now: Date.now(),
  };
}
