import { type Dirent, lstatSync, readdirSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { reasonOf } from './file-errors.js';
import { fileObject } from './file-object.js';
import type { ListedEntry, PrefixVerdict } from './object-store.js';
import { shownName } from './shown-name.js';

/** A folder that is being walked. */
interface Level {
  /** The path's bytes as Latin-1, one character a byte; empty for the root of all. */
  readonly path: string;
  readonly prefix: string;
  /** Names as the path. */
  readonly entries: readonly Dirent[];
  /** Why everything in it is skipped. */
  readonly skip: string | undefined;
  next: number;
}

type Judge = (prefix: string) => PrefixVerdict;

/** The file calls are synchronous, for speed; after so many entries timers and signals get their turn. */
const ENTRIES_PER_TURN = 1024;

/**
 * Walks a folder to any depth, each folder in the byte order of its names, holding the names of the open folders only.
 * Symbolic links are not followed; only regular files are objects.
 * @param root the folder's real path
 */
export async function* walkFolder(root: Buffer, judge: Judge): AsyncGenerator<ListedEntry> {
  const open: Level[] = [];
  const path = root.toString('latin1');
  const first = openLevel(path === '/' ? '' : path, '', undefined);
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

function enter(level: Level, dirent: Dirent, judge: Judge): Level | ListedEntry | undefined {
  const path = `${level.path}/${dirent.name}`;
  const key = level.prefix + (isAscii(dirent.name) ? dirent.name : shownName(Buffer.from(dirent.name, 'latin1')));
  if (!dirent.isDirectory()) return listFile(level, dirent, { path, key });
  const verdict = judge(`${key}/`);
  if (verdict === 'outside') return undefined;
  return openLevel(path, `${key}/`, level.skip ?? (verdict === 'descend' ? undefined : verdict.skip));
}

function listFile(level: Level, dirent: Dirent, file: { path: string; key: string }): ListedEntry {
  const { path, key } = file;
  if (level.skip !== undefined) return skipped(key, level.skip);
  if (dirent.isSymbolicLink()) return skipped(key, 'symbolic link');
  if (!dirent.isFile()) return skipped(key, 'not a regular file');
  try {
    const stats = lstatSync(systemPath(path));
    return stats.isFile()
      ? { kind: 'object', object: fileObject(key, path, stats) }
      : skipped(key, 'not a regular file');
  } catch (error) {
    return failed(key, error);
  }
}

function openLevel(path: string, prefix: string, skip: string | undefined): Level | ListedEntry {
  try {
    const entries = readdirSync(path === '' ? '/' : systemPath(path), { withFileTypes: true, encoding: 'latin1' });
    // By code units, which here are bytes.
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    return { path, prefix, entries, skip, next: 0 };
  } catch (error) {
    return skip === undefined ? failed(prefix, error) : skipped(prefix, skip);
  }
}

/** Node writes text as UTF-8; a string is looked up in half the time of bytes. */
function systemPath(path: string): string | Buffer {
  return isAscii(path) ? path : Buffer.from(path, 'latin1');
}

function isAscii(text: string): boolean {
  return !NOT_ASCII.test(text);
}

const NOT_ASCII = /[^\0-\x7f]/;

function skipped(key: string, reason: string): ListedEntry {
  return { kind: 'skipped', entry: { key, reason } };
}

function failed(key: string, error: unknown): ListedEntry {
  return { kind: 'failed', entry: { key, reason: reasonOf(error) } };
}
