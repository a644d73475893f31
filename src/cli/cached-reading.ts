import { stat } from 'node:fs/promises';
import { readFromCache } from '../compaction/read-from-cache.js';
import { readLedger, type Ledger } from '../compaction/read-ledger.js';
import type { ScanPlan } from '../dataset/plan-scan.js';
import type { ObjectStore } from '../storage/object-store.js';
import { cacheFolder, cacheMode, cacheRoot, type CacheFolder } from './cache-folder.js';
import { isRecent, noteUse, readCacheRecord, readRepeated } from './cache-record.js';
import { openCheckedSlots } from './checked-slots.js';
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
  const checked = await openCheckedSlots(folder.path);
  const repeated = await readRepeated(folder.path);
  const { plan, cached } =
    opened === undefined
      ? { plan: reading.plan, cached: 0 }
      : await readFromCache(reading.plan, {
          ...opened,
          source: store,
          isIntact: (slot) => checked.isIntact(opened.data, slot),
          repeatedOf: ({ sha256 = '' }) => (repeated?.slots.includes(sha256) === true ? repeated.found : undefined),
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
