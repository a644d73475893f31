import { readKeyLayout, type LayoutName } from '../layouts/key-layout.js';
import type { TimeSpan } from '../layouts/key-time.js';
import { judgePrefix } from '../layouts/prune-prefix.js';
import { spanMayHold, type TimeWindow } from '../layouts/time-window.js';
import type { ObjectStore, StoredObject } from '../storage/object-store.js';

export interface ScanRequest {
  readonly stores: readonly ObjectStore[];
  readonly window: TimeWindow;
  /** How much later than its event a key may be, in milliseconds. */
  readonly latenessMs: number;
  /** Told for each object that a listing gives how many there have been so far. */
  readonly onFound?: (objects: number) => void;
  /** Ends the listing when so many objects are planned; all are where absent. */
  readonly enough?: number;
}

/** An object to read. */
export interface PlannedObject {
  readonly store: ObjectStore;
  readonly object: StoredObject;
  readonly layout: LayoutName;
  /** Of a merged file that stands in for objects of a source. */
  readonly standsFor?: StandsFor;
}

/** What a merged file stands in for. Its rows are those of the objects themselves, or it is not read at all. */
export interface StandsFor {
  readonly objects: number;
  /** How many rows the file has of them. */
  readonly rows: number;
  /** The keys of the objects, where the file has rows of others, too. */
  readonly only?: readonly string[];
  /** What is known of the identities of the file's rows and those of other files that have the same here. */
  readonly repeated?: RepeatedIdentities;
}

/**
 * Which identities more than one row has, of all rows of some merged files: no other occurs twice in them. The files that were
 * compared with one another share one and the same object.
 */
export interface RepeatedIdentities {
  /** As `IDENTITY_HASH` gives them. */
  readonly hashes: readonly bigint[];
}

/** An object that is not read, and why. */
export interface LeftOut {
  readonly key: string;
  readonly reason: string;
}

/** What a run is going to read. Objects outside of the window are neither listed nor counted where their prefix tells. */
export interface ScanPlan {
  readonly objects: readonly PlannedObject[];
  readonly skipped: readonly LeftOut[];
  readonly failed: readonly LeftOut[];
  /** Bytes to read, as stored. */
  readonly bytes: number;
  /** How many objects there are of each layout. */
  readonly layouts: ReadonlyMap<LayoutName, number>;
  /** The time span that the keys to be read tell of; undefined where no key has a time. */
  readonly keyTime: TimeSpan | undefined;
  /** Keys that were listed and left out because their time is outside of the window. */
  readonly outside: number;
}

/**
 * Lists the sources and decides, by keys alone, what is to be read. An object that is reached through two sources is planned once.
 */
export async function planScan(request: ScanRequest): Promise<ScanPlan> {
  const planner = new Planner(request);
  for (const store of request.stores) await planner.addStore(store);
  return planner.plan();
}

class Planner {
  readonly #request: ScanRequest;
  readonly #objects: PlannedObject[] = [];
  readonly #skipped: LeftOut[] = [];
  readonly #failed: LeftOut[] = [];
  /** Objects whose names say that they are no logs; one that is also named by the user is read after all. */
  readonly #skippedObjects = new Map<string, LeftOut>();
  readonly #identities = new Set<string>();
  readonly #layouts = new Map<LayoutName, number>();
  #found = 0;
  #bytes = 0;
  #outside = 0;
  #keyTime: TimeSpan | undefined;

  constructor(request: ScanRequest) {
    this.#request = request;
  }

  async addStore(store: ObjectStore): Promise<void> {
    const { window, latenessMs, enough = Infinity } = this.#request;
    if (this.#objects.length >= enough) return;
    const root = rootOption(store);
    for await (const listed of store.list((prefix) => judgePrefix(prefix, { window, latenessMs, ...root }))) {
      if (listed.kind === 'object') this.#addObject(store, listed.object);
      else if (listed.kind === 'skipped') this.#skipped.push(listed.entry);
      else this.#failed.push(listed.entry);
      if (this.#objects.length >= enough) return;
    }
  }

  #addObject(store: ObjectStore, object: StoredObject): void {
    this.#request.onFound?.(++this.#found);
    if (this.#identities.has(object.identity)) return;
    const { layout, time, skip } = readKeyLayout(object.key, rootOption(store));
    if (skip !== undefined && store.single !== true) {
      this.#skippedObjects.set(object.identity, { key: object.key, reason: skip });
      return;
    }
    this.#identities.add(object.identity);
    this.#skippedObjects.delete(object.identity);
    if (time !== undefined && !spanMayHold(time, this.#request.window, this.#request.latenessMs)) {
      this.#outside++;
      return;
    }
    this.#keyTime = widen(this.#keyTime, time);
    this.#bytes += object.size;
    this.#layouts.set(layout, (this.#layouts.get(layout) ?? 0) + 1);
    this.#objects.push({ store, object, layout });
  }

  plan(): ScanPlan {
    return {
      objects: this.#objects,
      skipped: [...this.#skipped, ...this.#skippedObjects.values()],
      failed: this.#failed,
      bytes: this.#bytes,
      layouts: this.#layouts,
      keyTime: this.#keyTime,
      outside: this.#outside,
    };
  }
}

function rootOption({ context }: ObjectStore): { root?: string } {
  return context === undefined ? {} : { root: context };
}

function widen(span: TimeSpan | undefined, other: TimeSpan | undefined): TimeSpan | undefined {
  if (span === undefined || other === undefined) return span ?? other;
  return { from: Math.min(span.from, other.from), to: Math.max(span.to, other.to) };
}
