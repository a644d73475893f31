import { narrowSpan } from './calendar.js';
import type { KeyParts } from './key-parts.js';
import type { TimeSpan } from './key-time.js';
import { readNameStamp } from './name-stamp.js';

const STAMP = new RegExp(
  String.raw`(?:^|\D)(\d{4})-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)-` +
    String.raw`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?:\.[\w.-]*)?$`,
  'i',
);

/**
 * A key as Firehose writes it by default: `YYYY/MM/dd/HH/<stream>-<version>-YYYY-MM-DD-HH-MM-SS-<uuid>[.gz]`, below any
 * prefix (`error/…-failed/`, a LocalStack prefix with literal `!{timestamp:…}`), or its file name alone. The time is the
 * arrival of the oldest record; the folders may be in another time zone than the name.
 */
export function readFirehose(parts: KeyParts): { readonly time?: TimeSpan } | undefined {
  const stamp = readNameStamp(parts.name, STAMP);
  if (stamp === undefined && parts.slashDate?.hasHour !== true) return undefined;
  const time = narrowSpan(parts.folderTime, stamp);
  return time === undefined ? {} : { time };
}
