import type { TimeSpan } from './key-time.js';

/**
 * The UTC instant of a calendar date in epoch milliseconds.
 * @param parts year, month (1–12), day, hour, minute, second, millisecond; those left out are the first of their kind.
 * @returns undefined when there is no such date or time (30 February, hour 24, a year before 100).
 */
export function calendarTime(parts: readonly number[]): number | undefined {
  const [year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0, millisecond = 0] = parts;
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second, millisecond));
  const isReal =
    date.getUTCFullYear() === year &&
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute &&
    date.getUTCSeconds() === second &&
    date.getUTCMilliseconds() === millisecond;
  return isReal ? date.getTime() : undefined;
}

/**
 * The whole year, month, day, hour, minute or second that the parts name, in UTC.
 * @returns undefined when there is no such date or time.
 */
export function calendarSpan(parts: readonly number[]): TimeSpan | undefined {
  const from = calendarTime(parts);
  if (from === undefined) return undefined;
  // Date.UTC carries a month 13 or an hour 24 over, which is what the end of a span needs.
  const next = parts.map((part, index) => (index === parts.length - 1 ? part + 1 : part));
  const [year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0] = next;
  return { from, to: Date.UTC(year, month - 1, day, hour, minute, second) };
}

/**
 * Puts the time of a key's folders and the time of its name together: the narrower one where it lies inside the other.
 * Where they disagree (a partition in local time, a name in UTC) the span that covers both.
 */
export function narrowSpan(folders: TimeSpan | undefined, name: TimeSpan | undefined): TimeSpan | undefined {
  if (folders === undefined || name === undefined) return name ?? folders;
  if (name.from >= folders.from && name.to <= folders.to) return name;
  return { from: Math.min(folders.from, name.from), to: Math.max(folders.to, name.to) };
}
