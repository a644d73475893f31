import type { StoredObject } from './object-store.js';
import type { S3Connection } from './s3-connection.js';
import type { ListedKey } from './s3-list-page.js';

/** Describes a listed key as an object: its shown key is relative to the root, its identity holds the whole key. */
export function s3Object(connection: S3Connection, listed: ListedKey, root: string): StoredObject {
  const { key, size, etag, modified } = listed;
  return {
    key: key.slice(root.length),
    size,
    identity: identityOfBucket(connection) + key,
    version: etag,
    ...(modified === undefined ? {} : { modified }),
  };
}

/** The whole key of an object that `s3Object` described. */
export function keyOf(connection: S3Connection, object: StoredObject): string {
  return object.identity.slice(identityOfBucket(connection).length);
}

/** What the identities of a bucket's objects begin with. A bucket's name is its own within a partition of AWS, or at an endpoint. */
export function identityOfBucket({ endpoint, bucket }: S3Connection): string {
  const { isCustom, url, signingRegion } = endpoint;
  const [partition = 'aws'] = /^(cn|us-gov|us-iso[a-z]*)(?=-)/.exec(signingRegion) ?? [];
  return `s3:${isCustom ? url.host : partition}:${bucket}/`;
}
