import { expect, test } from 'vitest';
import { renderJsonAnswer } from '../../src/output/json-answer.js';
import { rowStream, textOf } from './row-stream.js';

const COLUMNS = [
  { name: 'n', type: 'integer' },
  { name: 'n', type: 'text' },
] as const;

function answer(query: string, count: number) {
  const rows = Array.from({ length: count }, (_, at) => [BigInt(at), `row ${at}`]);
  return { query, ...rowStream(COLUMNS, rows) };
}

const NAMED = [
  { name: 'n', type: 'integer' },
  { name: 'n_2', type: 'text' },
];

test('one answer', async () => {
  const text = await textOf(
    renderJsonAnswer({
      answers: [answer('q\u202e', 2)],
      many: false,
      accounting: () => ({ read: 3n }),
      extra: { more: true },
    }),
  );
  expect(Object.keys(JSON.parse(text) as object)).toEqual([
    'version',
    'query',
    'columns',
    'rows',
    'more',
    'accounting',
  ]);
  expect(JSON.parse(text)).toEqual({
    version: 1,
    query: 'q\u202e',
    columns: NAMED,
    rows: [
      { n: 0, n_2: 'row 0' },
      { n: 1, n_2: 'row 1' },
    ],
    more: true,
    accounting: { read: 3 },
  });
  expect(text).not.toContain('\u202e');
  expect(text.endsWith('}\n')).toBe(true);
});

test('several answers, each asked for when the one before is written', async () => {
  const asked: string[] = [];
  async function* answers() {
    for (const name of ['a', 'b']) {
      asked.push(name);
      yield answer(name, name === 'a' ? 1 : 0);
    }
  }
  const blocks = renderJsonAnswer({ answers: answers(), many: true, accounting: () => ({ asked }) });
  let text = '';
  for await (const block of blocks) {
    text += block;
    if (asked.length === 2) expect(text).toContain('"row 0"');
  }
  expect(JSON.parse(text)).toEqual({
    version: 1,
    queries: [
      { query: 'a', columns: NAMED, rows: [{ n: 0, n_2: 'row 0' }] },
      { query: 'b', columns: NAMED, rows: [] },
    ],
    accounting: { asked: ['a', 'b'] },
  });
});

test.each([
  [true, { version: 1, queries: [], accounting: null }],
  [false, { version: 1, accounting: null }],
])('no answers (many: %s) is still JSON', async (many, expected) => {
  const text = await textOf(renderJsonAnswer({ answers: [], many, accounting: () => undefined }));
  expect(JSON.parse(text)).toEqual(expected);
});

test('accounting is counted when the rows are written', async () => {
  let written = 0;
  async function* chunks() {
    for (const value of [1n, 2n]) {
      written++;
      yield [[value, null]];
    }
  }
  const answers = [{ query: 'q', columns: COLUMNS, chunks: chunks() }];
  const text = await textOf(renderJsonAnswer({ answers, many: false, accounting: () => ({ written }) }));
  expect((JSON.parse(text) as { accounting: unknown }).accounting).toEqual({ written: 2 });
});
