import { describe, expect, test } from 'vitest';
import type { ColumnType, Value } from '../../src/engines/engine.js';
import { renderMarkdown } from '../../src/output/markdown.js';
import { oneColumn, rowStream, textOf } from './row-stream.js';

describe('a cell', () => {
  test.each<[ColumnType, Value, string]>([
    ['text', 'plain text', 'plain text'],
    ['text', null, ''],
    ['text', 'a|b', 'a&#124;b'],
    ['text', '`c`', '&#96;c&#96;'],
    ['text', '<b>&amp;', '&lt;b&gt;&amp;amp;'],
    ['text', '*_~[]()!\\', '\\*\\_\\~\\[\\]\\(\\)\\!\\\\'],
    ['text', 'two\nlines', 'two\\\\nlines'],
    ['text', '\x1b[0m', '\\\\x1b\\[0m'],
    ['text', '@octocat', '@&#8203;octocat'],
    ['text', '#12', '\\#&#8203;12'],
    ['text', 'GH-12', 'GH-&#8203;12'],
    ['text', 'https://a.example', 'https:&#8203;//a.example'],
    ['text', 'WWW.a.example', 'WWW&#8203;.a.example'],
    ['text', 'arn:aws:s3:::b', 'arn:aws:s3:::b'],
    ['json', '{"a":1}', '{"a":1}'],
    ['boolean', true, 'true'],
  ])('%s, case %#', async (type, value, cell) => {
    expect(await textOf(renderMarkdown(oneColumn(type, [value])))).toBe(`| value |\n| --- |\n| ${cell} |\n`);
  });
});

test('numbers go to the right with all their digits', async () => {
  const columns = [
    { name: 'a_b', type: 'text' },
    { name: 'i', type: 'integer' },
    { name: 'd', type: 'decimal' },
    { name: 'f', type: 'double' },
  ] as const;
  const text = await textOf(renderMarkdown(rowStream(columns, [['x', 12345678901234567890n, '-1.50', 0.5]])));
  expect(text).toBe(
    '| a\\_b | i | d | f |\n| --- | ---: | ---: | ---: |\n| x | 12345678901234567890 | -1.50 | 0.5 |\n',
  );
});
