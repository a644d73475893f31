import { createHash } from 'node:crypto';
import { type Checksum, computeChecksum } from './checksums.js';
import { type ObjectVersion, ObjectTable } from './object-table.js';
import type { Upload } from './multipart.js';
import { S3Error } from './s3-error.js';

export interface BucketOptions {
  /** Requests signed for another region are sent there. */
  readonly region?: string;
  /** Unsigned requests may read. */
  readonly anonymous?: boolean;
  /** Every request must say that the requester pays. */
  readonly requesterPays?: boolean;
  /** Twelve digits; the account of all buckets unless given. */
  readonly owner?: string;
  readonly versioning?: 'Enabled' | 'Suspended';
}

export interface Bucket extends Required<Omit<BucketOptions, 'versioning'>> {
  readonly name: string;
  readonly created: Date;
  readonly objects: ObjectTable;
  readonly uploads: Map<string, Upload>;
  versioning: 'Enabled' | 'Suspended' | undefined;
}

/** What a new version is made of; the rest follows from the bucket and the clock. */
export interface NewObject {
  readonly key: string;
  readonly body: Buffer;
  readonly etag?: string;
  readonly lastModified?: Date;
  readonly checksum?: Checksum | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly storageClass?: string;
  readonly tags?: ObjectVersion['tags'];
}

/** All that the server holds. Every method is synchronous: what one request does is done at once, so conditions hold. */
export class Buckets {
  readonly now: () => Date;
  readonly #defaults: Required<Omit<BucketOptions, 'versioning'>>;
  readonly #buckets = new Map<string, Bucket>();
  #serial = 0;

  constructor(now: () => Date, region: string) {
    this.now = now;
    this.#defaults = { region, anonymous: false, requesterPays: false, owner: '123456789012' };
  }

  all(): readonly Bucket[] {
    return [...this.#buckets.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  find(name: string): Bucket | undefined {
    return this.#buckets.get(name);
  }

  /** @throws S3Error NoSuchBucket. */
  get(name: string): Bucket {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) throw new S3Error('NoSuchBucket', undefined, { details: { BucketName: name } });
    return bucket;
  }

  create(name: string, { versioning, ...options }: BucketOptions = {}): Bucket {
    const bucket = {
      ...this.#defaults,
      ...options,
      name,
      versioning,
      created: this.now(),
      objects: new ObjectTable(),
      uploads: new Map<string, Upload>(),
    };
    this.#buckets.set(name, bucket);
    return bucket;
  }

  delete(name: string): void {
    this.#buckets.delete(name);
  }

  /** Stores an object as the newest version of its key. */
  store(bucket: Bucket, object: NewObject): ObjectVersion {
    const version: ObjectVersion = {
      etag: `"${createHash('md5').update(object.body).digest('hex')}"`,
      lastModified: this.now(),
      headers: {},
      storageClass: 'STANDARD',
      tags: [],
      ...object,
      // S3 computes one of its own for what came without.
      checksum: 'checksum' in object ? object.checksum : computeChecksum('CRC64NVME', object.body),
      versionId: bucket.versioning === 'Enabled' ? this.nextId() : 'null',
      deleteMarker: false,
    };
    bucket.objects.add(version);
    return version;
  }

  /** Deletes as an unversioned DELETE does: leaves a mark where the bucket keeps versions, and gives it. */
  erase(bucket: Bucket, key: string): ObjectVersion | undefined {
    if (bucket.versioning === undefined) {
      bucket.objects.remove(key, 'null');
      return undefined;
    }
    const versionId = bucket.versioning === 'Enabled' ? this.nextId() : 'null';
    const marker = { key, versionId, deleteMarker: true, body: Buffer.alloc(0), etag: '', lastModified: this.now() };
    const version = { ...marker, checksum: undefined, headers: {}, storageClass: 'STANDARD', tags: [] };
    bucket.objects.add(version);
    return version;
  }

  /** Unique in this server, the same in every run. */
  nextId(): string {
    return createHash('sha256').update(`id ${++this.#serial}`).digest('base64url').slice(0, 32);
  }
}
