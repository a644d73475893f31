import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.js';
import { parseDuration, parseWindowEdge, spanMayHold } from '../../src/layouts/time-window.js';

const now = Date.parse('2026-10-15T12:34:56.789Z');

describe('an edge of a window', () => {
  test.each([
    ['2026-10-01', 'UTC', '2026-10-01T00:00:00Z'],
    [' 2026-10-01 ', 'UTC', '2026-10-01T00:00:00Z'],
    ['2024-02-29', 'UTC', '2024-02-29T00:00:00Z'],
    ['2026-10-01 06:00', 'UTC', '2026-10-01T06:00:00Z'],
    ['2026-10-01T06', 'UTC', '2026-10-01T06:00:00Z'],
    ['2026-10-01T06:07:08', 'UTC', '2026-10-01T06:07:08Z'],
    ['2026-10-01T06:07:08.25', 'UTC', '2026-10-01T06:07:08.250Z'],
    ['2026-10-01T06:07:08.123456Z', 'UTC', '2026-10-01T06:07:08.123Z'],
    ['2026-10-01T06:07:08Z', 'Europe/Berlin', '2026-10-01T06:07:08Z'],
    ['2026-10-01T06:07:08+02:00', 'UTC', '2026-10-01T04:07:08Z'],
    ['2026-10-01T06:07:08-0330', 'Europe/Berlin', '2026-10-01T09:37:08Z'],
    ['2026-10-01T06:07+02', 'UTC', '2026-10-01T04:07:00Z'],
    ['2026-10-01', 'Europe/Berlin', '2026-09-30T22:00:00Z'],
    ['2026-12-01', 'Europe/Berlin', '2026-11-30T23:00:00Z'],
    ['2026-10-01 06:00', 'America/New_York', '2026-10-01T10:00:00Z'],
    ['2026-10-01', 'Asia/Kolkata', '2026-09-30T18:30:00Z'],
    ['2026-10-01', 'Pacific/Kiritimati', '2026-09-30T10:00:00Z'],
    // Clocks go back: 01:30 comes twice, the first is daylight time.
    ['2026-11-01 01:30', 'America/New_York', '2026-11-01T05:30:00Z'],
    // Clocks go forward: 02:30 never comes.
    ['2026-03-08 02:30', 'America/New_York', '2026-03-08T07:30:00Z'],
    // A day that starts at 01:00.
    ['2018-11-04', 'America/Sao_Paulo', '2018-11-04T03:00:00Z'],
    ['now', 'Europe/Berlin', '2026-10-15T12:34:56.789Z'],
    ['today', 'UTC', '2026-10-15T00:00:00Z'],
    ['today', 'Pacific/Kiritimati', '2026-10-15T10:00:00Z'],
    ['yesterday', 'UTC', '2026-10-14T00:00:00Z'],
    ['yesterday', 'America/Los_Angeles', '2026-10-14T07:00:00Z'],
    ['2026-10-01', '+02:00', '2026-09-30T22:00:00Z'],
    ['2026-10-01', '-05:30', '2026-10-01T05:30:00Z'],
    ['yesterday', '+14:00', '2026-10-14T10:00:00Z'],
    ['7d', 'UTC', '2026-10-08T12:34:56.789Z'],
    ['24h', 'Europe/Berlin', '2026-10-14T12:34:56.789Z'],
    ['90m', 'UTC', '2026-10-15T11:04:56.789Z'],
    ['2w', 'UTC', '2026-10-01T12:34:56.789Z'],
    ['30s', 'UTC', '2026-10-15T12:34:26.789Z'],
  ])('%s in %s', (text, timezone, expected) => {
    expect(new Date(parseWindowEdge(text, { now, timezone })).toISOString()).toBe(new Date(expected).toISOString());
  });

  test('is UTC without a time zone', () => {
    expect(parseWindowEdge('2026-10-01', { now })).toBe(Date.parse('2026-10-01T00:00:00Z'));
  });

  test('yesterday is a day of 23 hours when the clocks went forward', () => {
    const monday = Date.parse('2026-03-30T10:00:00Z');
    expect(parseWindowEdge('yesterday', { now: monday, timezone: 'Europe/Berlin' })).toBe(
      Date.parse('2026-03-28T23:00Z'),
    );
    expect(parseWindowEdge('today', { now: monday, timezone: 'Europe/Berlin' })).toBe(Date.parse('2026-03-29T22:00Z'));
  });

  test.each([
    '2026-02-30',
    '2026-02-29',
    '2026-13-01',
    '2026-00-10',
    '2026-10-01T24:00',
    '2026-10-01T06:60',
    '2026-10-01T06:00:60Z',
    '2026-10-01T06:00+19:00',
    '0000-01-01',
    '2026-10',
    '20261001',
    '2026-10-1',
    '01.10.2026',
    '10/01/2026',
    'last week',
    'Today',
    '7 d',
    '7',
    '-7d',
    '7y',
    '1.5h',
    '999999999w',
    '',
    '2026-10-01T06:00Zjunk',
  ])('%j is refused by name, with the forms that are understood', (text) => {
    const error = thrownBy(() => parseWindowEdge(text, { now }));
    expect(error.message).toContain(`"${text}"`);
    expect(error.wayOut.join('\n')).toMatch(/2026-10-01|7d/);
  });

  test('an impossible day says so', () => {
    expect(thrownBy(() => parseWindowEdge('2026-02-30', { now })).message).toMatch(/no such day/);
  });

  test('an unknown time zone is named', () => {
    const error = thrownBy(() => parseWindowEdge('2026-10-01', { now, timezone: 'Europe/Berlinn' }));
    expect(error.message).toContain('Europe/Berlinn');
  });
});

test.each([
  ['0', 0],
  ['0h', 0],
  ['90s', 90_000],
  ['90m', 5_400_000],
  ['24h', 86_400_000],
  ['7d', 604_800_000],
  ['2w', 1_209_600_000],
])('the duration %s', (text, expected) => {
  expect(parseDuration(text)).toBe(expected);
});

test.each(['', '24', 'h', '1.5h', '-1h', '24H', '1d12h', '99999999999999999d'])('no duration: %j', (text) => {
  expect(thrownBy(() => parseDuration(text)).message).toContain(`"${text}"`);
});

describe('a key of 10:00 to 11:00, lateness 24 h', () => {
  const span = { from: Date.parse('2026-10-10T10:00Z'), to: Date.parse('2026-10-10T11:00Z') };
  const at = (text: string): number => Date.parse(text);

  test.each<readonly [since: string | undefined, until: string | undefined, mayHold: boolean]>([
    [undefined, undefined, true],
    ['2026-10-10T10:15Z', '2026-10-10T10:20Z', true],
    ['2026-10-10T11:59Z', undefined, true],
    ['2026-10-10T12:00Z', undefined, false],
    [undefined, '2026-10-09T10:00:00.001Z', true],
    [undefined, '2026-10-09T10:00Z', false],
    ['2026-10-09T12:00Z', '2026-10-09T12:01Z', true],
  ])('since %s until %s: %s', (since, until, mayHold) => {
    const window = {
      ...(since === undefined ? {} : { since: at(since) }),
      ...(until === undefined ? {} : { until: at(until) }),
    };
    expect(spanMayHold(span, window, 86_400_000)).toBe(mayHold);
  });
});

function thrownBy(action: () => unknown): UserError {
  try {
    action();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
