import type { StoredObject } from './object-store.js';
import { dropBody, type ObjectBody, readBody, writeBody } from './s3-body.js';
import { type FetcherOptions, MAX_HELD_BYTES, ObjectFetcher } from './s3-object-fetcher.js';
import { ReadAhead } from './s3-read-ahead.js';

/** Reads objects of a bucket one after the other; the one that was read last is kept, since it may be asked for again. */
export class S3Reader {
  readonly #fetcher: ObjectFetcher;
  readonly #ahead: ReadAhead;
  #last: { readonly identity: string; body: ObjectBody } | undefined;

  constructor(options: FetcherOptions) {
    const fetcher = new ObjectFetcher(options);
    this.#fetcher = fetcher;
    this.#ahead = new ReadAhead({
      fetch: (object) => fetcher.fetch(object),
      hasRoom: () => options.connection.limiter.hasRoom,
      maxHeldBytes: MAX_HELD_BYTES,
    });
  }

  /** Announces what will be read next, in this order. */
  expect(objects: readonly StoredObject[]): void {
    this.#ahead.expect(objects);
  }

  /** @throws ObjectReadError when the object cannot be read, UserError when no object can be */
  async *read(object: StoredObject): AsyncGenerator<Uint8Array> {
    yield* readBody((await this.#take(object)).body);
  }

  /**
   * A file with the object's bytes, which is there until another object is read.
   * @throws ObjectReadError when the object cannot be read, UserError when no object can be, or the folder is full
   */
  async download(object: StoredObject): Promise<Buffer> {
    const taken = await this.#take(object);
    if (taken.body.kind === 'memory') taken.body = writeBody(taken.body.bytes, await this.#fetcher.newPath());
    return Buffer.from(taken.body.kind === 'file' ? taken.body.path : '');
  }

  /** Lets go of all bodies. */
  close(): void {
    this.#ahead.clear();
    this.#dropLast();
  }

  async #take(object: StoredObject): Promise<{ body: ObjectBody }> {
    const { identity } = object;
    if (this.#last?.identity === identity) return this.#last;
    this.#dropLast();
    const last = { identity, body: await this.#ahead.take(object) };
    this.#last = last;
    return last;
  }

  #dropLast(): void {
    if (this.#last !== undefined) dropBody(this.#last.body);
    this.#last = undefined;
  }
}
