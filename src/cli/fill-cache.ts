import { mkdir, rename, rm } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { dirname, join } from 'node:path';
import { v7 as newId } from 'uuid';
import type { CompactionOutcome } from '../compaction/compaction-outcome.js';
import { exactKey } from '../compaction/exact-key.js';
import type { PreparedCompaction } from '../compaction/prepare-compaction.js';
import { slotOf } from '../compaction/read-from-cache.js';
import { readLedger, type Slot } from '../compaction/read-ledger.js';
import { slotKey } from '../compaction/slot-key.js';
import type { PlannedObject } from '../dataset/plan-scan.js';
import { UserError } from '../errors.js';
import { configFormats } from '../formats/config-format.js';
import { reasonOfWrite } from '../storage/file-errors.js';
import { parseLocation } from '../storage/location.js';
import type { FillFlags } from './cache-flags.js';
import { cacheFolder, cacheRoot, type CacheFolder } from './cache-folder.js';
import { isRecent, readCacheRecord, writeCacheRecord } from './cache-record.js';
import { mergeOpened, refuseTooMuch, type MergeRequest } from './compact-source.js';
import { engineSource } from './engine-source.js';
import { lockFilling } from './filling-lock.js';
import { findConfiguration } from './find-configuration.js';
import { readMemoryLimit } from './memory-limit.js';
import { openCompaction } from './open-compaction.js';
import { noteRepeated } from './note-repeated.js';
import { makeOwnFolder } from './own-folder.js';
import { readCacheLimit, removeLeastUsed } from './cache-size.js';
import { readS3Access } from './read-s3-access.js';
import { resolveSources } from './resolve-sources.js';
import { withRunResources, type RunResources } from './run-resources.js';

export interface FillRequest {
  /** As the user wrote them; none where flags or the environment name the source. */
  readonly sources: readonly string[];
  readonly flags: FillFlags;
  readonly toolVersion: string;
  /** Nobody waits for it. */
  readonly inBackground: boolean;
}

/** What became of the cache of a source. */
export interface Filled {
  readonly source: string;
  /** The folder of its cache. */
  readonly path: string;
  /** Undefined where another process is filling it, or has tried in vain just now. */
  readonly outcome: CompactionOutcome | undefined;
}

/** An object that was written to just now may be written to again without its times telling. */
const MIN_AGE_MS = 2000;
const LIMITS = { minFiles: 1, minAgeMs: MIN_AGE_MS, maxWaitMs: Infinity, targetBytes: 256_000_000 };
const MERGING = { codec: 'zstd', sort: 'none', concurrency: 4 } as const;
/** The cache is made anew where more of it than this share is of no use any more, or it is in more small files than this. */
const MOST_STALE = 0.2;
const MOST_SLOTS = 300;
const SMALL = { objects: 1000, bytes: 10_000_000 } as const;
const LOWEST_PRIORITY = 19;
/** Nothing of the source is in the cache. */
const NOT_CACHED = { left: Number.MAX_SAFE_INTEGER } as const;
const TOO_LARGE = 'it is larger than the cache may be';
/** In the background the engine leaves most of the memory to others. */
const MODEST = '25%';

/** What the cache holds is of so little use that it is made anew. */
class WornOut extends Error {
  constructor() {
    super('the cache is worn out');
  }
}

/** A filling was killed before it noted the bytes of these slots, the last ones: no question would ever read them. */
class Unfinished extends Error {
  constructor(readonly slots: readonly Slot[]) {
    super('a filling was killed before its end');
  }
}

/**
 * Brings the caches of sources up to date: what a table of each would hold.
 * @throws UserError for a source that cannot be cached, and for everything else that the user can mend
 */
export async function fillCache(request: FillRequest): Promise<readonly Filled[]> {
  const { sources, flags, inBackground } = request;
  if (inBackground) setPriority(LOWEST_PRIORITY);
  await makeRoot();
  const filled: Filled[] = [];
  const each = sources.length === 0 ? [[]] : sources.map((source) => [source]);
  let failure: UserError | undefined;
  for (const words of each) {
    try {
      await withRunResources(flags, async (resources) => void filled.push(await fillOne(words, request, resources)));
    } catch (error) {
      // Nobody is there to leave the source out that cannot be cached: the others are to be, all the same.
      if (!inBackground || !(error instanceof UserError)) throw error;
      failure ??= error;
    }
  }
  await makeRoom(filled);
  if (failure !== undefined) throw failure;
  return filled;
}

