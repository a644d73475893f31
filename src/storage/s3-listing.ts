import type { ListedEntry, PrefixVerdict, StoredObject } from './object-store.js';
import type { S3Connection } from './s3-connection.js';
import { S3Failure, toFailure } from './s3-failure.js';
import { explainFailure } from './s3-explain.js';
import { reasonOfFailure } from './s3-failure-reason.js';
import { compareKeys, folderBelow, isBefore, isPast, type KeyRange, startOf } from './s3-key-range.js';
import { type ListedKey, type ListPage, listPage } from './s3-list-page.js';
import { PrefixJudge } from './s3-prefix-judge.js';
import { splitRange } from './s3-split-range.js';

export interface ListingOptions {
  readonly connection: S3Connection;
  /** What all keys begin with; empty, or ending in `/`. */
  readonly root: string;
  /** How the root is shown. */
  readonly name: string;
  readonly judge: (prefix: string) => PrefixVerdict;
  readonly describe: (listed: ListedKey) => StoredObject;
  /** The first page, where it was already asked for. */
  readonly firstPage?: ListPage;
}

/** Listings under way at once. */
const MAX_ACTIVE = 16;
/** After so many pages a range is worth being listed in parts. */
const MANY_PAGES = 3;

const OPERATION = { operation: 'ListObjectsV2' };

/** A part of the listing, in its place among the others. */
interface Part {
  readonly range: KeyRange;
  readonly entries: ListedEntry[];
  state: 'waiting' | 'active' | 'done';
}

/**
 * Lists everything below the root, in the order of the keys' bytes. Keys come in pages without regard to folders; where a page
 * shows folders that nothing is wanted of, or one page follows another, the folders are asked for, those without use are
 * left out, and the others are listed side by side.
 * @throws UserError when the root cannot be listed; a folder below it is reported as failed
 */
export async function* listBucket(options: ListingOptions): AsyncGenerator<ListedEntry> {
  const listing = new Listing(options);
  try {
    yield* listing.entries();
  } finally {
    listing.stop();
  }
}

class Listing {
  readonly #options: ListingOptions;
  readonly #judge: PrefixJudge;
  /** In the order of their keys. */
  #parts: Part[];
  #firstPage: ListPage | undefined;
  #active = 0;
  #isStopped = false;
  #failure: { readonly error: unknown } | undefined;
  #wake: () => void = () => undefined;

  constructor(options: ListingOptions) {
    this.#options = options;
    this.#judge = new PrefixJudge(options.judge);
    this.#parts = [newPart({ prefix: options.root })];
    this.#firstPage = options.firstPage;
  }

  async *entries(): AsyncGenerator<ListedEntry> {
    for (;;) {
      const [first] = this.#parts;
      if (first === undefined) return;
      this.#startParts();
      yield* first.entries.splice(0);
      if (this.#failure !== undefined) throw this.#failure.error;
      if (first.state === 'done' && first.entries.length === 0) this.#parts.shift();
      else if (first.entries.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  stop(): void {
    this.#isStopped = true;
  }

  #startParts(): void {
    for (const part of this.#parts) {
      if (this.#active >= MAX_ACTIVE) return;
      if (part.state === 'waiting') void this.#run(part);
    }
  }

  async #run(part: Part): Promise<void> {
    part.state = 'active';
    this.#active++;
    try {
      await this.#list(part);
    } catch (error) {
      this.#fail(part, error);
    }
    part.state = 'done';
    this.#active--;
    if (!this.#isStopped) this.#startParts();
    this.#wake();
  }

  async #list(part: Part): Promise<void> {
    const { range } = part;
    if (range.foldersFirst === true) return this.#split(part, { last: range.after ?? '', pieces: 1 });
    let token: string | undefined;
    let lastKey = '';
    for (let pages = 1; !this.#isStopped; pages++) {
      const page = await this.#page(range, token);
      lastKey = expectProgress(page, { lastKey, token });
      const { sawOutside, isOver } = this.#take(part, page);
      token = page.next;
      if (isOver || token === undefined) return;
      const last = page.keys.at(-1)?.key;
      if (last === undefined) continue;
      if (sawOutside) return this.#split(part, { last, pieces: 1 });
      const isLong = pages >= MANY_PAGES && this.#active < MAX_ACTIVE;
      if (isLong && folderBelow(range.prefix, last) !== undefined)
        return this.#split(part, { last, pieces: MAX_ACTIVE });
    }
  }

  async #page(range: KeyRange, token: string | undefined): Promise<ListPage> {
    const first = this.#firstPage;
    this.#firstPage = undefined;
    if (first !== undefined) return first;
    const { prefix } = range;
    const after = startOf(range);
    return listPage(this.#options.connection, {
      prefix,
      ...(after === undefined ? {} : { after }),
      ...(token === undefined ? {} : { token }),
    });
  }

  /** Adds what is wanted of a page to the part. */
  #take(part: Part, page: ListPage): { sawOutside: boolean; isOver: boolean } {
    let sawOutside = false;
    for (const listed of page.keys) {
      if (isBefore(listed.key, part.range)) continue;
      if (isPast(listed.key, part.range)) return this.#taken(sawOutside, true);
      const verdict = this.#judge.ofKey(this.#relative(listed.key));
      if (verdict === 'outside') sawOutside = true;
      else this.#add(part, listed, verdict);
    }
    return this.#taken(sawOutside, false);
  }

