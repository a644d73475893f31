import type { RootOptions } from './key-layout.js';
import { type KeyParts, splitKey } from './key-parts.js';
import { spanMayHold, type TimeWindow } from './time-window.js';

export interface PruneOptions extends RootOptions {
  readonly window: TimeWindow;
  /** How much later than its event a key may be, in milliseconds. */
  readonly latenessMs: number;
}

/**
 * Whether anything below a prefix may hold events of the window, as far as its folders tell: Hive partitions at every
 * level, dates as folders from the day on.
 * @param prefix relative to the root, ending in `/`
 */
export function prefixMayHold(prefix: string, window: TimeWindow, latenessMs: number): boolean {
  return mayHold(splitKey(prefix), { window, latenessMs });
}

/**
 * What a listing is to do with a prefix: leave out what is outside the window, skip what is plainly no log, look into the
 * rest. The answer is one that `ObjectStore.list` takes.
 */
export function judgePrefix(prefix: string, options: PruneOptions): 'descend' | 'outside' | { readonly skip: string } {
  const parts = splitKey(prefix, options.root);
  if (!mayHold(parts, options)) return 'outside';
  const { folderSkip } = parts;
  return folderSkip === undefined ? 'descend' : { skip: folderSkip };
}

function mayHold({ folderTime }: KeyParts, { window, latenessMs }: PruneOptions): boolean {
  return folderTime === undefined || spanMayHold(folderTime, window, latenessMs);
}
