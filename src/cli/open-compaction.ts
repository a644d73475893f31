import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DestinationStores } from '../compaction/commit-batch.js';
import type { PrepareRequest } from '../compaction/prepare-compaction.js';
import { scanSource } from '../compaction/scan-source.js';
import type { CompactionLimits } from '../compaction/plan-compaction.js';
import type { ScanPlan } from '../dataset/plan-scan.js';
import { UserError } from '../errors.js';
import { configFormats } from '../formats/config-format.js';
import type { LogFormat } from '../formats/log-format.js';
import { parseDuration } from '../layouts/time-window.js';
import type { ObjectStore } from '../storage/object-store.js';
import type { S3Access } from '../storage/s3-access.js';
import type { CompactFlags } from './compact-flags.js';
import { findConfiguration } from './find-configuration.js';
import { findDestination, type Destination } from './find-destination.js';
import { openBeside, openForWriting, openIfThere, type PlacedStore } from './open-beside.js';
import { openSources } from './open-sources.js';
import { listStores } from './plan-reading.js';
import { readByteAmount } from './read-byte-amount.js';
import { readS3Access } from './read-s3-access.js';
import { readSelection } from './read-selection.js';
import { resolveSources } from './resolve-sources.js';
import type { RunResources } from './run-resources.js';

const LEAST_TARGET = 1_000_000;

/** A source and its merged table, opened. */
export interface OpenedCompaction {
  readonly source: ObjectStore;
  readonly destination: Destination;
  readonly prepare: PrepareRequest;
  readonly stores: DestinationStores;
  /** All that count requests. */
  readonly counted: readonly Pick<ObjectStore, 'requests'>[];
}

/**
 * Opens the one source of the command line and the table that it is merged into; nothing is made yet.
 * @throws UserError when there is no source, more than one, or one that is no folder
 */
export async function openCompaction(
  sources: readonly string[],
  flags: CompactFlags,
  resources: RunResources,
): Promise<OpenedCompaction> {
  const config = await findConfiguration(resources);
  const { bucket, prefix } = flags;
  const resolved = await resolveSources({ sources, bucket, prefix, env: process.env, config });
  if (resolved.length !== 1)
    throw new UserError(`One source is merged into one table, but ${resolved.length} were given`, {
      wayOut: 'Run the command for each of them.',
    });
  const placed = await openSources(resolved, flags, resources, { asListed: true });
  const [own] = placed;
  if (own === undefined) throw new Error('a source was resolved that is not opened');
  await refuseSingle(own);
  const accessTo = (): S3Access => own.access ?? readS3Access({ flags, source: {}, env: process.env });
  const destination = findDestination({ source: own.location, to: flags.to, cwd: process.cwd(), accessTo });
  const stores = await openStores(destination, resources);
  const userFormats = configFormats(config?.formats ?? [], 'formats');
  const lateness = resolved.flatMap((source) => source.lateness ?? []);
  const prepare = prepareRequest({ own, destination, stores, flags, resources, userFormats, lateness, accessTo });
  return { source: own.store, destination, prepare, stores, counted: [own.store, stores.slots, stores.ledger] };
}

async function refuseSingle({ store, location }: PlacedStore): Promise<void> {
  const isFolder = location.kind === 'path' ? (await stat(location.path).catch(() => undefined))?.isDirectory() : true;
  if (location.kind !== 'stdin' && store.single !== true && isFolder === true) return;
  throw new UserError(`Cannot merge ${store.name}: it is no folder and no prefix`, {
    wayOut: 'Give the folder that the objects lie in, or s3://bucket/prefix/.',
  });
}

async function openStores({ data, ledger, folder }: Destination, resources: RunResources): Promise<DestinationStores> {
  const staging = folder === undefined ? undefined : join(`${folder}.ledger`, 'staging');
  return {
    slots: await openForWriting(data, resources, staging),
    ledger: await openForWriting(ledger, resources, staging),
    pathOf: folder === undefined ? undefined : (key) => Buffer.from(join(folder, ...key.split('/'))),
  };
}

interface Opening {
  readonly own: PlacedStore;
  readonly destination: Destination;
  readonly stores: DestinationStores;
  readonly flags: CompactFlags;
  readonly resources: RunResources;
  readonly userFormats: readonly LogFormat[];
  readonly lateness: readonly string[];
  readonly accessTo: () => S3Access;
}

function prepareRequest(opening: Opening): PrepareRequest {
  const { own, destination, stores, flags, resources, userFormats, accessTo } = opening;
  const { format, 'partition-by': partitionBy } = flags;
  const selection = readSelection({ ...NO_FILTER, ...flags }, Date.now(), opening.lateness);
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
    limits: readLimits(flags),
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

function readLimits(flags: CompactFlags): CompactionLimits {
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
