import { describe, expect, test } from 'vitest';
import type { ColumnType, Value } from '../../src/engines/engine.js';
import { renderJson, renderNdjson } from '../../src/output/json.js';
import { oneColumn, rowStream, textOf } from './row-stream.js';

describe('a value', () => {
  test.each<[ColumnType, Value, string]>([
    ['text', 'plain', '"plain"'],
    ['text', null, 'null'],
    ['text', '', '""'],
    ['text', '{"a":1}', '"{\\"a\\":1}"'],
    ['text', 'a"b\\c\n', '"a\\"b\\\\c\\n"'],
    ['text', '\x1b\x7f\x9b', '"\\u001b\\u007f\\u009b"'],
    ['text', '\u202e\u2028\ufeff', '"\\u202e\\u2028\\ufeff"'],
    ['text', '\u{e0001}', '"\\udb40\\udc01"'],
    ['text', '\ud800', '"\\ud800"'],
    ['text', '日本 🪐', '"日本 🪐"'],
    ['integer', 12345678901234567890n, '12345678901234567890'],
    ['integer', -1n, '-1'],
    ['decimal', '99999999999999999999.10', '99999999999999999999.10'],
    ['decimal', '-0.50', '-0.50'],
    ['decimal', '007', '"007"'],
    ['decimal', '1, "x": 2', '"1, \\"x\\": 2"'],
    ['double', 0.1, '0.1'],
    ['double', 1e300, '1e+300'],
    ['double', NaN, 'null'],
    ['double', Infinity, 'null'],
    ['double', -Infinity, 'null'],
    ['boolean', false, 'false'],
    ['timestamp', '2026-10-01T00:00:00.25Z', '"2026-10-01T00:00:00.25Z"'],
    ['json', '{"n": 1.10, "n": 123456789012345678901234567890}', '{"n": 1.10, "n": 123456789012345678901234567890}'],
    ['json', '{\r\n\t"a": "\u202e"\n}', '{   "a": "\\u202e" }'],
    ['json', '[1,2', '"[1,2"'],
    ['json', 'null', 'null'],
    ['json', '1}\n{"x":2', '"1}\\n{\\"x\\":2"'],
  ])('%s, case %#', async (type, value, json) => {
    expect(await textOf(renderNdjson(oneColumn(type, [value])))).toBe(`{"value":${json}}\n`);
  });
});

const COLUMNS = [
  { name: 'a', type: 'text' },
  { name: 'a', type: 'integer' },
  { name: '__proto__', type: 'text' },
  { name: '1', type: 'integer' },
] as const;

test('json is an array, one row per line; equal names are told apart and the order of columns stays', async () => {
  const rows = [
    ['x', 1n, 'p', 2n],
    ['y', null, 'q', 3n],
    ['z', 4n],
  ];
  const text = await textOf(renderJson(rowStream(COLUMNS, rows)));
  expect(text).toBe(
    '[\n{"a":"x","a_2":1,"__proto__":"p","1":2},\n{"a":"y","a_2":null,"__proto__":"q","1":3},\n' +
      '{"a":"z","a_2":4,"__proto__":null,"1":null}\n]\n',
  );
  const [first] = JSON.parse(text) as [object];
  expect(Object.getOwnPropertyDescriptor(first, '__proto__')?.value).toBe('p');
});

test('no rows', async () => {
  expect(await textOf(renderJson(rowStream(COLUMNS, [])))).toBe('[]\n');
  expect(await textOf(renderNdjson(rowStream(COLUMNS, [])))).toBe('');
});
