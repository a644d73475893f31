import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import type { Column, ColumnType, Row, Value } from '../../src/engines/engine.js';
import { renderTable } from '../../src/output/table.js';
import { oneColumn, rowStream, textOf } from './row-stream.js';

function linesOf(text: string): readonly string[] {
  return text.trimEnd().split('\n');
}

function textColumns(count: number): readonly Column[] {
  return Array.from({ length: count }, (_, at) => ({ name: `column_${at + 1}`, type: 'text' as const }));
}

const COLUMNS = [
  { name: 'date', type: 'date' },
  { name: 'service', type: 'text' },
  { name: 'number_of_sessions', type: 'integer' },
] as const;

const ROWS: readonly Row[] = [
  ['2026-10-01', 's3', 1234n],
  ['2026-10-02', null, 5n],
];

test('a table', async () => {
  expect(await textOf(renderTable(rowStream(COLUMNS, ROWS)))).toBe(
    [
      '┌────────────┬─────────┬────────────────────┐',
      '│ date       │ service │ number_of_sessions │',
      '├────────────┼─────────┼────────────────────┤',
      '│ 2026-10-01 │ s3      │              1,234 │',
      '│ 2026-10-02 │         │                  5 │',
      '└────────────┴─────────┴────────────────────┘',
      '',
    ].join('\n'),
  );
});

test('no rows: the columns, and that there are none', async () => {
  expect(await textOf(renderTable(rowStream(COLUMNS.slice(0, 1), [])))).toBe(
    '┌──────┐\n│ date │\n├──────┤\n└──────┘\n(0 rows)\n',
  );
});

