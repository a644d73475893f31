import { createHash } from 'node:crypto';
import { readFile, rename, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RepeatedIdentities } from '../dataset/plan-scan.js';

/** What the last filling of a cache has left. Only a hint: what is in the cache its ledger says. */
export interface CacheRecord {
  /** How the source is shown to people. */
  readonly source: string;
  /** When the cache was filled, epoch milliseconds. */
  readonly filledAt: number;
  /** How many objects of the source are not in the cache and would not be after another filling. */
  readonly left: number;
  /** Why the source is not in the cache; absent where it is. */
  readonly reason?: string;
}

const RECORD = 'cache.json';
/** The slots whose bytes were compared with the ledger, by their keys: the file's version then. */
const CHECKED = 'checked.json';
/** Which identities more than one row has of some slots. */
const REPEATED = 'repeated.json';

export async function readCacheRecord(folder: string): Promise<CacheRecord | undefined> {
  const { source, filledAt, left, reason } = await readObject(join(folder, RECORD));
  if (typeof source !== 'string' || !isTime(filledAt) || typeof left !== 'number') return undefined;
  return { source, filledAt, left, ...(typeof reason === 'string' ? { reason } : {}) };
}

/** What is not in the cache after a filling is tried again after this time. */
const TRY_AGAIN_MS = 3_600_000;

/** Whether a cache was filled so lately that another filling would find the same. A clock may be set back. */
export function isRecent({ filledAt }: CacheRecord, now: number): boolean {
  return Math.abs(now - filledAt) < TRY_AGAIN_MS;
}

/** More than this no date can be. */
const LAST_TIME = 8.64e15;

/** Whether a value is a time in epoch milliseconds. */
export function isTime(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= LAST_TIME;
}

export async function writeCacheRecord(folder: string, record: CacheRecord): Promise<void> {
  await writeWhole(join(folder, RECORD), record);
}

export async function readChecked(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = Object.entries(await readObject(join(folder, CHECKED)));
  return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

export async function writeChecked(folder: string, checked: ReadonlyMap<string, string>): Promise<void> {
  await writeWhole(join(folder, CHECKED), Object.fromEntries(checked));
}

/** What was found when the identities of some slots' rows were compared with one another. */
export interface RepeatedRecord {
  /** The hashes of the slots' bytes. */
  readonly slots: readonly string[];
  /** Undefined where very many are repeated. */
  readonly found: RepeatedIdentities | undefined;
}

/** What is noted of a cache's identities; undefined where nothing is, or the note is damaged: answers hang on it. */
export async function readRepeated(folder: string): Promise<RepeatedRecord | undefined> {
  const { slots, hashes, digest } = await readObject(join(folder, REPEATED));
  if (!isTexts(slots) || !(hashes === null || isTexts(hashes))) return undefined;
  if (digest !== digestOf(slots, hashes)) return undefined;
  return { slots, found: hashes === null ? undefined : { hashes: hashes.map(BigInt) } };
}

export async function writeRepeated(folder: string, { slots, found }: RepeatedRecord): Promise<void> {
  const hashes = found === undefined ? null : found.hashes.map(String);
  await writeWhole(join(folder, REPEATED), { slots, hashes, digest: digestOf(slots, hashes) });
}

function digestOf(slots: readonly string[], hashes: readonly string[] | null): string {
  return createHash('sha256')
    .update(JSON.stringify([slots, hashes]))
    .digest('hex');
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

/** Notes that a cache was used: the one that was not for the longest time is removed first. */
export async function noteUse(folder: string, now: number): Promise<void> {
  await utimes(folder, now / 1000, now / 1000);
}

/** When a cache was last used, epoch milliseconds; undefined where there is none. */
export async function lastUse(folder: string): Promise<number | undefined> {
  return stat(folder).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );
}

/** What cannot be read says nothing. */
async function readObject(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    const parsed: unknown = JSON.parse(await readFile(path, 'utf8'));
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Two processes may write at once: one of both is there then, whole. */
async function writeWhole(path: string, value: object): Promise<void> {
  const beside = `${path}.${process.pid}`;
  await writeFile(beside, JSON.stringify(value), { mode: 0o600 });
  await rename(beside, path);
}
