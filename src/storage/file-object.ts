import type { Stats } from 'node:fs';
import type { StoredObject } from './object-store.js';

/**
 * Describes a regular file as an object. The identity is the file's whole path, byte for byte (Latin-1), since a key is
 * only for people and cannot be turned back into a path.
 * @param path byte for byte, too
 */
export function fileObject(key: string, path: string, stats: Stats): StoredObject {
  return {
    key,
    size: stats.size,
    identity: path,
    version: versionOf(stats),
    modified: stats.mtimeMs,
  };
}

/** The path of a file that `fileObject` described. */
export function pathOfObject(object: Pick<StoredObject, 'identity'>): Buffer {
  return Buffer.from(object.identity, 'latin1');
}

/** What the identities of the files below a folder begin with. */
export function rootOfFolder(path: Buffer): string {
  const root = path.toString('latin1');
  return root.endsWith('/') ? root : `${root}/`;
}

/** Whether the file is still the one that was listed, with the same content as far as size and time tell. */
export function isUnchanged(object: Pick<StoredObject, 'version'>, stats: Stats): boolean {
  return withoutChangeTime(versionOf(stats)) === withoutChangeTime(object.version);
}

/** Changes whenever the file is written to, linked, or given other permissions. */
export function versionOf(stats: Stats): string {
  return `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeMs}:${stats.ctimeMs}`;
}

/** The change time also moves when a file is linked or its permissions change. */
function withoutChangeTime(version: string): string {
  return version.slice(0, version.lastIndexOf(':'));
}
