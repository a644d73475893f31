import { calendarSpan } from './calendar.js';
import type { TimeSpan } from './key-time.js';

/**
 * The second (or minute) that a file name gives, by a pattern whose groups are year, month, day, hour, minute and perhaps
 * second. No match or an impossible date give undefined.
 */
export function readNameStamp(name: string, pattern: RegExp): TimeSpan | undefined {
  const parts = pattern
    .exec(name)
    ?.slice(1)
    .filter((part) => part !== undefined);
  return parts === undefined ? undefined : calendarSpan(parts.map(Number));
}
