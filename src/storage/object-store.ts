import { UserError, type UserErrorOptions } from '../errors.js';

/** One object as a listing gave it. */
export interface StoredObject {
  /** The key relative to the store's root, parts separated by `/`, as shown to people. */
  readonly key: string;
  /** Bytes as stored (compressed). */
  readonly size: number;
  /** The same for an object reached through two sources; different for two objects. */
  readonly identity: string;
  /** Changes when the bytes change (a file's inode, size and times; an ETag). */
  readonly version: string;
  /** When it was written, in milliseconds since 1970 by the store's clock; absent where nobody knows (standard input). */
  readonly modified?: number;
}

/** Something that a listing met and that is not an object to read, with the reason: `symbolic link`, `not a regular file`. */
export interface SkippedEntry {
  readonly key: string;
  readonly reason: string;
}

/** Something that a listing could not look into: a folder without read permission. */
export interface FailedEntry {
  readonly key: string;
  readonly reason: string;
}

export type ListedEntry =
  | { readonly kind: 'object'; readonly object: StoredObject }
  | { readonly kind: 'skipped'; readonly entry: SkippedEntry }
  | { readonly kind: 'failed'; readonly entry: FailedEntry };

/**
 * What to do with a prefix: look into it; leave it out, unreported, because nothing below it is asked for; or report every
 * object below it as skipped with the reason, without looking at the objects themselves. Prefixes below a skipped one are
 * judged too, so that they can be left out.
 */
export type PrefixVerdict = 'descend' | 'outside' | { readonly skip: string };

/**
 * Where objects live. Everything above `storage/` sees only this interface.
 * Objects come in no promised order; keys never become local paths outside the store itself.
 */
export interface ObjectStore {
  /** How the root is shown to people: `logs/`, `s3://bucket/prefix/`. */
  readonly name: string;
  /** The folders that the root lies in and its own, parts separated by `/`: the root may be inside a Hive partition. */
  readonly context?: string;
  /**
   * What the identities of the objects begin with: `identity.slice(root.length)` is the key below the root, byte for byte (one
   * character a byte for files, the key itself in a bucket). For a single object, the folder that it lies in.
   */
  readonly root?: string;
  /** True when the root is one object that the user named: it is to be read whatever its name looks like. */
  readonly single?: boolean;
  /** True when the objects can be read only once: standard input. */
  readonly readOnce?: boolean;
  /**
   * Lists every object below the root. `judge` is asked once for each prefix (relative to the root, ending in `/`; never
   * the root itself) before anything below it is listed.
   */
  list(judge: (prefix: string) => PrefixVerdict): AsyncIterable<ListedEntry>;
  /**
   * The object's bytes, in chunks of any size; an object of up to about a megabyte comes as one chunk, which holds only until
   * another object of the store is read.
   * @throws ObjectReadError when the object cannot be read, is gone, or changed since it was listed.
   */
  read(object: StoredObject): AsyncIterable<Uint8Array>;
  /** Where the engine can read the object itself; absent where objects are not files of this machine. */
  localPath?(object: StoredObject): Buffer;
  /**
   * Brings the object into a file of the run, for an engine that reads nothing else; the file is there until another object
   * is read. Absent where objects are files already, or can be read only once.
   * @throws ObjectReadError when the object cannot be read, is gone, or changed since it was listed.
   */
  download?(object: StoredObject): Promise<Buffer>;
  /**
   * The user metadata of an object, by lower-case names. Absent where objects have none.
   * @throws ObjectReadError when they cannot be read, or the object is gone or changed since it was listed.
   */
  metadata?(object: StoredObject): Promise<Readonly<Record<string, string>>>;
  /** Announces the objects that will be read next, in this order: a store that is far away fetches ahead of the reader. */
  expect?(objects: readonly StoredObject[]): void;
  /** Requests made so far, by the name of the operation (`ListObjectsV2`, `GetObject`). Absent where requests cost nothing. */
  requests?(): Readonly<Record<string, number>>;
  /** Ends what is under way and lets go of connections. */
  close?(): void;
}

/** There is nothing at a place that was named: no object and no folder. */
export class NothingThere extends UserError {
  constructor(message: string, options?: UserErrorOptions) {
    super(message, options);
    this.name = 'NothingThere';
  }
}

/** An object that could not be read to its end. The message is the reason alone, without the key. */
export class ObjectReadError extends Error {
  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.name = 'ObjectReadError';
  }
}