test('colour: a bold header, a dim NULL, nothing else', async () => {
  const text = await textOf(renderTable({ ...rowStream(COLUMNS, ROWS), colour: true }));
  expect(text).toContain('│ \x1b[1mservice\x1b[22m │');
  expect(text).toContain('│ \x1b[2m       \x1b[22m │');
  const plain = await textOf(renderTable(rowStream(COLUMNS, ROWS)));
  expect(text.replaceAll(/\x1b\[(1|2|22)m/g, '')).toBe(plain);
});

describe('a cell', () => {
  test.each<[ColumnType, Value, string]>([
    ['integer', 12345678901234567890n, '12,345,678,901,234,567,890'],
    ['integer', -1234n, '-1,234'],
    ['integer', 999n, '999'],
    ['integer', 0n, '0'],
    ['decimal', '98765432109876543210.123456', '98,765,432,109,876,543,210.123456'],
    ['decimal', '-100.50', '-100.50'],
    ['double', 1234567.891, '1,234,567.891'],
    ['double', 1e21, '1e+21'],
    ['double', 1e-7, '1e-7'],
    ['double', NaN, 'NaN'],
    ['double', -Infinity, '-Infinity'],
    ['boolean', true, 'true'],
    ['text', '1234567', '1234567'],
    ['text', 'two\nlines', 'two\\nlines'],
    ['timestamp', '2026-10-01T00:00:00.25Z', '2026-10-01T00:00:00.25Z'],
    ['json', '{"a": 1}', '{"a": 1}'],
  ])('%s, case %#', async (type, value, shown) => {
    const lines = linesOf(await textOf(renderTable(oneColumn(type, [value]))));
    expect(lines[3]?.slice(2, -2).trim()).toBe(shown);
  });

  test.each<[ColumnType, Value, string]>([
    ['integer', 5n, '     5'],
    ['decimal', '5', '     5'],
    ['double', 5, '     5'],
    ['text', '5', '5     '],
  ])('%s lies on its side', async (type, value, shown) => {
    const lines = linesOf(await textOf(renderTable(oneColumn(type, [value], 'header'))));
    expect(lines[3]).toBe(`│ ${shown} │`);
  });
});

describe('width', () => {
  const VALUES = [
    'short',
    'x'.repeat(300),
    '日本語'.repeat(40),
    '🪐👍🏽🇬🇧'.repeat(30),
    'e\u0301'.repeat(90),
    '\u202e'.repeat(50),
    'नमस्ते'.repeat(20),
  ];

  test.each([20, 30, 40, 79, 80, 81, 120, 200])('no line is wider than %i, and a table is straight', async (width) => {
    for (let count = 1; count <= 14; count++) {
      const rows = VALUES.map((_, row) =>
        Array.from({ length: count }, (_, at) => VALUES[(row + at) % VALUES.length] ?? null),
      );
      const lines = linesOf(await textOf(renderTable({ ...rowStream(textColumns(count), rows), width })));
      const widths = lines.map((line) => stringWidth(line));
      expect(Math.max(...widths)).toBeLessThanOrEqual(width);
      const fits = width >= count * 11 + 1;
      expect(lines[0]?.startsWith('┌')).toBe(fits);
      if (fits) expect(new Set(widths)).toEqual(new Set([width]));
    }
  });

  test('the widest column shrinks first, a small one and numbers stay whole', async () => {
    const columns = [
      { name: 'name', type: 'text' },
      { name: 'long', type: 'text' },
      { name: 'number_of_sessions', type: 'integer' },
    ] as const;
    const rows = [['CreateBucket', 'y'.repeat(100), 1234567n]];
    expect(linesOf(await textOf(renderTable({ ...rowStream(columns, rows), width: 44 })))).toEqual([
      '┌──────────────┬─────────────┬─────────────┐',
      '│ name         │ long        │ number_of_… │',
      '├──────────────┼─────────────┼─────────────┤',
      '│ CreateBucket │ yyyyyyyyyy… │   1,234,567 │',
      '└──────────────┴─────────────┴─────────────┘',
    ]);
  });

  test.each([undefined, 0])('no terminal (%s): nothing is shortened', async (width) => {
    const long = 'x'.repeat(5_000);
    const lines = linesOf(await textOf(renderTable({ ...oneColumn('text', [long, 'short']), width })));
    expect(lines[3]).toBe(`│ ${long} │`);
    expect(lines[4]).toHaveLength(1_004);
  });

  test('too many columns: a list', async () => {
    const columns = [...textColumns(2), { name: 'calls', type: 'integer' as const }];
    const rows = [
      ['a', null, 1000n],
      ['日本語日本語', 'x'.repeat(30), 2n],
    ];
    expect(await textOf(renderTable({ ...rowStream(columns, rows), width: 20 }))).toBe(
      '── row 1 ──\ncolumn_1: a\ncolumn_2:\ncalls:    1,000\n── row 2 ──\ncolumn_1: 日本語日…\ncolumn_2: xxxxxxxxx…\ncalls:    2\n',
    );
  });

  test.each([1, 2, 3, 5, 10])('a list of %i columns still keeps its width', async (width) => {
    const text = await textOf(renderTable({ ...rowStream(textColumns(3), [['a', '日本語', null]]), width }));
    for (const line of linesOf(text)) expect(stringWidth(line)).toBeLessThanOrEqual(width);
  });

  test('a list without rows says so', async () => {
    expect(await textOf(renderTable({ ...rowStream(textColumns(9), []), width: 20 }))).toBe('(0 rows)\n');
  });
});

test('no columns at all', async () => {
  expect(await textOf(renderTable(rowStream([], [[]])))).toBe('');
});

describe('more rows than are measured', () => {
  const columns = [...textColumns(1), { name: 'n', type: 'integer' as const }];
  const later: readonly Row[] = [['z'.repeat(50), 1_000_000n]];
  const rows = [...Array.from({ length: 12_000 }, (_, at) => [`row ${at}`, 1n]), ...later];

  test('on a terminal the rest of the line is left to later values, which are shortened where it is not enough', async () => {
    const lines = linesOf(await textOf(renderTable({ ...rowStream(columns, rows, 1000), width: 60 })));
    expect(lines).toHaveLength(12_001 + 4);
    expect(new Set(lines.map((line) => line.length))).toEqual(new Set([60]));
    expect(lines.at(-2)).toBe(`│ ${'z'.repeat(29)}… │ ${'1,000,000'.padStart(23)} │`);
  });

  test('and stick out elsewhere', async () => {
    const lines = linesOf(await textOf(renderTable(rowStream(columns, rows, 1000))));
    expect(lines.at(-2)).toBe(`│ ${'z'.repeat(50)} │ 1,000,000 │`);
    expect(lines.at(-3)).toBe('│ row 11999 │ 1 │');
  });
});

test('long values are not kept while rows are measured', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  function heapUsed(): number {
    collectGarbage();
    return process.memoryUsage().heapUsed;
  }
  const before = heapUsed();
  let atTheEnd = Infinity;
  async function* chunks() {
    for (let at = 0; at < 500; at++) yield [[Buffer.alloc(400_000, 'x').toString('latin1')]];
    atTheEnd = heapUsed();
  }
  await textOf(renderTable({ columns: textColumns(1), chunks: chunks(), width: 80 }));
  expect(atTheEnd - before).toBeLessThan(50_000_000);
});
