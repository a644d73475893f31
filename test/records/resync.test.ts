import { describe, expect, test } from 'vitest';
import {
  blanksBefore,
  findResync,
  findWrapped,
  lenientEnd,
  RetryBudget,
  skipString,
} from '../../src/records/resync.js';

/** The place that `|` marks, and the text without the mark; -1 where there is none. */
function marked(text: string): [Buffer, number] {
  return [Buffer.from(text.replace('|', '')), text.indexOf('|')];
}

describe('where records may begin again', () => {
  test.each([
    ['{"a":x\n|{"b":1}', 0],
    ['{"a":x\r\n|[{"b":1}]', 0],
    ['{"a":x\n\n\n|{"b":1}', 0],
    ['{"a":x\n{', -1],
    ['{"a":x {"b":1}', 0],
    ['{"a":x\n  {"b":1}\n|{"c":1}', 0],
    ['{"a":x\n  |{"b":1}\n{"c":1}', 2],
    ['{"a":x\n\t\t{"b":1}\n\t|{"c":1}', 1],
    ['text\n"text"\n|{"c":1}', 0],
    ['{"a":x', 0],
    ['{"a":x\n', 0],
  ])('%j with an indent of %i', (text, indent) => {
    const [bytes, at] = marked(text);
    expect(findResync(bytes, 0, bytes.length, indent)).toBe(at);
  });

  test('not behind the end', () => {
    expect(findResync(Buffer.from('x\n{"a":1}'), 0, 2, 0)).toBe(-1);
  });
});

describe('where a broken value ends', () => {
  test.each([
    ['{"a":x}|{"b":1}', 0],
    ['[{},[x]]| ,', 0],
    ['{"a":"}]\\"}"}|', 0],
    ['{"a":"x}\n}|\n', 0],
    ['{"a":x\n {"b":1}\n}|\n', 0],
    ['{"a":x\n {"b":1}\n}\n', 1],
    ['{"a":x', 0],
    ['{"a":x\n{"b":1}}', 0],
    ['text', 0],
  ])('%j with an indent of %i', (text, indent) => {
    const [bytes, at] = marked(text);
    expect(lenientEnd(bytes, 0, bytes.length, indent)).toBe(at);
  });
});

test.each([
  ['text"|,', 0],
  ['a\\"b"|,', 0],
  ['a\\\\"|,', 0],
  ['text|\n"', 0],
  ['text\\|\n"', 0],
  ['text|', 0],
  ['text\\|', 0],
])('a string ends at its quote or with its line: %j', (text, from) => {
  const [bytes, at] = marked(text);
  expect(skipString(bytes, from, bytes.length)).toBe(at);
});

test.each([
  ['|x', 0, 0],
  ['  |x', 0, 2],
  ['  |x', 3, 5],
  ['  |x', -1, -1],
  ['|x', -1, -1],
  ['x |x', 0, -1],
  ['x\n \t|x', -1, 2],
  ['x\r\n|x', 0, 0],
])('blanks before a place: %j behind %i', (text, lead, blanks) => {
  const [bytes, at] = marked(text);
  expect(blanksBefore(bytes, at, lead)).toBe(blanks);
});

test.each([
  '{"aws":{"cloudtrail":|{"a":1}}}',
  '{ "aws" : { "cloudtrail" :\n |{',
  '{"detail":|{"a":1}}',
  '{"aws":{"other":{}}}',
  '{"aws":1}',
  '{"cloud":{}}',
  '{"a":1}',
])('the nesting of shippers: %s', (text) => {
  const [bytes, marks] = marked(text);
  // `aws` alone is a wrapper, too: what is in it begins behind the colon.
  expect(findWrapped(bytes, 0, bytes.length)).toBe(text.includes('other') ? 7 : marks);
});

describe('retries', () => {
  test('are used up inside bytes that were looked through in vain, and given back behind them', () => {
    const budget = new RetryBudget();
    for (let offset = 0; offset < 15; offset++) budget.failed(1000);
    expect(budget.isSpent(20)).toBe(false);
    budget.failed(900);
    expect(budget.isSpent(20)).toBe(true);
    expect(budget.isSpent(999)).toBe(true);
    expect(budget.isSpent(1000)).toBe(false);
  });

  test('a bad value after the other does not use them up', () => {
    const budget = new RetryBudget();
    for (let offset = 0; offset < 1000; offset += 10) {
      expect(budget.isSpent(offset)).toBe(false);
      budget.failed(offset + 5);
    }
  });
});
