import { closestName } from '../closest-name.js';
import { NothingThere } from './object-store.js';
import type { S3Connection } from './s3-connection.js';
import { S3Failure, toFailure } from './s3-failure.js';
import { type ListedKey, type ListPage, listPage } from './s3-list-page.js';
import { headObject } from './s3-head-object.js';

/** What a prefix names: one object, or a folder, with the first page of its listing where that had to be looked at. */
export type S3Root =
  | { readonly kind: 'object'; readonly prefix: string; readonly object: ListedKey }
  | { readonly kind: 'folder'; readonly prefix: string; readonly firstPage?: ListPage };

/**
 * Looks whether a prefix is the key of an object, which comes first, or a folder.
 * @param mayBeEmpty a folder without a key in it is one, too: nothing of it is listed then before somebody lists it, since
 * what a listing shows may hang on when it is made
 * @throws NothingThere when it is neither, S3Failure when that cannot be found out
 */
export async function findRoot(connection: S3Connection, prefix: string, mayBeEmpty = false): Promise<S3Root> {
  const isFolder = prefix === '' || prefix.endsWith('/');
  const object = isFolder ? undefined : await findObject(connection, prefix);
  if (object !== undefined && !(object instanceof S3Failure)) return { kind: 'object', prefix, object };
  const folder = isFolder ? prefix : `${prefix}/`;
  if (mayBeEmpty) return { kind: 'folder', prefix: folder };
  const firstPage = await listPage(connection, { prefix: folder });
  const isThere = folder === '' || firstPage.keys.length > 0 || firstPage.next !== undefined;
  if (!isThere) throw object ?? (await nothingThere(connection, prefix));
  return { kind: 'folder', prefix: folder, firstPage };
}

/** A refusal is not the last word, unless the listing that follows finds nothing either: that may be all that is allowed. */
async function findObject(connection: S3Connection, key: string): Promise<ListedKey | S3Failure | undefined> {
  try {
    return await headObject(connection, key);
  } catch (error) {
    const failure = toFailure(error);
    if (failure?.status === undefined || failure.isPassing) throw error;
    return failure.status === 404 ? undefined : failure;
  }
}

async function nothingThere(connection: S3Connection, prefix: string): Promise<NothingThere> {
  const { bucket } = connection;
  const meant = await nearestName(connection, prefix.replace(/\/$/, ''));
  return new NothingThere(`No such key or prefix: s3://${bucket}/${prefix}`, {
    wayOut: meant === undefined ? [] : `Did you mean s3://${bucket}/${meant}?`,
  });
}

/** A neighbour in the same folder with a similar name. */
async function nearestName(connection: S3Connection, path: string): Promise<string | undefined> {
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  const page = await listPage(connection, { prefix: folder, folders: true }).catch(() => undefined);
  if (page === undefined) return undefined;
  const names = [...page.folders, ...page.keys.map(({ key }) => key)].map((name) => name.slice(folder.length));
  const name = closestName(
    path.slice(folder.length),
    names.map((found) => found.replace(/\/$/, '')),
  );
  if (name === undefined) return undefined;
  return folder + (names.includes(`${name}/`) ? `${name}/` : name);
}
