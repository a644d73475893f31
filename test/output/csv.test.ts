import { describe, expect, test } from 'vitest';
import type { ColumnType, Value } from '../../src/engines/engine.js';
import { renderCsv } from '../../src/output/csv.js';
import { oneColumn, rowStream, textOf } from './row-stream.js';

describe('a field', () => {
  test.each<[ColumnType, Value, string]>([
    ['text', 'plain', 'plain'],
    ['text', null, ''],
    ['text', '', '""'],
    ['text', 'a,b', '"a,b"'],
    ['text', 'say "hi"', '"say ""hi"""'],
    ['text', 'two\nlines', '"two\nlines"'],
    ['text', 'two\r\nlines', '"two\r\nlines"'],
    ['text', 'over\rwritten', 'over\\rwritten'],
    ['text', ' padded ', '" padded "'],
    ['text', '\x1b[31m', '\\x1b[31m'],
    ['text', '=1+1', "'=1+1"],
    ['text', '+1', "'+1"],
    ['text', '-1', "'-1"],
    ['text', '@a', "'@a"],
    ['text', '\t=1', '"\'\t=1"'],
    ['text', '\n=1', '"\'\n=1"'],
    ['text', '\r=1', "'\\r=1"],
    ['text', '\0=1', "'\\x00=1"],
    ['text', '＝1', "'＝1"],
    ['text', '＠1', "'＠1"],
    ['text', '1=1', '1=1'],
    ['text', '::error::x', '\\x3a:error::x'],
    ['text', 'two\r\n::error::x', '"two\r\n\\x3a:error::x"'],
    ['text', 'a##[error]x', 'a#\\x23[error]x'],
    ['json', '-1', "'-1"],
    ['json', '{"a":1}', '"{""a"":1}"'],
    ['integer', -12345678901234567890n, '-12345678901234567890'],
    ['decimal', '-12345678901234567890.50', '-12345678901234567890.50'],
    ['decimal', '=1', "'=1"],
    ['double', -0.5, '-0.5'],
    ['double', NaN, 'NaN'],
    ['double', -Infinity, '-Infinity'],
    ['boolean', true, 'true'],
    ['timestamp', '2026-10-01T00:00:00Z', '2026-10-01T00:00:00Z'],
    ['date', '2026-10-01', '2026-10-01'],
  ])('%s, case %#', async (type, value, field) => {
    expect(await textOf(renderCsv(oneColumn(type, [value])))).toBe(`value\r\n${field}\r\n`);
  });
});

test('csvRaw gives values as they are', async () => {
  const stream = oneColumn('text', ['=1+1', '\x1b[31m\u202e'], '@name');
  expect(await textOf(renderCsv({ ...stream, csvRaw: true }))).toBe('@name\r\n=1+1\r\n\x1b[31m\u202e\r\n');
});

test('columns, header protection, equal names, a row that is too short', async () => {
  const columns = [
    { name: 'a', type: 'text' },
    { name: 'a', type: 'integer' },
    { name: '=b,c', type: 'text' },
  ] as const;
  const text = await textOf(renderCsv(rowStream(columns, [['x', 1n, 'y'], ['z']])));
  expect(text).toBe('a,a,"\'=b,c"\r\nx,1,y\r\nz,,\r\n');
});

test('no rows: the header alone', async () => {
  expect(await textOf(renderCsv(oneColumn('text', [])))).toBe('value\r\n');
});
