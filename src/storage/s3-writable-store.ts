import { UserError } from '../errors.js';
import type { S3Access } from './s3-access.js';
import { memorySink } from './s3-body.js';
import { S3Connection } from './s3-connection.js';
import { checksumSink, crc64nvmeOf } from './s3-crc64nvme.js';
import { createObject } from './s3-create-object.js';
import { wayOut } from './s3-explain.js';
import { S3Failure, toFailure } from './s3-failure.js';
import { reasonOfFailure } from './s3-failure-reason.js';
import { getObject, type WantedObject } from './s3-get-object.js';
import { headObject, type ObjectHead } from './s3-head-object.js';
import { listPage } from './s3-list-page.js';
import { sizeOfBody } from './s3-new-object.js';
import { presignObject } from './s3-presign-object.js';
import { isAbsence, removeObject } from './s3-remove-object.js';
import { removeObjects } from './s3-remove-objects.js';
import { replaceObject } from './s3-replace-object.js';
import { s3StoreFailure } from './s3-store-failure.js';
import { tagObject, type Tagging } from './s3-tag-object.js';
import { expectUsableBucket } from './s3-usable-bucket.js';
import {
  type CreateBody,
  type ObjectFacts,
  type ObjectMetadata,
  type Removal,
  type StoreCapabilities,
  type StoreFailure,
  type VersionedKey,
  type WritableStore,
} from './writable-store.js';

export interface S3WritableOptions {
  /** A bucket's name, or the ARN of an access point. */
  readonly bucket: string;
  /** Empty, or a folder with or without the slash at its end. */
  readonly prefix: string;
  readonly access: S3Access;
}

/**
 * Opens a prefix of a bucket to write to; no request is made yet.
 * @throws UserError when the bucket cannot be addressed
 */
