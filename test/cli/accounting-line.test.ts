import { expect, it } from 'vitest';

import { formatAccounting } from '../../src/cli/accounting-line.js';
import type { Accounting } from '../../src/dataset/accounting.js';

const ACCOUNTING: Accounting = {
  objects: { listed: 57, read: 55, skipped: 2, failed: 0 },
  records: { read: 2900, kept: 2900, duplicate: 0, filtered: 0, quarantined: 0 },
  bytes: { read: 4_100_000, decompressed: 44_000_000 },
  reasons: [],
};

it('puts every count on one line', () => {
  expect(formatAccounting(ACCOUNTING, 0.8)).toBe(
    'objects: 55 read, 2 skipped, 0 failed · records: 2,900 kept, 0 duplicate, 0 filtered, 0 quarantined · 4.1 MB (44 MB unpacked) in 0.8 s',
  );
});

it('does not speak of unpacking where nothing was packed', () => {
  const line = formatAccounting({ ...ACCOUNTING, bytes: { read: 1000, decompressed: 1000 } }, 2);
  expect(line).toMatch(/ · 1\.0 kB in 2\.0 s$/);
});

it('says at the end of the line what was asked of a store where that counts', () => {
  const requests = { ListObjectsV2: 4, GetObject: 1200 };
  const reasons = [{ reason: 'digest', count: 2, example: '' }];
  const [line, reason] = formatAccounting({ ...ACCOUNTING, requests, reasons }, 0.8).split('\n');
  expect(line).toMatch(/ unpacked\) in 0\.8 s · 1,204 requests \(1,200 GetObject, 4 ListObjectsV2\)$/);
  expect(reason).toBe('  digest × 2');
});

it('lists reasons with the most frequent first, equal ones by name', () => {
  const reasons = [
    { reason: 'digest', count: 2, example: 'd/1.json.gz' },
    { reason: 'not JSON', count: 1200, example: 'a.json:17' },
    { reason: 'cut', count: 2, example: '' },
  ];
  expect(
    formatAccounting({ ...ACCOUNTING, reasons }, 1)
      .split('\n')
      .slice(1),
  ).toEqual(['  not JSON × 1,200 (e.g. a.json:17)', '  cut × 2', '  digest × 2 (e.g. d/1.json.gz)']);
});

it.each([
  [10, 10, undefined],
  [11, 11, '  and 1 more reason'],
  [25, 11, '  and 15 more reasons'],
])('of %d reasons shows %d lines', (count, lines, last) => {
  const reasons = Array.from({ length: count }, (_, index) => ({ reason: `r${String(index)}`, count: 1, example: '' }));
  const shown = formatAccounting({ ...ACCOUNTING, reasons }, 1)
    .split('\n')
    .slice(1);
  expect(shown).toHaveLength(lines);
  if (last !== undefined) expect(shown.at(-1)).toBe(last);
});

it('shows hostile keys and reasons inert, on their own line, and cut when endless', () => {
  const reasons = [
    { reason: 'bad\x1b[31m', count: 2, example: 'a\nobjects: 0 read\u202e.json' },
    { reason: 'long', count: 1, example: 'x'.repeat(1_000_000) },
  ];
  const text = formatAccounting({ ...ACCOUNTING, reasons }, 1);
  expect(text.split('\n')).toHaveLength(3);
  expect(text).not.toMatch(/[\x1b\u202e]/);
  expect(text).toContain('bad\\x1b[31m × 2 (e.g. a\\nobjects: 0 read');
  expect(text.length).toBeLessThan(1000);
});
