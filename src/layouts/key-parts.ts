import { type HivePartitions, readPartitions } from './hive-partitions.js';
import type { TimeSpan } from './key-time.js';
import { reasonToSkipFolder } from './not-a-log.js';
import { readSlashDate, type SlashDate } from './slash-date.js';

/** The folders of a key, with what they say. */
export interface KeyFolders {
  readonly folders: readonly string[];
  /** The Hive partitions of the root and of the key's folders. */
  readonly partitions: HivePartitions;
  /** The one date written as `YYYY/MM/DD/` or `YYYY/MM/DD/HH/`. */
  readonly slashDate: SlashDate | undefined;
  /** The time of the folders: of the partitions where they name one, else of the date. */
  readonly folderTime: TimeSpan | undefined;
  /** Why nothing in these folders is a log. */
  readonly folderSkip: string | undefined;
}

/** A key taken apart. */
export interface KeyParts extends KeyFolders {
  /** What comes after the last `/`; empty for a prefix. */
  readonly name: string;
}

/** The folders that were read last: keys come folder by folder, and most share theirs with the one before. */
let latest: { readonly path: string; readonly root: string; readonly folders: KeyFolders } | undefined;

/**
 * Takes a key or a prefix apart.
 * @param root the folders that the key is relative to; only those at its end that are `name=value` are used
 */
export function splitKey(key: string, root = ''): KeyParts {
  const slash = key.lastIndexOf('/');
  const path = key.slice(0, slash + 1);
  if (latest?.path !== path || latest.root !== root) latest = { path, root, folders: readFolders(path, root) };
  return { ...latest.folders, name: key.slice(slash + 1) };
}

function readFolders(path: string, root: string): KeyFolders {
  const folders = path.split('/').slice(0, -1);
  const partitions = readPartitions([...partitionsOfRoot(root), ...folders]);
  const slashDate = readSlashDate(folders);
  const folderTime = partitions.timed ? partitions.time : slashDate?.time;
  return { folders, partitions, slashDate, folderTime, folderSkip: reasonToSkipFolder(folders) };
}

/** Folders further up (`/archive/date=2024-05-07/exports/`) were not made by the writer of the logs. */
function partitionsOfRoot(root: string): readonly string[] {
  const folders = root.split('/').filter((folder) => folder !== '' && folder !== '.');
  const last = folders.findLastIndex((folder) => !/^[^=]+=/.test(folder));
  return folders.slice(last + 1);
}
