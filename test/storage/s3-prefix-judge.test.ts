import { expect, test } from 'vitest';
import { PrefixJudge } from '../../src/storage/s3-prefix-judge.js';

test.each([
  ['a/b/c.json', ['a/', 'a/b/']],
  ['a.json', []],
  ['/lead/x', ['/', '/lead/']],
  ['//x', ['/', '//']],
  ['a//b', ['a/', 'a//']],
  ['a/./../b', ['a/', 'a/./', 'a/./../']],
])('%s lies in %j, asked for once and from the outermost inwards', (key, prefixes) => {
  const asked: string[] = [];
  const judge = new PrefixJudge((prefix) => {
    asked.push(prefix);
    return 'descend';
  });
  expect([judge.ofKey(key), judge.ofKey(`${key}2`)]).toEqual(['descend', 'descend']);
  expect(asked).toEqual(prefixes);
});
