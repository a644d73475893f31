import { stat } from 'node:fs/promises';
import { v7 as newId } from 'uuid';
import type { Neighbourhood } from '../compaction/open-table.js';
import { openLocation, type Location } from '../storage/location.js';
import type { ObjectStore } from '../storage/object-store.js';
import { openWritableStore } from '../storage/open-writable-store.js';
import type { S3Access } from '../storage/s3-access.js';
import type { WritableStore } from '../storage/writable-store.js';
import { locateSource } from './locate-source.js';
import type { RunResources } from './run-resources.js';

/** A location with how it is reached; `access` is there for buckets. */
export interface Place {
  readonly location: Location;
  readonly access: S3Access | undefined;
}

/** A place with the store that was opened on it. */
export interface PlacedStore extends Place {
  readonly store: ObjectStore;
}

/** Opens what lies beside the stores of a run; the run closes it. */
export function openBeside(
  placed: readonly PlacedStore[],
  accessTo: () => S3Access,
  resources: RunResources,
): Neighbourhood {
  const placeOf = (beside: ObjectStore, path: string): Place => {
    const found = placed.find(({ store }) => store === beside);
    if (found === undefined) throw new Error('a store is asked for its neighbours that is none of this run');
    const { location, access } = found;
    if (location.kind === 's3') return { location: { ...location, prefix: path }, access };
    return { location: { kind: 'path', path }, access: undefined };
  };
  return {
    openFolder: (beside, path) => openIfThere(placeOf(beside, path), resources),
    openKeys: (beside, path) => openForWriting(placeOf(beside, path), resources),
    openSource: (beside, tablePath, source) => {
      const { location: table, access: own } = placeOf(beside, tablePath);
      const location = locateSource(source, table.kind === 'path' ? table.path.replace(/\/+$/, '') : undefined);
      const access = location.kind === 's3' ? (own ?? accessTo()) : undefined;
      return openIfThere({ location, access }, resources);
    },
  };
}

/** Opens a folder or a prefix for reading, however few objects it holds; undefined where there is no such folder. */
export async function openIfThere(
  { location, access }: Place,
  resources: RunResources,
): Promise<ObjectStore | undefined> {
  if (location.kind === 'path' && !(await isThere(location.path))) return undefined;
  const folder = async (): Promise<string> => (await resources.folder()).path;
  const s3 = access === undefined ? {} : { s3: { access, folder, mayBeEmpty: true, asListed: true } };
  const store = await openLocation(location, { cwd: process.cwd(), ...s3 });
  resources.hold(store);
  return store;
}

/**
 * Opens a folder or a prefix for writing; nothing is made yet.
 * @param staging for a folder: where files are made, on the same file system
 */
export async function openForWriting(
  { location, access }: Place,
  resources: RunResources,
  staging = 'unused',
): Promise<WritableStore> {
  const folder = async (): Promise<string> => (await resources.folder()).path;
  const store = await openWritableStore(location, {
    cwd: process.cwd(),
    newName: newId,
    staging,
    ...(access === undefined ? {} : { s3: { access, folder } }),
  });
  resources.hold({ close: () => store.close?.() });
  return store;
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => !['ENOENT', 'ENOTDIR'].includes(error.code ?? ''),
  );
}
