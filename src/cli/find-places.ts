import { dirname, resolve } from 'node:path';
import type { DestinationDescription } from '../compaction/destination-description.js';
import { readDescription } from '../compaction/prepare-compaction.js';
import { parseLocation, type Location } from '../storage/location.js';
import type { S3Access } from '../storage/s3-access.js';
import type { WritableStore } from '../storage/writable-store.js';
import { findDestination, type Destination } from './find-destination.js';
import { openForWriting, type Place } from './open-beside.js';
import type { ResolvedSource } from './resolve-sources.js';
import type { RunResources } from './run-resources.js';

/** A source and its merged table, whichever of the two the user has named. */
export interface TablePlaces {
  readonly source: ResolvedSource;
  readonly destination: Destination;
  /** What the table was made from, and how; undefined where it is not made yet. */
  readonly description: DestinationDescription | undefined;
  /** What was asked to find out, for its requests. */
  readonly asked: readonly Pick<WritableStore, 'requests'>[];
}

export interface PlacesChoice {
  /** What the user named: a source, or a table. */
  readonly named: ResolvedSource;
  /** `--to`. */
  readonly to: string | undefined;
  readonly cwd: string;
  readonly accessTo: () => S3Access;
}

/**
 * Finds the places of a source and its table. Where the ledger beside what was named says that it is a table, the source is
 * taken from there.
 * @throws UserError where `findDestination` does, or a ledger cannot be read
 */
export async function findPlaces(choice: PlacesChoice, resources: RunResources): Promise<TablePlaces> {
  const { named, to, cwd, accessTo } = choice;
  const found = to === undefined ? await findItself(choice, resources) : NOTHING;
  if (found.places !== undefined) return { ...found.places, asked: found.asked };
  const destination = findDestination({ source: parseLocation(named.location), to, cwd, accessTo });
  const ledger = await openForWriting(destination.ledger, resources);
  const description = await readDescription(ledger);
  return { source: named, destination, description, asked: [...found.asked, ledger] };
}

interface Found {
  readonly places: Omit<TablePlaces, 'asked'> | undefined;
  readonly asked: TablePlaces['asked'];
}

const NOTHING: Found = { places: undefined, asked: [] };

async function findItself(choice: PlacesChoice, resources: RunResources): Promise<Found> {
  const { named, cwd, accessTo } = choice;
  const table = parseLocation(named.location);
  const place = ledgerOf(table, choice);
  if (place === undefined) return NOTHING;
  const ledger = await openForWriting(place, resources);
  const description = await readDescription(ledger);
  if (description === undefined) return { places: undefined, asked: [ledger] };
  const location = sourceOf(description, table, cwd);
  const destination = findDestination({ source: parseLocation(location), to: named.location, cwd, accessTo });
  const places = {
    source: { ...named, location },
    destination: { ...destination, source: description.source },
    description,
  };
  return { places, asked: [ledger] };
}

function ledgerOf(table: Location, { cwd, accessTo }: PlacesChoice): Place | undefined {
  if (table.kind === 'stdin') return undefined;
  if (table.kind === 'path')
    return { location: { kind: 'path', path: `${resolve(cwd, table.path)}.ledger` }, access: undefined };
  const prefix = table.prefix.replace(/\/+$/, '');
  return prefix === '' ? undefined : { location: { ...table, prefix: `${prefix}.ledger/` }, access: accessTo() };
}

/** Descriptions name a source on this machine from the folder that the table lies in. */
function sourceOf({ source }: DestinationDescription, table: Location, cwd: string): string {
  if (parseLocation(source).kind !== 'path') return source;
  return table.kind === 'path' ? resolve(dirname(resolve(cwd, table.path)), source) : resolve(cwd, source);
}