export async function openS3WritableStore({ bucket, prefix, access }: S3WritableOptions): Promise<WritableStore> {
  expectUsableBucket(bucket, access);
  const connection = await openConnection({ bucket, prefix, access });
  const objects = new WritableObjects(connection, prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`);
  return {
    name: objects.name,
    create: (key, body, metadata = {}) => objects.create(key, { body, metadata }),
    createInParts: (key, body, metadata = {}) => objects.create(key, { body, metadata, how: 'parts' }),
    replace: (key, bytes, contentType) => objects.replace(key, bytes, contentType),
    presign: (key, seconds) => objects.presign(key, seconds),
    facts: (key) => objects.facts(key),
    holds: (key, body, size) => objects.holds(key, body, size),
    get: (key) => objects.get(key),
    lists: (key) => objects.lists(key),
    remove: (key, version) => objects.remove({ key, version }),
    removeMany: (items) => objects.removeMany(items),
    removeInOneRequest: (items) => objects.removeMany(items, 'batch'),
    tag: (item, tags) => objects.tag(item, tags),
    adopt: (capabilities) => objects.adopt(capabilities),
    requests: () => connection.requests,
    close: () => connection.close(),
  };
}

/** From here on an object is sent in parts, where the store honours the condition then. */
const MULTIPART_BYTES = 64 * 1024 * 1024;

interface Creation {
  readonly body: CreateBody;
  readonly metadata: ObjectMetadata;
  readonly how?: 'parts';
}

class WritableObjects {
  readonly name: string;
  readonly #connection: S3Connection;
  readonly #prefix: string;
  #capabilities: StoreCapabilities | undefined;

  constructor(connection: S3Connection, prefix: string) {
    this.#connection = connection;
    this.#prefix = prefix;
    this.name = `s3://${connection.bucket}/${prefix}`;
  }

  adopt(capabilities: StoreCapabilities): void {
    this.#capabilities = capabilities;
  }

  create(key: string, { body, metadata, how }: Creation): Promise<'created' | 'exists'> {
    return this.#do('create', key, async () => {
      const size = await sizeOfBody(body);
      const mayCut = this.#capabilities?.multipartCreateIfAbsent === true;
      const object = { key: this.#whole(key), body, size, metadata };
      return createObject(this.#connection, object, how ?? (size >= MULTIPART_BYTES && mayCut ? 'parts' : 'whole'));
    });
  }

  replace(key: string, bytes: Uint8Array, contentType: string): Promise<void> {
    const object = { key: this.#whole(key), bytes, contentType };
    return this.#do('write', key, () => replaceObject(this.#connection, object));
  }

  presign(key: string, seconds: number): Promise<string> {
    return this.#do('sign a link to', key, () => presignObject(this.#connection, this.#whole(key), seconds));
  }

  facts(key: string): Promise<ObjectFacts | undefined> {
    return this.#do('look at', key, async () => {
      const head = await orAbsent(headObject(this.#connection, this.#whole(key), 'checksum'), isAbsence);
      return head === undefined ? undefined : factsOf(head);
    });
  }

  holds(key: string, body: CreateBody, size: number): Promise<boolean> {
    return this.#do('look at', key, async () => {
      const head = await orAbsent(headObject(this.#connection, this.#whole(key), 'checksum'), isAbsence);
      if (head?.size !== size) return false;
      const found = head.crc64nvme ?? (await this.#sumOf({ key: this.#whole(key), etag: head.etag, size }));
      return found === (await crc64nvmeOf(body));
    });
  }

  /** Of the object as it is read back. */
  async #sumOf(wanted: WantedObject): Promise<string> {
    const connection = this.#connection;
    let sink = checksumSink();
    await connection.run('GetObject', () => getObject(connection, wanted, () => (sink = checksumSink())));
    return sink.sum();
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#do('read', key, async () => {
      const connection = this.#connection;
      const get = connection.run('GetObject', () => getObject(connection, { key: this.#whole(key) }, memorySink));
      // Another 404 than this may be anybody's.
      const body = await orAbsent(get, ({ code }) => code === 'NoSuchKey');
      if (body?.kind === 'file') throw new Error('a body in memory is no file');
      return body?.bytes;
    });
  }

  lists(key: string): Promise<boolean> {
    return this.#do('list', key, async () => {
      const { keys } = await listPage(this.#connection, { prefix: this.#whole(key) });
      return keys.some((listed) => listed.key === this.#whole(key));
    });
  }

  remove({ key, version }: VersionedKey): Promise<Removal> {
    return this.#do('remove', key, () => removeObject(this.#connection, { key: this.#whole(key), version }));
  }

  removeMany(items: readonly VersionedKey[], how?: 'batch'): Promise<readonly (Removal | StoreFailure)[]> {
    const whole = items.map(({ key, version }) => ({ key: this.#whole(key), version }));
    const inBatches = how === 'batch' || this.#capabilities?.conditionalBatchRemove === true;
    return removeObjects(this.#connection, whole, inBatches ? 'batches' : 'single');
  }

  tag(item: VersionedKey, tags: Readonly<Record<string, string>>): Promise<Tagging> {
    const { key, version } = item;
    return this.#do('tag', key, () => tagObject(this.#connection, { key: this.#whole(key), version }, tags));
  }

  #whole(key: string): string {
    return this.#prefix + key;
  }

  async #do<T>(what: string, key: string, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      throw s3StoreFailure(error, this.#connection, `${what} ${this.name}${key}`);
    }
  }
}

async function orAbsent<T>(asking: Promise<T>, isAbsent: (failure: S3Failure) => boolean): Promise<T | undefined> {
  try {
    return await asking;
  } catch (error) {
    const failure = toFailure(error);
    if (failure === undefined || !isAbsent(failure)) throw error;
    return undefined;
  }
}

/** What says nothing of its version and its time is no object of S3. */
function factsOf({ size, etag, modified, metadata, crc64nvme }: ObjectHead): ObjectFacts {
  if (etag === '' || modified === undefined)
    throw new S3Failure('Garbled', { text: 'an object without an ETag or a time' });
  return { size, version: etag, modified, metadata, ...(crc64nvme === undefined ? {} : { crc64nvme }) };
}

async function openConnection({ bucket, prefix, access }: S3WritableOptions): Promise<S3Connection> {
  try {
    return await S3Connection.open(bucket, access);
  } catch (error) {
    const failure = toFailure(error);
    if (failure === undefined) throw error;
    const asked = { bucket, access, operation: 'PutObject' };
    throw new UserError(`Cannot write to s3://${bucket}/${prefix}: ${reasonOfFailure(failure, asked)}`, {
      wayOut: wayOut(failure, asked),
      cause: failure,
    });
  }
}