  #taken(sawOutside: boolean, isOver: boolean): { sawOutside: boolean; isOver: boolean } {
    this.#wake();
    return { sawOutside, isOver };
  }

  #add(part: Part, listed: ListedKey, verdict: Exclude<PrefixVerdict, 'outside'>): void {
    const key = this.#relative(listed.key);
    // The mark of the root itself, as consoles make it.
    if (key === '' && listed.size === 0) return;
    if (verdict !== 'descend') part.entries.push({ kind: 'skipped', entry: { key, reason: verdict.skip } });
    else if (listed.size === 0 && key.endsWith('/'))
      part.entries.push({ kind: 'skipped', entry: { key, reason: 'folder marker' } });
    else part.entries.push({ kind: 'object', object: this.#options.describe(listed) });
  }

  /** Goes on behind `last` with the folders that are wanted. */
  async #split(part: Part, from: { last: string; pieces: number }): Promise<void> {
    const { connection } = this.#options;
    const ranges = await splitRange({
      connection,
      range: part.range,
      ...from,
      isOutside: (prefix) => this.#judge.ofPrefix(this.#relative(prefix)) === 'outside',
    });
    const place = this.#parts.indexOf(part);
    this.#parts.splice(place + 1, 0, ...ranges.map(newPart));
  }

  #fail(part: Part, error: unknown): void {
    const failure = toFailure(error);
    const prefix = this.#relative(part.range.prefix);
    if (failure !== undefined && prefix !== '' && !failure.isIdentity) {
      part.entries.push({ kind: 'failed', entry: { key: prefix, reason: reasonOfFailure(failure, OPERATION) } });
      return;
    }
    const { connection, name } = this.#options;
    this.#failure ??= {
      error: failure === undefined ? error : explainFailure(failure, { name, ...connection.shown, ...OPERATION }),
    };
  }

  #relative(key: string): string {
    return key.slice(this.#options.root.length);
  }
}

/**
 * Listings are put together by the order of their keys: one out of order would lose some, one that does not get on has no end.
 * @returns the last key so far
 */
function expectProgress({ keys, next }: ListPage, before: { lastKey: string; token: string | undefined }): string {
  let { lastKey } = before;
  for (const { key } of keys) {
    if (lastKey > key && compareKeys(lastKey, key) > 0)
      throw new S3Failure('Garbled', { text: 'the keys of the listing are out of order' });
    lastKey = key;
  }
  if (next !== undefined && next === before.token)
    throw new S3Failure('Garbled', { text: 'the listing does not get on' });
  return lastKey;
}

function newPart(range: KeyRange): Part {
  return { range, entries: [], state: 'waiting' };
}
