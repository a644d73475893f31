import type { Stats } from 'node:fs';
import { lstat, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { findProcessState, type ProcessIdentity } from './process-identity.js';

export const RUN_FOLDER_PREFIX = 'run-';
export const OWNER_FILE = 'owner.json';

const UNKNOWN_OWNER_MS = 24 * 3600 * 1000;

/** An owner file is some hundred bytes; more is not ours. */
const OWNER_FILE_BYTES = 10_000;

export interface SweepOptions {
  /** The folder with one folder per run; it must belong to the user alone. */
  readonly base: string;
  readonly uid: number;
  /** Epoch milliseconds. */
  readonly now: number;
}

/**
 * Removes the folders that runs left behind when they were killed: those of this user whose process is gone, or, where that
 * cannot be told, in which nothing has changed for 24 hours. Symbolic links and whatever else is in the way stay. Gives the
 * paths that were removed; what cannot be removed is left for the next time.
 */
export async function sweepStaleRunFolders({ base, uid, now }: SweepOptions): Promise<readonly string[]> {
  const names = await readdir(base).catch(() => []);
  const removed: string[] = [];
  for (const name of names.filter((entry) => entry.startsWith(RUN_FOLDER_PREFIX))) {
    const path = join(base, name);
    if (!(await isStale(path, { uid, now }))) continue;
    const gone = await rm(path, { recursive: true, force: true }).then(
      () => true,
      () => false,
    );
    if (gone) removed.push(path);
  }
  return removed;
}

async function isStale(path: string, { uid, now }: { uid: number; now: number }): Promise<boolean> {
  const stats = await statOrUndefined(path);
  if (!stats?.isDirectory() || stats.uid !== uid) return false;
  const owner = await readOwner(join(path, OWNER_FILE));
  const state = owner === undefined ? 'unknown' : findProcessState(owner);
  if (state !== 'unknown') return state === 'gone';
  return now - (await findLastChange(path, stats)) > UNKNOWN_OWNER_MS;
}

/** Undefined where the file is missing or broken: its process may be about to write it. */
async function readOwner(path: string): Promise<ProcessIdentity | undefined> {
  const stats = await statOrUndefined(path);
  if (!stats?.isFile() || stats.size > OWNER_FILE_BYTES) return undefined;
  const text = await readFile(path, 'utf8').catch(() => '');
  return parseOwner(text);
}

function parseOwner(text: string): ProcessIdentity | undefined {
  const { pid, startTime, pidSpace } = parseObject(text);
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0) return undefined;
  return {
    pid,
    startTime: typeof startTime === 'string' ? startTime : null,
    pidSpace: typeof pidSpace === 'string' ? pidSpace : null,
  };
}

function parseObject(text: string): { readonly [K in keyof ProcessIdentity]?: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

async function findLastChange(folder: string, stats: Stats): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const inside = await Promise.all(names.map((name) => statOrUndefined(join(folder, name))));
  return Math.max(stats.mtimeMs, ...inside.map((entry) => entry?.mtimeMs ?? 0));
}

async function statOrUndefined(path: string): Promise<Stats | undefined> {
  return lstat(path).catch(() => undefined);
}