/** A cache that was removed at once would be filled again after every question. */
async function makeRoom(filled: readonly Filled[]): Promise<void> {
  const removed = await removeLeastUsed(cacheRoot(process.env), readCacheLimit(process.env));
  for (const { path, source } of filled) {
    if (!removed.includes(path)) continue;
    await requireOwn(path);
    await writeCacheRecord(path, {
      ...NOT_CACHED,
      source,
      filledAt: Date.now(),
      reason: TOO_LARGE,
    });
  }
}

async function makeRoot(): Promise<void> {
  const root = cacheRoot(process.env);
  await mkdir(dirname(root), { recursive: true }).catch((error: unknown) => refuse(root, reasonOfWrite(error)));
  await requireOwn(root);
}

async function requireOwn(path: string): Promise<void> {
  const trouble = await makeOwnFolder(path).catch(reasonOfWrite);
  if (trouble !== undefined) refuse(path, trouble);
}

function refuse(path: string, trouble: string): never {
  throw new UserError(`Cannot keep a cache in ${path}: ${trouble}`, {
    wayOut: 'Set XDG_CACHE_HOME to a folder of your own, or AWSUSAGE_CACHE=off.',
  });
}

async function fillOne(words: readonly string[], request: FillRequest, resources: RunResources): Promise<Filled> {
  const folder = await findFolder(words, request, resources);
  const { path, source } = folder;
  await requireOwn(path);
  if (request.inBackground && (await wasInVain(folder))) return { source, path, outcome: undefined };
  const unlock = await lockFilling(path).catch((error: unknown) => refuse(path, reasonOfWrite(error)));
  if (unlock === undefined) return { source, path, outcome: undefined };
  try {
    // Where the process is killed, for want of memory, say, the next question is not to start it again.
    await writeCacheRecord(path, { ...NOT_CACHED, source, filledAt: Date.now(), reason: 'its filling has not ended' });
    const outcome = await mergeAnew(words, folder, { request, resources });
    await writeCacheRecord(path, { source, filledAt: Date.now(), left: outcome.left });
    return { source, path, outcome: outcome.merged };
  } catch (error) {
    const reason = error instanceof UserError ? error.message : 'it could not be filled';
    const record = { ...NOT_CACHED, source, filledAt: Date.now(), reason };
    await writeCacheRecord(path, record).catch(() => undefined);
    throw error;
  } finally {
    await unlock();
  }
}

async function wasInVain({ path }: CacheFolder): Promise<boolean> {
  const record = await readCacheRecord(path);
  return record?.reason !== undefined && isRecent(record, Date.now());
}

async function findFolder(
  words: readonly string[],
  { flags, toolVersion }: FillRequest,
  resources: RunResources,
): Promise<CacheFolder> {
  const config = await findConfiguration(resources);
  const { bucket, prefix } = flags;
  const [source, ...others] = await resolveSources({ sources: words, bucket, prefix, env: process.env, config });
  if (source === undefined || others.length > 0) throw new UserError('One source at a time is brought into the cache');
  if (configFormats(config?.formats ?? [], 'formats').length > 0)
    throw new UserError('Nothing is cached where the configuration has formats of its own');
  const location = parseLocation(source.location);
  const access = location.kind === 's3' ? readS3Access({ flags, source, env: process.env }) : undefined;
  const folder = cacheFolder({ location, access, toolVersion, env: process.env, cwd: process.cwd() });
  if (folder !== undefined) return folder;
  throw new UserError('Standard input cannot be cached');
}

interface Filling {
  readonly request: FillRequest;
  readonly resources: RunResources;
}

interface Merged {
  readonly merged: CompactionOutcome;
  /** How many of the source's objects have to be read themselves all the same. */
  readonly left: number;
}

