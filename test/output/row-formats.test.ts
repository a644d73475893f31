import * as markdown from 'prettier/plugins/markdown';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import type { Column, Row, RowStream } from '../../src/engines/engine.js';
import { OUTPUT_FORMATS, PICTURE_FORMATS, renderRows, type OutputFormat } from '../../src/output/row-formats.js';
import { dangerIn, visible } from './dangerous-characters.js';
import { HOSTILE_STRINGS } from './hostile-strings.js';
import { rowStream, textOf } from './row-stream.js';

/** Pictures need all rows at once, and times among them. */
const FORMATS = (Object.keys(OUTPUT_FORMATS) as OutputFormat[]).filter((format) => !PICTURE_FORMATS.includes(format));

/** The text as a column's name, as text in a column, and as JSON in a column. */
function hostileRows(text: string): RowStream {
  const columns: readonly Column[] = [
    { name: text, type: 'text' },
    { name: 'json', type: 'json' },
    { name: 'n', type: 'integer' },
  ];
  return rowStream(columns, [[text, JSON.stringify({ [text]: text }), 12345678901234567890n]]);
}

describe.each(HOSTILE_STRINGS)('%j', (text) => {
  test('json reads back equal, with nothing dangerous in it', async () => {
    const json = await textOf(renderRows('json', hostileRows(text)));
    expect(dangerIn(json, '\n')).toEqual([]);
    expect(json.split('\n')).toHaveLength(4);
    const [row] = JSON.parse(json) as [Record<string, unknown>];
    expect(Object.entries(row)).toEqual(Object.entries(JSON.parse(exactly(text)) as object));
    expect(json).toContain('"n":12345678901234567890}');
  });

  test('ndjson reads back equal, on one line', async () => {
    const line = await textOf(renderRows('ndjson', hostileRows(text)));
    expect(dangerIn(line.slice(0, -1))).toEqual([]);
    expect(Object.entries(JSON.parse(line) as object)).toEqual(Object.entries(JSON.parse(exactly(text)) as object));
  });

  test('csv reads back as visible text that is no formula', async () => {
    const csv = await textOf(renderRows('csv', hostileRows(text)));
    expect(dangerIn(csv, '\t\r\n')).toEqual([]);
    expect(csv).not.toMatch(/\r(?!\n)/);
    const [header, row] = parseCsv(csv);
    expect(header?.slice(1)).toEqual(['json', 'n']);
    expect(row?.[2]).toBe('12345678901234567890');
    for (const field of [header?.[0], row?.[0]]) {
      expect(field).not.toMatch(/^[=+\-@\t\r\n\0＝＋－＠]/);
      expect(field?.replace(/^'(?=[=+\-@\t\n＝＋－＠\\])/, '')).toBe(csvText(text));
    }
  });

  test('csv reads back equal with csvRaw', async () => {
    const csv = await textOf(renderRows('csv', { ...hostileRows(text), csvRaw: true }));
    expect(parseCsv(csv)).toEqual([
      [text, 'json', 'n'],
      [text, JSON.stringify({ [text]: text }), '12345678901234567890'],
    ]);
  });

  test.each([undefined, 200, 60, 24])('a table (width %s) is straight and shows what is there', async (width) => {
    const table = await textOf(renderRows('table', { ...hostileRows(text), width }));
    expect(dangerIn(table, '\n')).toEqual([]);
    const lines = table.trimEnd().split('\n');
    if (width !== undefined) for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(width);
    if (width === 24) return;
    expect(lines).toHaveLength(5);
    expect(new Set(lines.map((line) => stringWidth(line))).size).toBe(1);
    if (width === 60) return;
    expect(lines[1]?.startsWith(`│ ${visible(text)}`)).toBe(true);
    expect(lines[3]?.startsWith(`│ ${visible(text)}`)).toBe(true);
  });

  test('markdown has no active character and parses as the visible text alone', async () => {
    const table = await textOf(renderRows('markdown', hostileRows(text)));
    expect(dangerIn(table, '\n')).toEqual([]);
    expect(table).not.toMatch(/[<>`$]|:\/\/|www\.|@(?!&#8203;)|#\d(?!\d*;)/i);
    for (const line of table.trimEnd().split('\n')) expect(line.split('|')).toHaveLength(5);
    const cells = await parseMarkdownTable(table);
    const json = visible(JSON.stringify({ [text]: text }));
    expect(cells).toEqual([
      [visible(text), 'json', 'n'],
      [visible(text), json, '12345678901234567890'],
    ]);
  });
});

/** The row as JSON.stringify writes it, which reads back as what must be read back from ours. */
function exactly(text: string): string {
  return `{${JSON.stringify(text)}:${JSON.stringify(text)},"json":${JSON.stringify({ [text]: text })},"n":12345678901234567890}`;
}

/** CSV keeps tabs and line breaks; a carriage return by itself is no line break. */
function csvText(text: string): string {
  return text
    .split('\r\n')
    .map((part) => visible(part, '\t\n'))
    .join('\r\n');
}

/** RFC 4180, character by character. */
function parseCsv(csv: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let quoted = false;
  for (let at = 0; at < csv.length; at++) {
    const character = csv[at] ?? '';
    if (quoted && character === '"' && csv[at + 1] === '"') field += csv[at++];
    else if (character === '"') quoted = !quoted;
    else if (!quoted && character === ',') {
      row.push(field);
      field = '';
    } else if (!quoted && character === '\r' && csv[at + 1] === '\n') {
      at++;
      rows.push([...row, field]);
      row = [];
      field = '';
    } else field += character;
  }
  expect([quoted, field, row]).toEqual([false, '', []]);
  return rows;
}

interface MarkdownNode {
  readonly type: string;
  readonly value?: string;
  readonly children?: readonly MarkdownNode[];
}

/** The cells of the only table, each of which may hold one text and nothing else. */
async function parseMarkdownTable(text: string): Promise<readonly (readonly string[])[]> {
  const tree = (await markdown.parsers.markdown.parse(text, {} as never)) as MarkdownNode;
  expect(tree.children?.map((node) => node.type)).toEqual(['table']);
  const rows = tree.children?.[0]?.children ?? [];
  return rows.map((row) => (row.children ?? []).map((cell) => onlyText(cell)));
}

function onlyText(cell: MarkdownNode): string {
  const nodes = cell.children ?? [];
  expect(nodes.map((node) => node.type)).toEqual(['text']);
  return (nodes[0]?.value ?? '').replaceAll('\u200b', '');
}

test('the check of Markdown sees what it is to see', async () => {
  for (const active of ['<b>', '`x`', '*x*', 'http://a.example', '[a](b)']) {
    await expect(parseMarkdownTable(`| a |\n| --- |\n| ${active} |\n`)).rejects.toThrow();
  }
});

describe('50,000 rows', () => {
  const columns: readonly Column[] = [
    { name: 'at', type: 'timestamp' },
    { name: 'n', type: 'integer' },
    { name: 'text', type: 'text' },
  ];

  function countedRows() {
    const seen = { chunks: 0, closed: false };
    async function* chunks() {
      try {
        for (; seen.chunks < 50;) {
          const first = seen.chunks++ * 1000;
          yield Array.from({ length: 1000 }, (_, at): Row => [
            '2026-10-01T00:00:00Z',
            BigInt(first + at),
            `row ${first + at}`,
          ]);
        }
      } finally {
        seen.closed = true;
      }
    }
    return { seen, stream: { columns, chunks: chunks() } };
  }

  const LINES: Partial<Record<OutputFormat, number>> = {
    table: 50_004,
    json: 50_002,
    ndjson: 50_000,
    csv: 50_001,
    markdown: 50_002,
  };

  test.each(FORMATS)('%s: every row, in blocks of reasonable size', async (format) => {
    const { stream, seen } = countedRows();
    let lines = 0;
    let last = '';
    const sizes: number[] = [];
    for await (const block of renderRows(format, { ...stream, width: 100 })) {
      lines += block.split('\n').length - 1;
      if (block.includes('row 49999')) last = block;
      sizes.push(block.length);
    }
    expect(lines).toBe(LINES[format]);
    expect(last).toContain('row 49999');
    expect(Math.max(...sizes)).toBeLessThan(200_000);
    expect(sizes.length).toBeLessThan(200);
    expect(seen.closed).toBe(true);
  });

  test.each(FORMATS)(
    '%s: rows are read as they are wanted, and the source is closed with the reader',
    async (format) => {
      const { stream, seen } = countedRows();
      for await (const block of renderRows(format, stream)) {
        if (block.includes('row 0')) break;
      }
      expect(seen.chunks).toBeLessThanOrEqual(format === 'table' ? 11 : 3);
      expect(seen.closed).toBe(true);
    },
  );

  test.each(FORMATS)('%s: an error of the source comes through', async (format) => {
    async function* chunks() {
      yield [['2026-10-01T00:00:00Z', 1n, 'x']] as const;
      throw new Error('disk full');
    }
    await expect(textOf(renderRows(format, { columns, chunks: chunks() }))).rejects.toThrow('disk full');
  });
});
