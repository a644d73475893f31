import { describe, expect, test } from 'vitest';
import { displayWidth, shorten } from '../../src/output/display-width.js';

test.each([
  ['', 0],
  ['abc', 3],
  ['naïve', 5],
  ['日本語', 6],
  ['🪐', 2],
  ['👍🏽', 2],
  ['🇬🇧', 2],
  ['e\u0301', 1],
  ['ﾊﾝ', 2],
])('%s takes %i columns', (text, width) => {
  expect(displayWidth(text)).toBe(width);
});

describe('shorten', () => {
  test.each([
    ['abc', 3, 'abc'],
    ['abcd', 3, 'ab…'],
    ['日本語', 6, '日本語'],
    ['日本語', 5, '日本…'],
    ['日本語', 4, '日…'],
    ['日本語', 1, '…'],
    ['👍🏽👍🏽', 3, '👍🏽…'],
    ['🇬🇧🇫🇷', 3, '🇬🇧…'],
    ['cafe\u0301s!', 5, 'cafe\u0301…'],
    ['\x1b[31m', 8, '\\x1b[31m'],
    ['\x1b[31m', 7, '\\x1b[3…'],
  ])('%j to %i is %j', (text, width, short) => {
    expect(shorten(text, width)).toBe(short);
  });

  test('stacked accents are cut', () => {
    expect(shorten(`a${'\u0301'.repeat(10_000)}`, 5).length).toBeLessThan(200);
  });

  test('only the start of a huge value counts', () => {
    expect(shorten('日'.repeat(1_000_000), 10)).toBe('日日日日…');
  });
});