/** A cache that cannot be read, or is worn out, is thrown away: nothing is lost by it. */
async function mergeAnew(words: readonly string[], folder: CacheFolder, filling: Filling): Promise<Merged> {
  try {
    return await mergeUnfinished(words, folder, filling);
  } catch (error) {
    const isUnreadable = error instanceof UserError && error.exitCode === 'conflict';
    if (!isUnreadable && !(error instanceof WornOut || error instanceof Unfinished)) throw error;
    await removeTable(folder);
    return merge(words, folder, filling);
  }
}

/** Slots that a killed filling has left are thrown away, and their objects are merged again. */
async function mergeUnfinished(words: readonly string[], folder: CacheFolder, filling: Filling): Promise<Merged> {
  try {
    return await merge(words, folder, filling);
  } catch (error) {
    if (!(error instanceof Unfinished)) throw error;
    for (const slot of error.slots) await rm(join(folder.table, slotKey(slot)), { force: true });
    return merge(words, folder, filling);
  }
}

async function merge(words: readonly string[], folder: CacheFolder, { request, resources }: Filling): Promise<Merged> {
  const { flags, toolVersion, inBackground } = request;
  const source = { ...flags, to: folder.table, format: undefined, 'partition-by': 'none' as const };
  const opened = await openCompaction(words, source, resources);
  const memoryLimit = readMemoryLimit(flags.memory ?? (inBackground ? MODEST : undefined));
  const openEngine = engineSource(memoryLimit, resources);
  let listed: readonly PlannedObject[] = [];
  const merging: MergeRequest = {
    flags: MERGING,
    limits: { ...LIMITS, now: Date.now() },
    openEngine,
    toolVersion,
    isStopping: () => false,
    onPlan(prepared) {
      refuseTooMuch(prepared, flags);
      if (inBackground) refuseTooLarge(prepared);
      if (isWornOut(prepared)) throw new WornOut();
      refuseUnfinished(prepared);
      listed = prepared.scan.objects;
    },
  };
  const merged = await mergeOpened(opened, merging, resources);
  const stores = await opened.prepare.open();
  const ledger = await readLedger({ ...stores, get: (key) => opened.prepare.ledger.get(key) });
  const { data } = stores;
  // Without it questions take longer; that is no reason to fail.
  if (data !== undefined)
    await noteRepeated({ path: folder.path, slots: ledger.slots, data, openEngine }, resources).catch(() => undefined);
  return { merged, left: listed.filter((planned) => slotOf(planned, ledger) === undefined).length };
}

/** Merged files are about as large as packed objects. */
function refuseTooLarge({ plan }: PreparedCompaction): void {
  const bytes = plan.batches.reduce((sum, { expectedBytes }) => sum + expectedBytes, 0);
  if (bytes > readCacheLimit(process.env)) throw new UserError(TOO_LARGE);
}

/** Objects that were merged as they are no more are not merged again. */
function isWornOut({ ledger, scan }: PreparedCompaction): boolean {
  const stale = scan.objects.filter((planned) => {
    const consumed = ledger.consumed.get(exactKey(planned.store, planned.object)) ?? [];
    return consumed.length > 0 && consumed.every(({ input }) => input.version !== planned.object.version);
  });
  // The scan may be of a small window: few objects of it say little about all that the cache holds.
  return stale.length > MOST_STALE * ledger.consumed.size || ledger.slots.filter(isSmall).length > MOST_SLOTS;
}

function refuseUnfinished({ ledger: { slots } }: PreparedCompaction): void {
  const first = slots.findIndex(({ sha256 }) => sha256 === undefined);
  if (first === -1) return;
  const last = slots.slice(first);
  if (last.some(({ sha256 }) => sha256 !== undefined)) throw new WornOut();
  throw new Unfinished(last);
}

/** As questions leave them behind; what a large source is cut into is none. */
function isSmall({ inputs }: Slot): boolean {
  return inputs.length < SMALL.objects && inputs.reduce((sum, { size }) => sum + size, 0) < SMALL.bytes;
}

async function removeTable({ path, table }: CacheFolder): Promise<void> {
  for (const folder of [table, `${table}.ledger`]) {
    const aside = join(path, `gone-${newId()}`);
    await rename(folder, aside).catch(() => undefined);
    await rm(aside, { recursive: true, force: true });
  }
}
