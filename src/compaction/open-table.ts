import type { ObjectStore } from '../storage/object-store.js';
import type { WritableStore } from '../storage/writable-store.js';
import type { DestinationDescription } from './destination-description.js';
import { readDescription } from './prepare-compaction.js';
import type { LedgerStores } from './read-ledger.js';

/** Opens what lies beside a store, by whole paths as its context is one. */
export interface Neighbourhood {
  /** A folder for reading; undefined where there is none. */
  openFolder(beside: ObjectStore, path: string): Promise<ObjectStore | undefined>;
  /** A folder whose small objects can be asked for by key; nothing is made. */
  openKeys(beside: ObjectStore, path: string): Promise<Pick<WritableStore, 'get' | 'name'>>;
  /** The source that a description names; undefined where there is nothing any more. */
  openSource(beside: ObjectStore, tablePath: string, source: string): Promise<ObjectStore | undefined>;
}

/** A merged table that was found to be one. */
export interface Table extends LedgerStores {
  readonly path: string;
  readonly description: DestinationDescription;
  readonly source: ObjectStore | undefined;
}

/**
 * Opens a folder as a merged table; undefined where it has no ledger.
 * @param path the table's whole path, with a slash at its end
 * @throws UserError when the ledger cannot be read
 */
export async function openTable(
  path: string,
  beside: ObjectStore,
  neighbourhood: Neighbourhood,
): Promise<Table | undefined> {
  const ledgerPath = `${path.slice(0, -1)}.ledger/`;
  const keys = await neighbourhood.openKeys(beside, ledgerPath);
  const description = await readDescription(keys);
  if (description === undefined) return undefined;
  return {
    path,
    description,
    get: (key) => keys.get(key),
    data: await neighbourhood.openFolder(beside, path),
    ledger: await neighbourhood.openFolder(beside, ledgerPath),
    source: await neighbourhood.openSource(beside, path, description.source),
  };
}
