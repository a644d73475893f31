import { UserError } from '../errors.js';
import { openLocation, parseLocation, type Location } from '../storage/location.js';
import type { ObjectStore } from '../storage/object-store.js';
import type { S3Access } from '../storage/s3-access.js';
import { findPlainHttp } from './find-plain-http.js';
import type { CommandFlags } from './flags.js';
import { readS3Access } from './read-s3-access.js';
import type { ResolvedSource } from './resolve-sources.js';
import type { RunResources } from './run-resources.js';

interface PlacedSource {
  readonly location: Location;
  /** How a bucket is reached; undefined where the source is none. */
  readonly access: S3Access | undefined;
}

/**
 * Opens what is to be read, in the order given; the run closes it. Warns of what would travel unencrypted.
 * @throws UserError when a source cannot be opened, or `--region` is meant for calls
 */
export async function openSources(
  sources: readonly ResolvedSource[],
  flags: CommandFlags,
  resources: RunResources,
): Promise<readonly ObjectStore[]> {
  const placed = sources.map((source): PlacedSource => {
    const location = parseLocation(source.location);
    return { location, access: location.kind === 's3' ? readS3Access({ flags, source, env: process.env }) : undefined };
  });
  const accesses = placed.flatMap(({ access }) => access ?? []);
  if (accesses.length === 0 && flags.region !== undefined) throw regionOfCalls(flags.region);
  warnOfPlainHttp(accesses, resources);
  const stores: ObjectStore[] = [];
  for (const one of placed) {
    const store = await openOne(one, resources);
    resources.hold(store);
    stores.push(store);
  }
  return stores;
}

async function openOne({ location, access }: PlacedSource, { folder }: RunResources): Promise<ObjectStore> {
  return openLocation(location, {
    cwd: process.cwd(),
    stdin: process.stdin,
    ...(access === undefined ? {} : { s3: { access, folder: async () => (await folder()).path } }),
  });
}

/** Passed over, it would leave somebody with the calls of all regions who asked for one. */
function regionOfCalls(region: string): UserError {
  return new UserError('--region says where a bucket is, and no source is a bucket', {
    wayOut: `Did you mean --region-name ${region}? It chooses the calls of a region.`,
  });
}

function warnOfPlainHttp(accesses: readonly S3Access[], { progress }: RunResources): void {
  for (const host of new Set(accesses.flatMap((access) => findPlainHttp({ ...access, env: process.env }) ?? [])))
    progress.warn(
      `Warning: ${host} is reached by http: credentials sign but do not encrypt, so others on the way can read what you read; https:// keeps it private`,
    );
}
