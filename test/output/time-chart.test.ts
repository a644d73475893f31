import { expect, test } from 'vitest';
import { readTimeChart } from '../../src/output/time-chart.js';
import type { Column, Row } from '../../src/engines/engine.js';
import { once } from '../../src/output/once.js';

const COLUMNS: readonly Column[] = [
  { name: 'period', type: 'timestamp' },
  { name: 'calls', type: 'integer' },
];

test('times are drawn in their order, whatever that of the rows is, and rows of one time are one point', async () => {
  const rows: Row[] = [
    ['2026-10-01T10:00:00Z', 9n],
    ['2026-10-01T08:00:00Z', 4n],
    [null, 3n],
    ['2026-10-01T09:00:00Z', 2n],
    ['2026-10-01T08:00:00.5Z', 1n],
    ['2026-10-01T10:00:00Z', 1n],
  ];
  const { labels, series } = await readTimeChart({ columns: COLUMNS, chunks: once(rows) }, '');
  expect(labels).toEqual(['08:00', '08:00.5', '09:00', '10:00']);
  expect(series).toEqual([{ name: 'calls', values: [4, 1, 2, 10] }]);
});
