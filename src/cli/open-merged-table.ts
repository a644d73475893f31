import { join } from 'node:path';
import type { DestinationStores } from '../compaction/commit-batch.js';
import type { DestinationDescription } from '../compaction/destination-description.js';
import { UserError } from '../errors.js';
import { configFormats } from '../formats/config-format.js';
import type { LogFormat } from '../formats/log-format.js';
import type { ObjectStore } from '../storage/object-store.js';
import type { S3Access } from '../storage/s3-access.js';
import type { TableFlags } from './compact-flags.js';
import { findConfiguration } from './find-configuration.js';
import type { Destination } from './find-destination.js';
import { findPlaces } from './find-places.js';
import { openForWriting } from './open-beside.js';
import { readS3Access } from './read-s3-access.js';
import { type ResolvedSource, resolveSources } from './resolve-sources.js';
import type { RunResources } from './run-resources.js';

/** A merged table, opened, and the source that it is made from, which is not. */
export interface OpenedTable {
  readonly source: ResolvedSource;
  readonly destination: Destination;
  /** Undefined where the table is not made yet. */
  readonly description: DestinationDescription | undefined;
  readonly stores: DestinationStores;
  readonly userFormats: readonly LogFormat[];
  readonly accessTo: () => S3Access;
  /** All that count requests. */
  readonly counted: readonly Pick<ObjectStore, 'requests'>[];
}

/**
 * Opens the table of the one source of the command line, or the table that stands in the source's place; nothing is made yet.
 * @throws UserError when there is no source, or more than one
 */
export async function openMergedTable(
  sources: readonly string[],
  flags: TableFlags,
  resources: RunResources,
): Promise<OpenedTable> {
  const config = await findConfiguration(resources);
  const { bucket, prefix, to } = flags;
  const resolved = await resolveSources({ sources, bucket, prefix, env: process.env, config });
  const [named] = resolved;
  if (named === undefined || resolved.length !== 1)
    throw new UserError(`One source is merged into one table, but ${resolved.length} were given`, {
      wayOut: 'Run the command for each of them.',
    });
  const accessTo = (): S3Access => readS3Access({ flags, source: named, env: process.env });
  const places = await findPlaces({ named, to, cwd: process.cwd(), accessTo }, resources);
  const { source, destination, description, asked } = places;
  const stores = await openStores(destination, resources);
  const userFormats = configFormats(config?.formats ?? [], 'formats');
  const counted = [...asked, stores.slots, stores.ledger];
  return { source, destination, description, stores, userFormats, accessTo, counted };
}

async function openStores({ data, ledger, folder }: Destination, resources: RunResources): Promise<DestinationStores> {
  const staging = folder === undefined ? undefined : join(`${folder}.ledger`, 'staging');
  return {
    slots: await openForWriting(data, resources, staging),
    ledger: await openForWriting(ledger, resources, staging),
    pathOf: folder === undefined ? undefined : (key) => Buffer.from(join(folder, ...key.split('/'))),
  };
}
