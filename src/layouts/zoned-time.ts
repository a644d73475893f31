import { UserError } from '../errors.js';

const DAY_MS = 86_400_000;

/**
 * The UTC instant at which clocks in a time zone show a wall time. A wall time that comes twice (clocks go back) is the
 * earlier one; one that never comes (clocks go forward) is the instant it would have been without the change.
 * @param wallTime the wall time in epoch milliseconds, as if it were UTC
 * @param timezone an IANA name (`Europe/Berlin`) or an offset from UTC (`+02:00`)
 * @throws UserError when there is no such time zone
 */
export function zonedTimeToUtc(wallTime: number, timezone: string): number {
  const offsetBefore = offsetAt(wallTime - DAY_MS, timezone);
  const offsetAfter = offsetAt(wallTime + DAY_MS, timezone);
  const instants = [wallTime - offsetBefore, wallTime - offsetAfter]
    .filter((instant) => wallTimeAt(instant, timezone) === wallTime)
    .sort((a, b) => a - b);
  return instants[0] ?? wallTime - offsetBefore;
}

/**
 * What clocks in a time zone show at an instant, in epoch milliseconds as if it were UTC.
 * @throws UserError when there is no such time zone
 */
export function wallTimeAt(instant: number, timezone: string): number {
  return instant + offsetAt(instant, timezone);
}

/** Offsets are not left to Intl: Node 20 does not know them. */
const FIXED_OFFSET = /^(?<sign>[+-])(?<hours>\d\d):(?<minutes>[0-5]\d)$/;

function offsetAt(instant: number, timezone: string): number {
  const { sign, hours, minutes } = FIXED_OFFSET.exec(timezone)?.groups ?? {};
  if (sign !== undefined) return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
  const seconds = Math.floor(instant / 1000) * 1000;
  const shown = new Map(
    clockOf(timezone)
      .formatToParts(seconds)
      .map((part) => [part.type, Number(part.value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes): number => shown.get(type) ?? 0;
  const wall = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return wall - seconds;
}

function clockOf(timezone: string): Intl.DateTimeFormat {
  const number = 'numeric';
  const fields = { year: number, month: number, day: number, hour: number, minute: number, second: number } as const;
  try {
    return new Intl.DateTimeFormat('en-US-u-ca-iso8601-nu-latn', { ...fields, hourCycle: 'h23', timeZone: timezone });
  } catch (cause) {
    throw new UserError(`Unknown time zone "${timezone}"`, {
      wayOut: 'Give an IANA name such as UTC, Europe/Berlin or America/New_York, or an offset such as +02:00.',
      cause,
    });
  }
}
