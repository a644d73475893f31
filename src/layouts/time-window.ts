import { UserError } from '../errors.js';
import { calendarTime } from './calendar.js';
import type { TimeSpan } from './key-time.js';
import { wallTimeAt, zonedTimeToUtc } from './zoned-time.js';

/** The time asked for, in epoch milliseconds UTC. An absent edge is open. */
export interface TimeWindow {
  /** Inclusive. */
  readonly since?: number;
  /** Exclusive. */
  readonly until?: number;
}

export interface WindowEdgeOptions {
  /** The present, in epoch milliseconds. */
  readonly now: number;
  /** The time zone of dates without an offset, an IANA name or `+02:00`; UTC where absent. */
  readonly timezone?: string;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: HOUR_MS, d: DAY_MS, w: 7 * DAY_MS };
const DURATION = /^(\d+)([smhdw])$/;
const MAX_TIME_MS = 8.64e15;
const DATE_FORMS =
  'Write it as 2026-10-01, "2026-10-01 06:00", 2026-10-01T06:00:00Z, 2026-10-01T06:00:00+02:00, ' +
  '90m, 24h, 7d or 2w (that long ago), now, today or yesterday.';
const DATE_TIME = new RegExp(
  String.raw`^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)` +
    String.raw`(?:[Tt ](?<hour>\d\d)(?::(?<minute>\d\d)(?::(?<second>\d\d)(?:[.,](?<fraction>\d+))?)?)?` +
    String.raw`\s?(?<offset>[Zz]|[+-]\d\d(?::?\d\d)?)?)?$`,
);

/**
 * Reads one edge of a window: a date (its first instant), a date with a time, a length of time before now (`7d`),
 * `now`, `today` or `yesterday` (their first instants). Digits below a millisecond are dropped.
 * @returns epoch milliseconds UTC
 * @throws UserError that names the text and the forms that are understood
 */
export function parseWindowEdge(text: string, options: WindowEdgeOptions): number {
  const { now, timezone = 'UTC' } = options;
  const trimmed = text.trim();
  if (trimmed === 'now') return now;
  if (trimmed === 'today') return startOfDay(now, 0, timezone);
  if (trimmed === 'yesterday') return startOfDay(now, 1, timezone);
  if (DURATION.test(trimmed)) return timeBefore(now, trimmed, text);
  return parseDateTime(trimmed, text, timezone);
}

/**
 * Reads a length of time: `90s`, `30m`, `24h`, `7d`, `2w` or `0`. A day is 24 hours.
 * @returns milliseconds
 * @throws UserError that names the text and the forms that are understood
 */
export function parseDuration(text: string): number {
  const trimmed = text.trim();
  const match = DURATION.exec(trimmed);
  const milliseconds = trimmed === '0' ? 0 : Number(match?.[1] ?? NaN) * (UNIT_MS[match?.[2] ?? ''] ?? NaN);
  if (Number.isNaN(milliseconds) || milliseconds > MAX_TIME_MS) {
    throw new UserError(`Cannot read "${text}" as a length of time`, {
      wayOut: 'Write a whole number and its unit: 90s, 30m, 24h, 7d or 2w.',
    });
  }
  return milliseconds;
}

/**
 * Whether a key of this time may hold events of the window. Keys carry the time of delivery or arrival: an event may
 * come up to `latenessMs` before its key's time, and (a key names the oldest record it holds) up to an hour after it.
 */
export function spanMayHold(span: TimeSpan, window: TimeWindow, latenessMs: number): boolean {
  const { since = -Infinity, until = Infinity } = window;
  return span.to > since - HOUR_MS && span.from < until + latenessMs;
}

function startOfDay(now: number, daysBefore: number, timezone: string): number {
  const day = Math.floor(wallTimeAt(now, timezone) / DAY_MS) - daysBefore;
  return zonedTimeToUtc(day * DAY_MS, timezone);
}

function timeBefore(now: number, duration: string, text: string): number {
  const time = now - parseDuration(duration);
  if (time < -MAX_TIME_MS) throw badDate(text, 'that is too long ago');
  return time;
}

function parseDateTime(trimmed: string, text: string, timezone: string): number {
  const groups = DATE_TIME.exec(trimmed)?.groups;
  if (groups === undefined) throw badDate(text);
  const { year, month, day, hour = '0', minute = '0', second = '0', fraction = '' } = groups;
  const milliseconds = fraction.slice(0, 3).padEnd(3, '0');
  const wallTime = calendarTime([year, month, day, hour, minute, second, milliseconds].map(Number));
  if (wallTime === undefined) throw badDate(text, 'there is no such day or time');
  const offset = groups['offset'];
  if (offset === undefined) return zonedTimeToUtc(wallTime, timezone);
  return wallTime - parseOffset(offset, text);
}

function parseOffset(offset: string, text: string): number {
  const digits = offset.replace(/[^0-9]/g, '').padEnd(4, '0');
  const hours = Number(digits.slice(0, 2));
  const minutes = Number(digits.slice(2));
  if (hours > 18 || minutes > 59) throw badDate(text, 'there is no such offset from UTC');
  return (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

function badDate(text: string, fact?: string): UserError {
  return new UserError(`Cannot read "${text}" as a date${fact === undefined ? '' : `: ${fact}`}`, {
    wayOut: DATE_FORMS,
  });
}
