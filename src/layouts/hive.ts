import type { KeyParts } from './key-parts.js';
import type { TimeSpan } from './key-time.js';

/** A key in Hive partitions that name a time: `year=2023/month=01/…`, `dt=2023-01-10/h=06/…`. */
export function readHive(parts: KeyParts): { readonly time?: TimeSpan } | undefined {
  const { timed, time } = parts.partitions;
  if (!timed) return undefined;
  return time === undefined ? {} : { time };
}
