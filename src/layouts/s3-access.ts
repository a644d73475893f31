import { narrowSpan } from './calendar.js';
import type { KeyParts } from './key-parts.js';
import type { TimeSpan } from './key-time.js';
import { readNameStamp } from './name-stamp.js';

const STAMP = /(\d{4})-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)-[0-9A-Z]{8,32}(?:\.[A-Za-z0-9.]+)?$/;
const DAY_ONLY = /(\d{4})-(\d\d)-(\d\d)-00-00-00-[0-9A-Z]{8,32}(?:\.[A-Za-z0-9.]+)?$/;

/**
 * A key of S3 server access logs: `[prefix]YYYY-MM-DD-hh-mm-ss-<id>`, perhaps in folders with a date. The time is that of
 * delivery; where the bucket partitions by event time, S3 writes 00-00-00 and the log holds the whole day.
 */
export function readS3Access(parts: KeyParts): { readonly time?: TimeSpan } | undefined {
  const second = readNameStamp(parts.name, STAMP);
  if (second === undefined) return undefined;
  const time = narrowSpan(parts.folderTime, readNameStamp(parts.name, DAY_ONLY) ?? second);
  return time === undefined ? {} : { time };
}
