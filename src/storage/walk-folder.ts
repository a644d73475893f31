import { type Dirent, lstatSync, readdirSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { reasonOf } from './file-errors.js';
import { fileObject } from './file-object.js';
import type { ListedEntry, PrefixVerdict } from './object-store.js';
import { shownName } from './shown-name.js';

/** A folder that is being walked. */
interface Level {
  readonly path: Buffer;
  readonly prefix: string;
  readonly entries: readonly Dirent<Buffer>[];
  /** Why everything in it is skipped. */
  readonly skip: string | undefined;
  next: number;
}

type Judge = (prefix: string) => PrefixVerdict;

const SLASH = Buffer.from('/');
const NOTHING = Buffer.alloc(0);
/** The file calls are synchronous, for speed; after so many entries timers and signals get their turn. */
const ENTRIES_PER_TURN = 1024;

/**
 * Walks a folder to any depth, each folder in the byte order of its names, holding the names of the open folders only.
 * Symbolic links are not followed; only regular files are objects.
 * @param root the folder's real path
 */
export async function* walkFolder(root: Buffer, judge: Judge): AsyncGenerator<ListedEntry> {
  const open: Level[] = [];
  const first = openLevel(root, '', undefined);
  if ('kind' in first) yield first;
  else open.push(first);
  for (let count = 1; ; count += 1) {
    const level = open.at(-1);
    if (level === undefined) return;
    if (count % ENTRIES_PER_TURN === 0) await setImmediate();
    const dirent = level.entries[level.next++];
    const found = dirent === undefined ? open.pop() : enter(level, dirent, judge);
    if (found === undefined || found === level) continue;
    if ('kind' in found) yield found;
    else open.push(found);
  }
}

function enter(level: Level, dirent: Dirent<Buffer>, judge: Judge): Level | ListedEntry | undefined {
  const isRootOfAll = level.path.equals(SLASH);
  const path = Buffer.concat([level.path, isRootOfAll ? NOTHING : SLASH, dirent.name]);
  const key = level.prefix + shownName(dirent.name);
  if (!dirent.isDirectory()) return listFile(level, dirent, { path, key });
  const verdict = judge(`${key}/`);
  if (verdict === 'outside') return undefined;
  return openLevel(path, `${key}/`, level.skip ?? (verdict === 'descend' ? undefined : verdict.skip));
}

function listFile(level: Level, dirent: Dirent<Buffer>, file: { path: Buffer; key: string }): ListedEntry {
  const { path, key } = file;
  if (level.skip !== undefined) return skipped(key, level.skip);
  if (dirent.isSymbolicLink()) return skipped(key, 'symbolic link');
  if (!dirent.isFile()) return skipped(key, 'not a regular file');
  try {
    const stats = lstatSync(path);
    return stats.isFile()
      ? { kind: 'object', object: fileObject(key, path, stats) }
      : skipped(key, 'not a regular file');
  } catch (error) {
    return failed(key, error);
  }
}

function openLevel(path: Buffer, prefix: string, skip: string | undefined): Level | ListedEntry {
  try {
    const entries = readdirSync(path, { withFileTypes: true, encoding: 'buffer' });
    entries.sort((a, b) => Buffer.compare(a.name, b.name));
    return { path, prefix, entries, skip, next: 0 };
  } catch (error) {
    return skip === undefined ? failed(prefix, error) : skipped(prefix, skip);
  }
}

function skipped(key: string, reason: string): ListedEntry {
  return { kind: 'skipped', entry: { key, reason } };
}

function failed(key: string, error: unknown): ListedEntry {
  return { kind: 'failed', entry: { key, reason: reasonOf(error) } };
}
