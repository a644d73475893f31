import { type ObjectMetadata, StoreFailure, type VersionedKey, type WritableStore } from './writable-store.js';

type Create = WritableStore['create'];
/** Which way objects are created. */
export type CreateMethod = 'create' | 'createInParts';

/** So many create the same object at once. */
const RACERS = { create: 8, createInParts: 4 };

/** The objects of a probe: small, and gone with it as far as the store allows. */
export class ProbeObjects {
  readonly #store: WritableStore;
  readonly #prefix: string;
  readonly #keys = new Set<string>();

  /** @param prefix what their keys begin with; nobody else's do */
  constructor(store: WritableStore, prefix: string) {
    this.#store = store;
    this.#prefix = prefix;
  }

  /** Creates an object, and gives it in the version that it has. @throws StoreFailure when that cannot be done */
  async make(name: string, metadata: ObjectMetadata = {}): Promise<VersionedKey> {
    const key = this.#newKey(name);
    await this.#store.create(key, bodyOf(key), metadata);
    return { key, version: (await this.#store.facts(key))?.version ?? '' };
  }

  /** Whether an object is there, unchanged. @throws StoreFailure when it cannot be looked at */
  async isThere({ key, version }: VersionedKey): Promise<boolean> {
    return (await this.#store.facts(key))?.version === version;
  }

  /** Whether an object that is created twice is the first one then. @throws StoreFailure when that cannot be done */
  async keepsTheFirst(how: CreateMethod): Promise<boolean> {
    const key = this.#newKey(`${how}-twice`);
    const create = this.#creator(how);
    await create(key, bodyOf('first'));
    const second = await create(key, bodyOf('second'));
    return second === 'exists' && (await this.#has(key, 'first'));
  }

  /**
   * Whether at most one of several who create an object at once is told that it has created it, and then has: none may be told
   * where answers are lost.
   * @throws StoreFailure when that cannot be done
   */
  async hasOneWinner(how: CreateMethod): Promise<boolean> {
    const key = this.#newKey(`${how}-race`);
    const create = this.#creator(how);
    const names = Array.from({ length: RACERS[how] }, (_, index) => `racer ${index}`);
    const settled = await Promise.allSettled(names.map((name) => create(key, bodyOf(name))));
    const results = settled.map((one) => {
      if (one.status === 'rejected') throw one.reason;
      return one.value;
    });
    const winners = names.filter((_, index) => results[index] === 'created');
    const [winner] = winners;
    return winners.length <= 1 && (winner === undefined || (await this.#has(key, winner)));
  }

  /** Removes what is left of them, and gives the keys of those that cannot be removed. */
  async removeAll(): Promise<string[]> {
    const left = await Promise.all([...this.#keys].map(async (key) => ((await this.#remove(key)) ? [] : [key])));
    return left.flat();
  }

  async #remove(key: string): Promise<boolean> {
    try {
      const facts = await this.#store.facts(key);
      const result = facts === undefined ? 'gone' : await this.#store.remove(key, facts.version);
      if (result === 'changed') return false;
    } catch (error) {
      if (!(error instanceof StoreFailure)) throw error;
      return false;
    }
    this.#keys.delete(key);
    return true;
  }

  #newKey(name: string): string {
    const key = `${this.#prefix}${name}-${this.#keys.size}`;
    this.#keys.add(key);
    return key;
  }

  #creator(how: CreateMethod): Create {
    const create = this.#store[how];
    if (create === undefined) throw new Error(`${this.#store.name} has no ${how}`);
    return create;
  }

  async #has(key: string, content: string): Promise<boolean> {
    const bytes = await this.#store.get(key);
    return bytes !== undefined && Buffer.from(bytes).toString() === content;
  }
}

function bodyOf(content: string): { bytes: Uint8Array } {
  return { bytes: Buffer.from(content) };
}
