import type { ObjectStore, StoredObject } from './object-store.js';
import type { S3Access } from './s3-access.js';
import { expectUsableBucket } from './s3-usable-bucket.js';
import { S3Connection } from './s3-connection.js';
import { explainFailure } from './s3-explain.js';
import { toFailure } from './s3-failure.js';
import { findRoot, type S3Root } from './s3-root.js';
import type { ListedKey, ListPage } from './s3-list-page.js';
import { listBucket, type ListingOptions } from './s3-listing.js';
import { identityOfBucket, s3Object } from './s3-object.js';
import { readMetadata } from './s3-read-metadata.js';
import { S3Reader } from './s3-reader.js';

export type { S3Access } from './s3-access.js';

export interface S3StoreOptions {
  /** A bucket's name, or the ARN of an access point. */
  readonly bucket: string;
  /** Empty, or a folder with or without the slash at its end, or one key. */
  readonly prefix: string;
  readonly access: S3Access;
  /** A private folder of the run, made at first need: large objects are downloaded into it, and those that the engine reads. */
  readonly folder: () => Promise<string>;
  /** A prefix without a single key is a folder, too: one that is still to be written to. */
  readonly mayBeEmpty?: boolean;
  /** Objects that have changed since they were listed cannot be read. */
  readonly asListed?: boolean;
}

/**
 * Opens what is below a prefix of a bucket, or one object as a store of this one. A prefix ends at a slash: `logs` is the
 * folder `logs/` and never `logs-old/`.
 * @throws UserError when the bucket, the prefix or the credentials cannot be used
 */
export async function openS3Store(options: S3StoreOptions): Promise<ObjectStore> {
  const { bucket, prefix, access } = options;
  const asked = { name: `s3://${bucket}/${prefix}`, bucket, access };
  expectUsableBucket(bucket, access);
  const connection = await explained(S3Connection.open(bucket, access), asked);
  try {
    const root = await explained(findRoot(connection, prefix, options.mayBeEmpty), { ...asked, ...connection.shown });
    return storeOf(root, connection, options);
  } catch (error) {
    connection.close();
    throw error;
  }
}

async function explained<T>(
  promise: Promise<T>,
  asked: { name: string; bucket: string; access: S3Access },
): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    const failure = toFailure(error);
    throw failure === undefined
      ? error
      : explainFailure(failure, { ...asked, operation: failure.operation ?? 'ListObjectsV2' });
  }
}

function storeOf(root: S3Root, connection: S3Connection, { bucket, folder, asListed }: S3StoreOptions): ObjectStore {
  const name = `s3://${bucket}/${root.prefix}`;
  const context = root.prefix.slice(0, root.prefix.lastIndexOf('/') + 1);
  const reader = new S3Reader({ connection, name, folder, ...(asListed === undefined ? {} : { asListed }) });
  const describe = (listed: ListedKey): StoredObject => s3Object(connection, listed, context);
  return {
    name,
    context,
    root: identityOfBucket(connection) + context,
    ...(root.kind === 'object'
      ? { single: true, list: listOne(describe(root.object)) }
      : { list: listFolder({ connection, name, root: root.prefix, describe }, root.firstPage) }),
    read: (object) => reader.read(object),
    download: (object) => reader.download(object),
    metadata: (object) => readMetadata(connection, object),
    expect: (objects) => reader.expect(objects),
    requests: () => connection.requests,
    close: () => {
      reader.close();
      connection.close();
    },
  };
}

function listOne(object: StoredObject): ObjectStore['list'] {
  return async function* () {
    yield { kind: 'object', object };
  };
}

/** The first listing begins with the page by which the folder was found, if any; a later one looks anew. */
function listFolder(options: Omit<ListingOptions, 'judge' | 'firstPage'>, firstPage?: ListPage): ObjectStore['list'] {
  let known = firstPage;
  return (judge) => {
    const page = known;
    known = undefined;
    return listBucket({ ...options, judge, ...(page === undefined ? {} : { firstPage: page }) });
  };
}
