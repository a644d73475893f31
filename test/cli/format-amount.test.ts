import { expect, it } from 'vitest';

import { formatBytes, formatCount, formatSeconds } from '../../src/cli/format-amount.js';

it.each([
  [0, '0'],
  [999, '999'],
  [1000, '1,000'],
  [2900, '2,900'],
  [1234567, '1,234,567'],
])('formatCount(%d) is %s', (count, text) => {
  expect(formatCount(count)).toBe(text);
});

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [4_100_000, '4.1 MB'],
  [9_949_999, '9.9 MB'],
  [9_960_000, '10 MB'],
  [44_000_000, '44 MB'],
  [999_499_999, '999 MB'],
  [999_600_000, '1.0 GB'],
  [5e18, '5,000 PB'],
])('formatBytes(%d) is %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

it.each([
  [0.04, '0.04 s'],
  [0.8, '0.8 s'],
  [9.96, '10 s'],
  [44.4, '44 s'],
  [720, '12 min'],
  [11_520, '3.2 h'],
])('formatSeconds(%d) is %s', (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});
