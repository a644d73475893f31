import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.js';
import {
  choosePeriod,
  describePeriod,
  isoTime,
  periodBefore,
  type PeriodChoice,
} from '../../src/reports/report-period.js';

const NOTHING = { month: undefined, since: undefined, until: undefined, startDate: undefined, endDate: undefined };

function choose(choice: Partial<PeriodChoice>, now = '2026-11-01T08:00:00Z') {
  const all = { ...NOTHING, timezone: 'UTC', now: Date.parse(now), ...choice };
  const period = choosePeriod(all);
  if (period === undefined) return undefined;
  const before = periodBefore(period, all.timezone);
  const edges = [period.since, period.until, before.since, before.until].map(isoTime);
  return { edges, label: describePeriod(period, all.timezone), before: describePeriod(before, all.timezone) };
}

describe('a month', () => {
  test('last, at eight on the first, is the whole month before', () => {
    expect(choose({ month: 'last' })).toEqual({
      edges: ['2026-10-01T00:00:00Z', '2026-11-01T00:00:00Z', '2026-09-01T00:00:00Z', '2026-10-01T00:00:00Z'],
      label: 'October 2026 (UTC)',
      before: 'September 2026 (UTC)',
    });
  });

  test.each([
    ['2026-11-30T23:59:59Z', 'UTC', 'October 2026 (UTC)'],
    ['2027-01-01T00:00:00Z', 'UTC', 'December 2026 (UTC)'],
    ['2026-10-31T23:30:00Z', 'Europe/Berlin', 'October 2026 (Europe/Berlin)'],
    ['2026-11-01T03:00:00Z', 'America/New_York', 'September 2026 (America/New_York)'],
  ])('last at %s in %s is %s', (now, timezone, label) =>
    expect(choose({ month: 'last', timezone }, now)?.label).toBe(label),
  );

  test('begins and ends at midnight of the time zone, before and after clocks change', () => {
    expect(choose({ month: '2026-10', timezone: 'Europe/Berlin' })?.edges).toEqual([
      '2026-09-30T22:00:00Z',
      '2026-10-31T23:00:00Z',
      '2026-08-31T22:00:00Z',
      '2026-09-30T22:00:00Z',
    ]);
  });

  test('January is held against December', () => {
    expect(choose({ month: '2026-01' })?.before).toBe('December 2025 (UTC)');
  });

  test.each(['2026-13', '2026-00', '2026-1', 'october', '', '9999-12', '0026-10'])('%j is none', (month) =>
    expect(() => choose({ month })).toThrow(UserError),
  );

  test('excludes a window', () => expect(() => choose({ month: 'last', since: '7d' })).toThrow(/exclude each other/));
});

describe('the days of a report file', () => {
  test('are both inclusive: equal days are that day', () => {
    expect(choose({ startDate: '2026-10-05', endDate: '2026-10-05' })).toEqual({
      edges: ['2026-10-05T00:00:00Z', '2026-10-06T00:00:00Z', '2026-10-04T00:00:00Z', '2026-10-05T00:00:00Z'],
      label: '2026-10-05 (UTC)',
      before: '2026-10-04 (UTC)',
    });
  });

  test('are held against as many days before', () => {
    const chosen = choose({ startDate: '2026-10-05', endDate: '2026-10-11' });
    expect([chosen?.label, chosen?.before]).toEqual([
      '2026-10-05 to 2026-10-11 (UTC)',
      '2026-09-28 to 2026-10-04 (UTC)',
    ]);
  });

  test('a day of 25 hours is one day', () => {
    const day = { startDate: '2026-10-25', endDate: '2026-10-25', timezone: 'Europe/Berlin' };
    expect(choose(day)?.edges.slice(0, 2)).toEqual(['2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z']);
  });

  test('give way to the flags', () => {
    expect(choose({ startDate: '2026-10-05', endDate: '2026-10-05', month: '2026-09' })?.label).toBe(
      'September 2026 (UTC)',
    );
  });
});

describe('a window', () => {
  test('without an end reaches to now, and is held against as long a time before', () => {
    expect(choose({ since: '24h' })?.edges).toEqual([
      '2026-10-31T08:00:00Z',
      '2026-11-01T08:00:00Z',
      '2026-10-30T08:00:00Z',
      '2026-10-31T08:00:00Z',
    ]);
  });

  test('that is two whole months is held against the two before', () => {
    expect(choose({ since: '2026-03-01', until: '2026-05-01' })?.edges[2]).toBe('2026-01-01T00:00:00Z');
  });

  test('without a beginning is no period, and nor is nothing', () => {
    expect(choose({ until: '2026-10-01' })).toBeUndefined();
    expect(choose({})).toBeUndefined();
  });

  test('that is empty is refused', () =>
    expect(() => choose({ since: '2026-10-02', until: '2026-10-02' })).toThrow(/empty/));
});
