import { calendarSpan } from './calendar.js';
import type { TimeSpan } from './key-time.js';

/** A date written as folders. */
export interface SlashDate {
  readonly time: TimeSpan;
  /** The folders go down to the hour. */
  readonly hasHour: boolean;
}

const YEAR = /^(?:19[7-9]|2[01]\d)\d$/;
const TWO_DIGITS = /^\d\d$/;

/**
 * Finds the date that folders spell as `YYYY/MM/DD` or `YYYY/MM/DD/HH`, padded with zeros. No date, an impossible one, or
 * more than one give undefined.
 */
export function readSlashDate(folders: readonly string[]): SlashDate | undefined {
  const starts = folders.flatMap((folder, index) => (YEAR.test(folder) && isDateAt(folders, index) ? [index] : []));
  const [start] = starts;
  if (start === undefined || starts.length > 1) return undefined;
  const hasHour = TWO_DIGITS.test(folders[start + 3] ?? '');
  const time = calendarSpan(folders.slice(start, start + (hasHour ? 4 : 3)).map(Number));
  return time === undefined ? undefined : { time, hasHour };
}

function isDateAt(folders: readonly string[], index: number): boolean {
  return TWO_DIGITS.test(folders[index + 1] ?? '') && TWO_DIGITS.test(folders[index + 2] ?? '');
}
