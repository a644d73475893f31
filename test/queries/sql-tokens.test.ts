import { expect, test } from 'vitest';
import { parametersIn, tokenizeSql } from '../../src/queries/sql-tokens.js';

test.each([
  [`SELECT 'it''s', e'a\\'b' -- c\n`, ['word', 'string', 'symbol', 'string', 'comment']],
  ['$tag$ $1 `x` $tag$ $$a$$ $b', ['string', 'string', 'parameter']],
  ['"a""b".`c``d` /* /* nested */ still */ x', ['quoted', 'symbol', 'backquoted', 'comment', 'word']],
  [
    "a->>'b' || 1.5e3::int >= ?",
    ['word', 'symbol', 'string', 'symbol', 'number', 'symbol', 'word', 'symbol', 'parameter'],
  ],
  ["'open", ['string']],
  ['"open', ['quoted']],
  ['`open', ['backquoted']],
  ['/* open', ['comment']],
  ['$x$ open', ['string']],
  ['😀 ¬', ['word', 'word']],
])('%s', (sql, kinds) => {
  const tokens = tokenizeSql(sql);
  expect(tokens.filter((token) => token.kind !== 'space').map((token) => token.kind)).toEqual(kinds);
  expect(tokens.map((token) => token.text).join('')).toBe(sql);
});

test('parameters are found where they are parameters', () => {
  expect(parametersIn(`SELECT $a, '$b', "$c", $$ $d $$, $a -- $e\n, $fill_gaps`)).toEqual(['a', 'fill_gaps']);
});

test('a long text takes no long time', () => {
  const sql = `${"'a''".repeat(200_000)}`;
  const before = performance.now();
  expect(
    tokenizeSql(sql)
      .map((token) => token.text)
      .join(''),
  ).toBe(sql);
  expect(performance.now() - before).toBeLessThan(5_000);
});
