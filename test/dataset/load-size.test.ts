import { expect, test } from 'vitest';
import { LoadSize } from '../../src/dataset/load-size.js';

const MB = 1024 * 1024;

/** The sizes of loads, where rows of so many bytes come a hundred at a time. */
function loadsOf(bytesPerRow: number): { rows: number; bytes: number }[] {
  const size = new LoadSize();
  return Array.from({ length: 7 }, () => {
    let rows = 0;
    do rows += 100;
    while (!size.isReached({ rows, bytes: rows * bytesPerRow }));
    return { rows, bytes: rows * bytesPerRow };
  });
}

test('short rows are loaded in whole row groups, wide ones before they fill the disk; the first loads are smaller', () => {
  expect(loadsOf(10).map(({ rows }) => Math.floor(rows / 122_880))).toEqual([1, 2, 4, 4, 4, 4, 4]);
  expect(loadsOf(10_000).map(({ bytes }) => Math.floor(bytes / MB))).toEqual([12, 24, 48, 48, 48, 48, 48]);
});
