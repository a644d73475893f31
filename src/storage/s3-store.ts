import { UserError } from '../errors.js';
import type { ObjectStore } from './object-store.js';

export interface S3StoreOptions {
  /** Its name, or the ARN of an access point. */
  readonly bucket: string;
  readonly prefix: string;
  readonly access: S3Access;
  /** A private folder of the run, made at first need. */
  readonly folder: () => Promise<string>;
}

/** What flags, configuration and environment say of how a bucket is reached. */
export interface S3Access {
  readonly endpointUrl?: string;
  readonly region?: string;
  readonly profile?: string;
  readonly noSignRequest?: boolean;
  readonly requestPayer?: boolean;
  readonly expectedBucketOwner?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly connectTimeoutMs?: number;
  readonly readTimeoutMs?: number;
  readonly maxConcurrency?: number;
}

/** @throws UserError always: this version reads no buckets */
export async function openS3Store({ bucket, prefix }: S3StoreOptions): Promise<ObjectStore> {
  throw new UserError(`Cannot open s3://${bucket}/${prefix}: buckets are not supported yet by this version`, {
    wayOut: 'Copy the objects to a folder and give that folder as the source.',
  });
}
