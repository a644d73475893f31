import { describe, expect, test } from 'vitest';
import { PROBE_BYTES, splitLines, type LineFormat } from '../../src/records/split-lines.js';
import { cutIntoChunks } from './split-body.js';

/** `[reason, text, offset]`; the reason is empty for a line that was taken. */
type Told = [string, string, number];

/** A format of lines that begin with `log `. */
function split(body: Uint8Array | string, chunkBytes = 1e9): Told[] | undefined {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const told: Told[] = [];
  const format: LineFormat = {
    fits: (line) => line.startsWith('log '),
    take: (line, { offset }) => void told.push(['', line, offset]),
  };
  const feed = splitLines(bytes.subarray(0, PROBE_BYTES), [format], {
    bad: ({ bytes: all, start, end, offset }, reason) =>
      void told.push([reason, Buffer.from(all.subarray(start, Math.min(end, start + 50))).toString('latin1'), offset]),
  });
  if (feed === undefined) return undefined;
  for (const chunk of cutIntoChunks(bytes, chunkBytes)) feed(chunk, false);
  feed(new Uint8Array(0), true);
  return told;
}

const BAD = 'not a line of its format';

test.each<[string, Told[] | undefined]>([
  [
    'log 1\nlog 2\n',
    [
      ['', 'log 1', 0],
      ['', 'log 2', 6],
    ],
  ],
  [
    'log 1\r\n\r\nlog 2',
    [
      ['', 'log 1', 0],
      ['', 'log 2', 9],
    ],
  ],
  ['\n  \nlog 1\n', [['', 'log 1', 4]]],
  [
    'log 1\nother\nlog 2\n',
    [
      ['', 'log 1', 0],
      [BAD, 'other', 6],
      ['', 'log 2', 12],
    ],
  ],
  [
    'other\nlog 1\n',
    [
      [BAD, 'other', 0],
      ['', 'log 1', 6],
    ],
  ],
  [
    'log é😀\n{"a":1}\n',
    [
      ['', 'log é😀', 0],
      [BAD, '{"a":1}', 11],
    ],
  ],
  ['', undefined],
  ['\n\n', undefined],
  ['other\nlines\n', undefined],
  [`${'other\n'.repeat(8)}log 1\n`, undefined],
  [
    `${'other\n'.repeat(7)}log 1`,
    [...Array.from({ length: 7 }, (_, i): Told => [BAD, 'other', i * 6]), ['', 'log 1', 42]],
  ],
])('%j', (body, told) => {
  for (const size of [1, 2, 5, 1000]) expect(split(body, size), `chunks of ${size}`).toEqual(told);
});

describe('what is put aside', () => {
  test('a line that is not UTF-8', () => {
    const body = Buffer.from('log 1\nlog \xff\nlog 2\n', 'latin1');
    expect(split(body)).toEqual([
      ['', 'log 1', 0],
      ['not UTF-8 text', 'log \xff', 6],
      ['', 'log 2', 12],
    ]);
  });

  test('a line over 1 MB, whatever its end looks like', () => {
    const long = `log ${'x'.repeat(1024 * 1024)}log 9 ${'y'.repeat(1024 * 1024)}`;
    const body = `log 1\n${long}\nlog 2\n${long}`;
    const reason = 'a line is longer than 1 MB';
    for (const size of [100_000, 1024 * 1024 + 10, 1e9]) {
      const told = split(body, size)!.map(([why, text, offset]) => [why, text.slice(0, 6), offset]);
      expect(told, `chunks of ${size}`).toEqual([
        ['', 'log 1', 0],
        [reason, 'log xx', 6],
        ['', 'log 2', 6 + long.length + 1],
        [reason, 'log xx', 6 + long.length + 7],
      ]);
    }
  });
});

test('a first line that does not end within the bytes looked at tells nothing', () => {
  expect(split(`log ${'x'.repeat(PROBE_BYTES)}\nlog 1\n`)).toBeUndefined();
});
