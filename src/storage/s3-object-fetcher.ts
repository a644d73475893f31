import { join } from 'node:path';
import { ObjectReadError, type StoredObject } from './object-store.js';
import { type BodySink, fileSink, memorySink, type ObjectBody } from './s3-body.js';
import type { S3Connection } from './s3-connection.js';
import { explainFailure } from './s3-explain.js';
import type { S3Failure } from './s3-failure.js';
import { toFailure } from './s3-failure.js';
import { reasonOfFailure } from './s3-failure-reason.js';
import { getObject, type WantedObject } from './s3-get-object.js';
import { headObject } from './s3-head-object.js';
import { keyOf } from './s3-object.js';

/** Larger objects are not held in memory. */
export const MAX_HELD_BYTES = 8 * 1024 * 1024;
/** An object that changes more often while it is read is left alone. */
const MAX_CHANGES = 3;
/** After so many objects in a row that could not be read for want of an answer, there is no use in going on. */
const MAX_LOST_IN_A_ROW = 100;

const OPERATION = { operation: 'GetObject' };

export interface FetcherOptions {
  readonly connection: S3Connection;
  /** How the source is shown. */
  readonly name: string;
  /** A private folder for large objects. */
  readonly folder: () => Promise<string>;
  /** Leave an object alone that has changed since it was listed, where else it is read as it is now. */
  readonly asListed?: boolean;
}

type ListedVersion = Required<WantedObject>;

/** Brings objects of a bucket here, whole and verified. */
export class ObjectFetcher {
  readonly #options: FetcherOptions;
  #files = 0;
  #lostInARow = 0;
  #hasRead = false;
  /** Why nothing more can be read, once that is known: what is left is not asked for. */
  #end: string | undefined;

  constructor(options: FetcherOptions) {
    this.#options = options;
  }

  /**
   * Gets an object as it was listed, or, unless that is not wanted, as it is now where it has changed since.
   * @throws ObjectReadError when this object cannot be read, UserError when none could be
   */
  async fetch(object: StoredObject): Promise<ObjectBody> {
    if (this.#end !== undefined) throw new ObjectReadError(this.#end);
    let wanted: ListedVersion = {
      key: keyOf(this.#options.connection, object),
      etag: object.version,
      size: object.size,
    };
    for (let changes = 0; ; changes++) {
      try {
        const body = await this.#get(wanted);
        this.#lostInARow = 0;
        this.#hasRead = true;
        return body;
      } catch (error) {
        const failure = toFailure(error);
        if (failure === undefined) throw error;
        const isLast = this.#options.asListed === true || changes === MAX_CHANGES;
        if (failure.status !== 412 || isLast) throw this.#giveUp(failure);
      }
      wanted = await this.#lookAgain(wanted.key);
    }
  }

  /** A new file of the run's folder. */
  async newPath(): Promise<string> {
    const folder = await this.#options.folder();
    return join(folder, `object-${++this.#files}`);
  }

  async #get(wanted: ListedVersion): Promise<ObjectBody> {
    const { connection } = this.#options;
    const openSink: () => BodySink = wanted.size <= MAX_HELD_BYTES ? memorySink : await this.#newFile();
    return connection.run('GetObject', () => getObject(connection, wanted, openSink));
  }

  async #newFile(): Promise<() => BodySink> {
    const path = await this.newPath();
    return () => fileSink(path);
  }

  /** What the key holds now. */
  async #lookAgain(key: string): Promise<ListedVersion> {
    try {
      return await headObject(this.#options.connection, key);
    } catch (error) {
      const failure = toFailure(error);
      throw failure === undefined ? error : this.#giveUp(failure);
    }
  }

  /** What was read before credentials expired or the server was lost is worth an answer; nothing is not. */
  #giveUp(failure: S3Failure): Error {
    const { name, connection } = this.#options;
    const asked = { ...connection.shown, ...OPERATION };
    if (failure.isPassing) this.#lostInARow++;
    const isEnd = failure.isIdentity || this.#lostInARow > MAX_LOST_IN_A_ROW;
    if (isEnd && !this.#hasRead) return explainFailure(failure, { ...asked, name });
    const reason = reasonOfFailure(failure, asked);
    if (isEnd) this.#end = reason;
    return new ObjectReadError(reason, { cause: failure });
  }
}
