import { UserError, type UserErrorOptions } from '../errors.js';

/**
 * What an object is made of. A file lies on the same file system as the root of a local store, best in its `staging` folder;
 * a local store moves it: after 'created' it is no longer where it was.
 */
export type CreateBody = { readonly bytes: Uint8Array } | { readonly file: string };

/** User metadata by lower-case names; names and values in ASCII. Local stores keep none. */
export type ObjectMetadata = Readonly<Record<string, string>>;

/** What a store says of an object without its bytes. */
export interface ObjectFacts {
  readonly size: number;
  /** As listings give it: the same until the object changes. */
  readonly version: string;
  /** Milliseconds since 1970 by the store's clock; S3 gives whole seconds here and may give finer ones in lists. */
  readonly modified: number;
  readonly metadata: ObjectMetadata;
  /** The checksum that the store keeps of the whole object, base64; absent where it keeps none of this kind, as some do of parts. */
  readonly crc64nvme?: string;
}

/** An object in one of its versions. */
export interface VersionedKey {
  readonly key: string;
  readonly version: string;
}

/**
 * What became of a removal. `removed`: that version is no longer there, or was not before: some servers do not tell. `changed`:
 * there is another version, which was left alone. `gone`: there is none, which may be this very call's doing (a lost reply).
 */
export type Removal = 'removed' | 'changed' | 'gone';

/** What a probe has shown that a store does. What it does not enforce must not be relied on. */
export interface StoreCapabilities {
  readonly createIfAbsent: boolean;
  /** The same for objects that are sent in parts. */
  readonly multipartCreateIfAbsent: boolean;
  readonly conditionalRemove: boolean;
  /** The same for many objects in one request. */
  readonly conditionalBatchRemove: boolean;
  /** Listings show at once what was created and removed. */
  readonly listsAtOnce: boolean;
  /** User metadata come back. */
  readonly keepsMetadata: boolean;
  /** Why something is not so, a sentence each. */
  readonly findings: readonly string[];
}

/** Where slots and the ledger are written. Keys are relative to the root, parts separated by `/`. */
export interface WritableStore {
  /** How the root is shown to people: `s3://bucket/table.ledger/`, `table.ledger/`. */
  readonly name: string;
  /**
   * A folder on the same file system as the root in which files to be created may be prepared; it may have to be made first.
   * Absent where any local folder will do (S3).
   */
  readonly staging?: string;
  /**
   * Creates an object, never overwrites one; durable when it returns 'created'. 'exists': there is one already, which may be
   * this very call's doing (a lost reply): compare before giving up.
   * @throws StoreFailure with outcome 'unknown' (may or may not have been created) or 'refused' (was not)
   */
  create(key: string, body: CreateBody, metadata?: ObjectMetadata): Promise<'created' | 'exists'>;
  /**
   * Creates an object as `create` does, in parts whatever its size; absent where there is no such thing.
   * @throws StoreFailure as `create` does
   */
  createInParts?(key: string, body: CreateBody, metadata?: ObjectMetadata): Promise<'created' | 'exists'>;
  /**
   * Writes an object of a few megabytes, over one that may be there, in one request; absent where there is no such thing.
   * @throws StoreFailure where it may, or may not, have been written
   */
  replace?(key: string, bytes: Uint8Array, contentType: string): Promise<void>;
  /** An address at which anybody can read the object for so many seconds; absent where there is no such thing. */
  presign?(key: string, seconds: number): Promise<string>;
  /**
   * What the store says of an object; undefined where there is none.
   * @throws StoreFailure when it cannot be asked
   */
  facts(key: string): Promise<ObjectFacts | undefined>;
  /**
   * Whether an object is what it was created from: by its size, and in a bucket by the checksum that the store keeps of it, or by
   * its bytes where it keeps none. A file of a local store is the very file that was prepared.
   * @throws StoreFailure when it cannot be asked
   */
  holds(key: string, body: CreateBody, size: number): Promise<boolean>;
  /**
   * The bytes of a small object (up to 64 MiB), verified where the store keeps a checksum; undefined where there is none.
   * @throws StoreFailure when it cannot be read, or is larger
   */
  get(key: string): Promise<Uint8Array | undefined>;
  /**
   * Whether a listing has the object now.
   * @throws StoreFailure when it cannot be listed
   */
  lists(key: string): Promise<boolean>;
  /**
   * Removes an object if it is still that version.
   * @throws StoreFailure with outcome 'unknown' (may or may not have been removed) or 'refused' (was not)
   */
  remove(key: string, version: string): Promise<Removal>;
  /**
   * Removes each object if it is still that version, by as few requests as `adopt` allows. The results are in the order of the
   * items; what could not be removed has the failure as its result.
   */
  removeMany(items: readonly VersionedKey[]): Promise<readonly (Removal | StoreFailure)[]>;
  /**
   * Removes up to 1,000 objects as `removeMany` does, in one request whatever was adopted; absent where there is no such thing.
   * Where the store ignores conditions, it removes other versions too.
   */
  removeInOneRequest?(items: readonly VersionedKey[]): Promise<readonly (Removal | StoreFailure)[]>;
  /**
   * Adds tags to an object if it is still that version; tags of other names stay. Absent where there are no tags.
   * @throws StoreFailure when it may not, or may have been done
   */
  tag?(item: VersionedKey, tags: Readonly<Record<string, string>>): Promise<'tagged' | 'changed' | 'gone'>;
  /** Tells what a probe has found. Until then nothing is used but single requests: no parts, no batches. */
  adopt(capabilities: StoreCapabilities): void;
  /** Requests made so far, by the name of the operation. Absent where requests cost nothing. */
  requests?(): Readonly<Record<string, number>>;
  /** Ends what is under way and lets go of connections. */
  close?(): void;
}

/** Whether what was asked for was done all the same: `refused` says that it was not. */
export type FailureOutcome = 'unknown' | 'refused';

/** A store that did not do what it was asked for. */
export class StoreFailure extends UserError {
  readonly outcome: FailureOutcome;

  constructor(message: string, options: UserErrorOptions & { readonly outcome: FailureOutcome }) {
    super(message, options);
    this.name = 'StoreFailure';
    this.outcome = options.outcome;
  }
}

/** Larger objects are not read whole. */
export const MAX_WHOLE_BYTES = 64 * 1024 * 1024;
