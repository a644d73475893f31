import { UserError } from '../errors.js';
import { parseWindowEdge } from '../layouts/time-window.js';
import { wallTimeAt, zonedTimeToUtc } from '../layouts/zoned-time.js';

/** A stretch of time, in epoch milliseconds. */
export interface Period {
  /** Inclusive. */
  readonly since: number;
  /** Exclusive. */
  readonly until: number;
}

export interface PeriodChoice {
  /** `2026-10`, or `last`: the calendar month before now. */
  readonly month: string | undefined;
  readonly since: string | undefined;
  readonly until: string | undefined;
  /** Days of a report file, `2026-10-01`, both inclusive. */
  readonly startDate: string | undefined;
  readonly endDate: string | undefined;
  readonly timezone: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

const DAY_MS = 86_400_000;

/**
 * The period of a report: a month, else the window of the flags, else the days of the report file. `--since` alone reaches to
 * now; `until` alone, or nothing, is no period with a beginning.
 * @returns undefined where no beginning is known: then there is no period before, either
 * @throws UserError for what is no time, for an empty period, and for a month together with a window
 */
export function choosePeriod(choice: PeriodChoice): Period | undefined {
  const { month, since, until, startDate, endDate, timezone, now } = choice;
  if (month !== undefined && (since !== undefined || until !== undefined))
    throw new UserError('--month and a window exclude each other', {
      wayOut: 'Give --month, or --since and --until.',
    });
  if (month !== undefined) return monthPeriod(month, timezone, now);
  if (since === undefined && until !== undefined) return undefined;
  if (since !== undefined) {
    const edge = (text: string): number => parseWindowEdge(text, { now, timezone });
    return checked({ since: edge(since), until: until === undefined ? now : edge(until) });
  }
  if (startDate === undefined || endDate === undefined) return undefined;
  const first = parseWindowEdge(startDate, { now, timezone });
  const last = parseWindowEdge(endDate, { now, timezone });
  return { since: first, until: shiftDays(last, 1, timezone) };
}

function checked(period: Period): Period {
  if (period.since < period.until) return period;
  throw new UserError('The period is empty: its beginning is not before its end', {
    wayOut: '--since is the first time that counts, --until the first that does not.',
  });
}

function monthPeriod(month: string, timezone: string, now: number): Period {
  const [, year = '', number = ''] = /^(\d{4})-(\d\d)$/.exec(month) ?? [];
  // A year that is written with four digits, and so is the one that its December ends in.
  const isMonth = Number(number) >= 1 && Number(number) <= 12 && Number(year) >= 1970 && Number(year) < 9999;
  if (month !== 'last' && !isMonth)
    throw new UserError(`Cannot read "${month}" as a month`, { wayOut: 'Write it as 2026-10, or last.' });
  const today = new Date(wallTimeAt(now, timezone));
  const first =
    month === 'last' ? { year: today.getUTCFullYear(), month: today.getUTCMonth() - 1 } : monthOf(year, number);
  return {
    since: zonedTimeToUtc(Date.UTC(first.year, first.month, 1), timezone),
    until: zonedTimeToUtc(Date.UTC(first.year, first.month + 1, 1), timezone),
  };
}

function monthOf(year: string, number: string): { readonly year: number; readonly month: number } {
  return { year: Number(year), month: Number(number) - 1 };
}

/** The period before: as many whole months or days before where it is whole months or days, else the same length of time. */
export function periodBefore(period: Period, timezone: string): Period {
  const months = wholeMonths(period, timezone);
  if (months !== undefined) return { since: shiftMonths(period.since, -months, timezone), until: period.since };
  const days = wholeDays(period, timezone);
  if (days !== undefined) return { since: shiftDays(period.since, -days, timezone), until: period.since };
  return { since: period.since - (period.until - period.since), until: period.since };
}

/** For people: `October 2026`, `2026-10-01`, `2026-10-01 to 2026-10-07`, or both times. */
export function describePeriod(period: Period, timezone: string): string {
  const zone = timezone === 'UTC' ? 'UTC' : timezone;
  const first = new Date(wallTimeAt(period.since, timezone));
  if (wholeMonths(period, timezone) === 1) return `${MONTHS[first.getUTCMonth()]} ${first.getUTCFullYear()} (${zone})`;
  const days = wholeDays(period, timezone);
  const day = (time: number): string => new Date(wallTimeAt(time, timezone)).toISOString().slice(0, 10);
  if (days === 1) return `${day(period.since)} (${zone})`;
  if (days !== undefined) return `${day(period.since)} to ${day(shiftDays(period.until, -1, timezone))} (${zone})`;
  return `${isoTime(period.since)} to ${isoTime(period.until)}`;
}

const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July'],
  ...['August', 'September', 'October', 'November', 'December'],
];

/** ISO text without a fraction of zero. */
export function isoTime(time: number): string {
  return new Date(time).toISOString().replace('.000Z', 'Z');
}

function wholeMonths({ since, until }: Period, timezone: string): number | undefined {
  const [first, end] = [since, until].map((time) => new Date(wallTimeAt(time, timezone)));
  if (first === undefined || end === undefined || !isMidnight(first) || !isMidnight(end)) return undefined;
  if (first.getUTCDate() !== 1 || end.getUTCDate() !== 1) return undefined;
  return (end.getUTCFullYear() - first.getUTCFullYear()) * 12 + end.getUTCMonth() - first.getUTCMonth();
}

function wholeDays({ since, until }: Period, timezone: string): number | undefined {
  const [first, end] = [since, until].map((time) => new Date(wallTimeAt(time, timezone)));
  if (first === undefined || end === undefined || !isMidnight(first) || !isMidnight(end)) return undefined;
  return Math.round((end.getTime() - first.getTime()) / DAY_MS);
}

function isMidnight(wall: Date): boolean {
  return wall.getTime() % DAY_MS === 0;
}

function shiftDays(time: number, days: number, timezone: string): number {
  return zonedTimeToUtc(wallTimeAt(time, timezone) + days * DAY_MS, timezone);
}

function shiftMonths(time: number, months: number, timezone: string): number {
  const wall = new Date(wallTimeAt(time, timezone));
  return zonedTimeToUtc(Date.UTC(wall.getUTCFullYear(), wall.getUTCMonth() + months, 1), timezone);
}
