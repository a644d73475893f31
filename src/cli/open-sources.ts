import { readDescription } from '../compaction/prepare-compaction.js';
import { UserError } from '../errors.js';
import { openLocation, parseLocation } from '../storage/location.js';
import { NothingThere, type ObjectStore } from '../storage/object-store.js';
import type { S3Access } from '../storage/s3-access.js';
import { findPlainHttp } from './find-plain-http.js';
import { describeSource } from './locate-source.js';
import { openForWriting, type Place, type PlacedStore } from './open-beside.js';
import { readS3Access } from './read-s3-access.js';
import type { S3Flags } from './s3-flags.js';
import type { ResolvedSource } from './resolve-sources.js';
import type { RunResources } from './run-resources.js';

/** How objects are read, and what a prefix may be. */
export interface HowToOpen {
  /** Objects that change after they were listed are not read. */
  readonly asListed?: boolean;
  /** A prefix of a bucket may be without any object: it is known to be a source. */
  readonly mayBeEmpty?: boolean;
}

/**
 * Opens what is to be read, in the order given; the run closes it. Warns of what would travel unencrypted.
 * @throws UserError when a source cannot be opened, or `--region` is meant for calls
 */
export async function openSources(
  sources: readonly ResolvedSource[],
  flags: S3Flags,
  resources: RunResources,
  how: HowToOpen = {},
): Promise<readonly PlacedStore[]> {
  const placed = sources.map((source): Place => {
    const location = parseLocation(source.location);
    return { location, access: location.kind === 's3' ? readS3Access({ flags, source, env: process.env }) : undefined };
  });
  const accesses = placed.flatMap(({ access }) => access ?? []);
  if (accesses.length === 0 && flags.region !== undefined) throw regionOfCalls(flags.region);
  warnOfPlainHttp(accesses, resources);
  const opened: PlacedStore[] = [];
  for (const one of placed) {
    const store = await openPlace(one, placed, { resources, how });
    resources.hold(store);
    opened.push({ ...one, store });
  }
  return opened;
}

interface Opening {
  readonly resources: RunResources;
  readonly how: HowToOpen;
}

/**
 * A prefix without a key is something all the same where a ledger says so: a table that nothing was merged into yet, or the
 * source of a table that is named, too, of which everything is merged and removed.
 */
async function openPlace(place: Place, all: readonly Place[], { resources, how }: Opening): Promise<ObjectStore> {
  try {
    return await openOne(place, resources, how);
  } catch (error) {
    const { location, access } = place;
    if (!(error instanceof NothingThere) || location.kind !== 's3') throw error;
    const folder = { location: { ...location, prefix: `${location.prefix.replace(/\/$/, '')}/` }, access };
    const own = describeSource(folder.location, undefined, process.cwd());
    const others = all.filter((one) => one !== place);
    const isKnown =
      (await sourceOfTable(folder, resources)) !== undefined ||
      (await Promise.all(others.map((one) => sourceOfTable(one, resources)))).includes(own);
    if (!isKnown) throw error;
    return openOne(folder, resources, { ...how, mayBeEmpty: true });
  }
}

/** What the table in a bucket is made from; undefined for another place. */
async function sourceOfTable({ location, access }: Place, resources: RunResources): Promise<string | undefined> {
  if (location.kind !== 's3') return undefined;
  const prefix = `${location.prefix.replace(/\/$/, '')}.ledger/`;
  const ledger = await openForWriting({ location: { ...location, prefix }, access }, resources);
  return (await readDescription(ledger))?.source;
}

async function openOne({ location, access }: Place, { folder }: RunResources, how: HowToOpen): Promise<ObjectStore> {
  return openLocation(location, {
    cwd: process.cwd(),
    stdin: process.stdin,
    ...(access === undefined ? {} : { s3: { ...how, access, folder: async () => (await folder()).path } }),
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
