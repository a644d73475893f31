import type { StoredObject } from './object-store.js';
import type { ObjectBody } from './s3-body.js';
import { dropBody } from './s3-body.js';

export interface ReadAheadOptions {
  readonly fetch: (object: StoredObject) => Promise<ObjectBody>;
  /** Whether one more request would be sent at once. */
  readonly hasRoom: () => boolean;
  /** Objects up to this size are held in memory, larger ones in files. */
  readonly maxHeldBytes: number;
}

/** How many bytes of bodies are in memory, here or on their way. */
const MEMORY_BYTES = 64 * 1024 * 1024;
/** How many objects, so that small ones do not become very many. */
const MAX_AHEAD = 1024;
/** How many bodies go to files at once. */
const MAX_FILES = 4;

/** A body that is here or on its way. */
interface Ahead {
  readonly body: Promise<ObjectBody>;
  readonly isHeld: boolean;
  readonly bytes: number;
}

/** Fetches objects ahead of their reader, in the order that was announced, within limits of memory. */
export class ReadAhead {
  readonly #options: ReadAheadOptions;
  readonly #ahead = new Map<string, Ahead>();
  #order: readonly StoredObject[] = [];
  #next = 0;
  #heldBytes = 0;
  #files = 0;

  constructor(options: ReadAheadOptions) {
    this.#options = options;
  }

  /** Announces what will be read next; what was announced before and not read is forgotten. */
  expect(objects: readonly StoredObject[]): void {
    this.clear();
    this.#order = objects;
    this.#next = 0;
    this.#fill();
  }

  /** The body of an object, from what was fetched ahead where it is there. It is the caller's then. */
  async take(object: StoredObject): Promise<ObjectBody> {
    const ahead = this.#ahead.get(object.identity);
    if (ahead === undefined) {
      this.#passOver(object);
      return this.#options.fetch(object).finally(() => this.#fill());
    }
    try {
      return await ahead.body;
    } finally {
      this.#forget(object.identity, ahead);
      this.#fill();
    }
  }

  /** Lets go of everything that was fetched and not taken. */
  clear(): void {
    for (const [identity, ahead] of this.#ahead) {
      this.#forget(identity, ahead);
      void ahead.body.then(dropBody, () => undefined);
    }
    this.#order = [];
  }

  /** A reader that has overtaken us is not followed. */
  #passOver(object: StoredObject): void {
    if (this.#order[this.#next]?.identity === object.identity) this.#next++;
  }

  #fill(): void {
    for (;;) {
      const object = this.#order[this.#next];
      if (object === undefined || !this.#options.hasRoom() || !this.#fits(object)) return;
      this.#next++;
      if (!this.#ahead.has(object.identity)) this.#start(object);
    }
  }

  #fits({ size }: StoredObject): boolean {
    if (this.#ahead.size >= MAX_AHEAD) return false;
    if (size > this.#options.maxHeldBytes) return this.#files < MAX_FILES;
    return this.#heldBytes + size <= MEMORY_BYTES;
  }

  #start(object: StoredObject): void {
    const isHeld = object.size <= this.#options.maxHeldBytes;
    const body = this.#options.fetch(object);
    const ahead = { body, isHeld, bytes: object.size };
    if (isHeld) this.#heldBytes += object.size;
    else this.#files++;
    this.#ahead.set(object.identity, ahead);
    // Whoever takes it learns of the failure.
    body.then(
      () => this.#fill(),
      () => this.#fill(),
    );
  }

  #forget(identity: string, { isHeld, bytes }: Ahead): void {
    if (!this.#ahead.delete(identity)) return;
    if (isHeld) this.#heldBytes -= bytes;
    else this.#files--;
  }
}
