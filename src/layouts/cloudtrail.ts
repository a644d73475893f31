import { narrowSpan } from './calendar.js';
import type { KeyParts } from './key-parts.js';
import type { TimeSpan } from './key-time.js';
import { readNameStamp } from './name-stamp.js';

const NAME = /(?:^|\D)\d{12}[_-]CloudTrail[_-]/;
const STAMP = /[_-](\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)?Z?(?=[_.-]|$)/;
const REGION = /^[a-z]{2}(?:-[a-z]+)+-\d+$/;

/**
 * A key of a CloudTrail trail, `[prefix/]AWSLogs/[o-id/]<account>/CloudTrail/<region>/YYYY/MM/DD/<file>` with
 * `<account>_CloudTrail_<region>_YYYYMMDDTHHmmZ_<id>.json.gz`, or the end of such a key down to the file name alone. Other
 * writers use `-` for `_`, leave `Z` or the id out, or write seconds. The time is that of delivery; where the name has
 * none, the day of the folders.
 */
export function readCloudTrail(parts: KeyParts): { readonly time?: TimeSpan } | undefined {
  const isNamed = NAME.test(parts.name);
  if (!isNamed && !isTrailFolder(parts.folders)) return undefined;
  const stamp = isNamed ? readNameStamp(parts.name, STAMP) : undefined;
  const time = narrowSpan(parts.folderTime, stamp);
  return time === undefined ? {} : { time };
}

function isTrailFolder(folders: readonly string[]): boolean {
  const index = folders.indexOf('CloudTrail');
  if (index === -1) return false;
  return folders.slice(0, index).includes('AWSLogs') || REGION.test(folders[index + 1] ?? '');
}
