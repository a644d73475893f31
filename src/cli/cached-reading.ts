import { stat } from 'node:fs/promises';
import { readFromCache } from '../compaction/read-from-cache.js';
import { readLedger, type Ledger, type Slot } from '../compaction/read-ledger.js';
import { hashObject } from '../compaction/hash-object.js';
import { slotKey } from '../compaction/slot-key.js';
import type { ScanPlan } from '../dataset/plan-scan.js';
import { ObjectReadError, type ObjectStore } from '../storage/object-store.js';
import { cacheFolder, cacheMode, cacheRoot, type CacheFolder } from './cache-folder.js';
import { isRecent, noteUse, readCacheRecord, readChecked, readRepeated, writeChecked } from './cache-record.js';
import type { CommandFlags } from './flags.js';
import { limitBytes } from './limit-bytes.js';
import { openForWriting, openIfThere, type Place, type PlacedStore } from './open-beside.js';
import { isOwnFolder } from './own-folder.js';
import type { ReadingPlan } from './plan-reading.js';
import type { RunResources } from './run-resources.js';

/** A reading of which a part comes from the cache. */
export interface CachedReading {
  readonly reading: ReadingPlan;
  /** Whether the cache would have more of the sources after it was filled. */
  readonly isFillable: boolean;
  /** Whether something of the sources is in the cache already. */
  readonly isCached: boolean;
}

export interface CacheRequest {
  readonly flags: CommandFlags;
  /** As the user wrote them. */
  readonly sources: readonly string[];
  readonly toolVersion: string;
}

/**
 * Lets a reading take from the cache what it has of the sources as they are now. Whatever is wrong with the cache, the sources
 * are read as if there were none.
 */
export async function cachedReading(
  reading: ReadingPlan,
  { flags, sources, toolVersion }: CacheRequest,
  resources: RunResources,
): Promise<CachedReading> {
  const none = { reading, isFillable: false, isCached: false };
  const mode = flags.cache ? cacheMode(process.env) : 'off';
  // Records of formats of the user's own are read as the configuration says at that time.
  if (mode === 'off' || reading.hasTables || reading.userFormats.length > 0) return none;
  let now: CachedReading = none;
  for (const placed of reading.placed) {
    const folder = await findFolder(placed, toolVersion);
    if (folder !== undefined) now = await takeFrom(folder, placed, { now, resources });
  }
  if (now.isCached) now = { ...now, reading: { ...now.reading, planWithout: () => listWithout(reading, flags) } };
  // A filling is told the user's own words, one for each source; and whoever pays for requests asks for it.
  const mayFill = mode === 'on' && !flags['request-payer'] && reading.placed.length === Math.max(1, sources.length);
  return { ...now, isFillable: now.isFillable && mayFill };
}

/** @throws UserError when more would be fetched without the cache than `--max-bytes` allows */
async function listWithout({ list }: ReadingPlan, flags: CommandFlags): Promise<ScanPlan> {
  const plan = await list();
  const tooMuch = limitBytes(plan, flags['max-bytes']);
  if (tooMuch !== undefined) throw tooMuch;
  return plan;
}

/** Only what has many objects is worth it. */
async function findFolder({ store, ...place }: PlacedStore, toolVersion: string): Promise<CacheFolder | undefined> {
  if (store.root === undefined || store.single === true || store.readOnce === true) return undefined;
  const { location } = place;
  const isGlob = location.kind === 'path' && !(await stat(location.path).catch(() => undefined))?.isDirectory();
  return isGlob ? undefined : cacheFolder({ ...place, toolVersion, env: process.env, cwd: process.cwd() });
}

interface Taking {
  readonly now: CachedReading;
  readonly resources: RunResources;
}

async function takeFrom(
  folder: CacheFolder,
  { store }: PlacedStore,
  { now, resources }: Taking,
): Promise<CachedReading> {
  const { reading } = now;
  const total = reading.plan.objects.filter((planned) => planned.store === store).length;
  const opened = await openCache(folder, resources).catch(() => undefined);
  const checked = new CheckedSlots(folder.path, await readChecked(folder.path));
  const repeated = await readRepeated(folder.path);
  const { plan, cached } =
    opened === undefined
      ? { plan: reading.plan, cached: 0 }
      : await readFromCache(reading.plan, {
          ...opened,
          source: store,
          isIntact: (slot) => checked.isIntact(opened, slot),
          repeatedOf: ({ sha256 = '' }) => (repeated?.slots.includes(sha256) === true ? repeated : undefined),
        });
  await checked.save();
  if (cached > 0) await noteUse(folder.path, Date.now()).catch(() => undefined);
  const record = await readCacheRecord(folder.path);
  const missing = total - cached;
  const wasTried = record !== undefined && missing <= record.left && isRecent(record, Date.now());
  return {
    reading: cached === 0 ? reading : { ...reading, plan },
    isFillable: now.isFillable || (missing > 0 && !wasTried),
    isCached: now.isCached || cached > 0,
  };
}

interface OpenedCache {
  readonly data: ObjectStore;
  readonly ledger: Ledger;
}

async function openCache({ path, table }: CacheFolder, resources: RunResources): Promise<OpenedCache | undefined> {
  if (!(await isOwnFolder(cacheRoot(process.env))) || !(await isOwnFolder(path))) return undefined;
  const data = await openIfThere(folderPlace(table), resources);
  const ledger = await openIfThere(folderPlace(`${table}.ledger`), resources);
  if (data === undefined || ledger === undefined) return undefined;
  const keys = await openForWriting(folderPlace(`${table}.ledger`), resources);
  return { data, ledger: await readLedger({ data, ledger, get: (key) => keys.get(key) }) };
}

function folderPlace(path: string): Place {
  return { location: { kind: 'path', path }, access: undefined };
}

/** Parquet has no checksums of its own that are looked at: a file that was touched since it was last compared is compared again. */
class CheckedSlots {
  readonly #folder: string;
  readonly #checked: Map<string, string>;
  #isChanged = false;

  constructor(folder: string, checked: ReadonlyMap<string, string>) {
    this.#folder = folder;
    this.#checked = new Map(checked);
  }

  async isIntact({ data }: OpenedCache, slot: Slot): Promise<boolean> {
    const { object, sha256 } = slot;
    if (object === undefined || sha256 === undefined) return false;
    const key = slotKey(slot);
    if (this.#checked.get(key) === object.version) return true;
    const isIntact = (await hashOrNothing(data, slot)) === sha256;
    if (isIntact) this.#checked.set(key, object.version);
    this.#isChanged ||= isIntact;
    return isIntact;
  }

  async save(): Promise<void> {
    if (this.#isChanged) await writeChecked(this.#folder, this.#checked).catch(() => undefined);
  }
}

async function hashOrNothing(data: ObjectStore, { object }: Slot): Promise<string | undefined> {
  try {
    return object === undefined ? undefined : await hashObject(data, object);
  } catch (error) {
    if (error instanceof ObjectReadError) return undefined;
    throw error;
  }
}
