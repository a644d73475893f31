import { describe, expect, test } from 'vitest';
import { COMMENT_BYTES, renderReportMarkdown } from '../../src/reports/render-report-markdown.js';
import { madeReport, madeSection } from './made-report.js';

const columns = [
  { name: 'name', type: 'text' as const },
  { name: 'calls', type: 'integer' as const },
];
const rowsOf = (count: number) => Array.from({ length: count }, (_, at) => [`row-${at} ${'ü'.repeat(40)}`, BigInt(at)]);
const linesOf = (text: string): number => text.split('\n').filter((line) => line.startsWith('| row-')).length;

describe('what does not fit', () => {
  const sections = [
    madeSection({ id: 'a', title: 'First', columns, rows: rowsOf(300) }),
    madeSection({ id: 'b', title: 'Second', columns, rows: rowsOf(2000) }),
    madeSection({ id: 'c', title: 'Third', columns, rows: rowsOf(10) }),
  ];

  test('is cut so that a comment of GitHub takes the rest, and a sentence counts what is left out', async () => {
    const text = await renderReportMarkdown(madeReport({ sections }), { mostBytes: COMMENT_BYTES });
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(COMMENT_BYTES);
    expect(Buffer.byteLength(text)).toBeGreaterThan(COMMENT_BYTES * 0.95);
    const shown = linesOf(text);
    const [, rows = '', left] = /\*\*Cut: ([\d,]+) rows(?: and (\d+) sections)? are left out/.exec(text) ?? [];
    expect(shown + Number(rows.replace(',', ''))).toBe(300 + 2000 + (left === undefined ? 10 : 0));
    expect(text).toContain('below 65,536 bytes');
    expect(text.indexOf('objects read')).toBeGreaterThan(text.indexOf('## Second'));
  });

  test.each([600, 2048, 10_000])('keeps within %d bytes', async (mostBytes) => {
    const text = await renderReportMarkdown(madeReport({ sections }), { mostBytes });
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(mostBytes);
    expect(text).toContain('**Cut: ');
  });

  test('is nothing where all fits', async () => {
    const text = await renderReportMarkdown(madeReport({ sections }), { mostBytes: 1_000_000 });
    expect(linesOf(text)).toBe(2310);
    expect(text).not.toContain('Cut');
  });
});

test('a change, a day and large numbers are for people', async () => {
  const section = madeSection({
    columns: [{ name: 'period', type: 'timestamp' }, ...columns, { name: 'calls_before', type: 'integer' }],
    rows: [
      ['2026-10-01T00:00:00Z', 'a', 1234567n, 1000000n],
      ['2026-10-02T00:00:00Z', 'b', 5n, null],
      ['2026-10-03T00:00:00Z', 'c', 5n, 5n],
      [null, 'd', 4n, 8n],
    ],
    shown: ['period', 'name', 'calls'],
    compared: { column: 'calls', before: 'calls_before' },
  });
  const text = await renderReportMarkdown(madeReport({ sections: [section] }), { mostBytes: COMMENT_BYTES });
  const table = text.split('\n').filter((line) => line.startsWith('|'));
  expect(table).toEqual([
    '| period | name | calls | change |',
    '| --- | --- | ---: | --- |',
    String.raw`| 2026-10-01 | a | 1,234,567 | +234,567 \(+23 %\) |`,
    '| 2026-10-02 | b | 5 | new |',
    '| 2026-10-03 | c | 5 | = |',
    String.raw`|  | d | 4 | −4 \(−50 %\) |`,
  ]);
});
