import { readCloudTrail } from './cloudtrail.js';
import { readFirehose } from './firehose.js';
import { readHive } from './hive.js';
import { type KeyParts, splitKey } from './key-parts.js';
import type { TimeSpan } from './key-time.js';
import { reasonToSkipName } from './not-a-log.js';
import { readS3Access } from './s3-access.js';

export type LayoutName = 'hive' | 'firehose' | 'cloudtrail' | 's3-access' | 'plain';

export interface KeyLayout {
  readonly layout: LayoutName;
  /** When the key was written or delivered, or the partition it is in. Absent where there is any doubt. */
  readonly time?: TimeSpan;
  /** Why the key is plainly no log; such an object is counted as skipped. */
  readonly skip?: string;
}

export interface RootOptions {
  /** The folders that the key is relative to: a root inside a Hive partition gives its keys that partition. */
  readonly root?: string;
}

type LayoutReader = (parts: KeyParts) => { readonly time?: TimeSpan } | undefined;

/** In this order: a name that only one service writes says more than the folders that somebody chose. */
const LAYOUTS: readonly (readonly [LayoutName, LayoutReader])[] = [
  ['cloudtrail', readCloudTrail],
  ['hive', readHive],
  ['s3-access', readS3Access],
  ['firehose', readFirehose],
  ['hive', (parts) => (parts.partitions.present ? {} : undefined)],
];

/**
 * What a key says about itself: its layout, its time, and whether it is plainly no log. The time serves only to leave out
 * what cannot hold a window, so there is none where it is in doubt: an impossible date, folders that contradict each other.
 * A key of no known layout is `plain`, with the day of its folders where they spell one.
 */
export function readKeyLayout(key: string, options: RootOptions = {}): KeyLayout {
  const parts = splitKey(key, options.root);
  const skip = parts.folderSkip ?? reasonToSkipName(parts.name);
  return { ...layoutOf(parts), ...(skip === undefined ? {} : { skip }) };
}

function layoutOf(parts: KeyParts): KeyLayout {
  for (const [layout, read] of LAYOUTS) {
    const found = read(parts);
    if (found !== undefined) return { layout, ...found };
  }
  const { folderTime } = parts;
  return folderTime === undefined ? { layout: 'plain' } : { layout: 'plain', time: folderTime };
}
