import { expect, test } from 'vitest';
import { stringifyJson } from '../../src/output/stringify-json.js';

const PLAIN_VALUES: readonly unknown[] = [
  null,
  true,
  -1.5,
  NaN,
  'text "quoted"\n',
  [],
  {},
  [1, [2, []], { a: {} }],
  { b: 1, a: [undefined, 'x'], gone: undefined, nested: { deep: null } },
  new Date(0),
  undefined,
].map((value) => [value]);

test.each(PLAIN_VALUES)('%j is as JSON.stringify gives it, on one line and indented', (value) => {
  expect(stringifyJson(value)).toBe(JSON.stringify(value) ?? 'null');
  expect(stringifyJson(value, 2)).toBe(JSON.stringify(value, null, 2) ?? 'null');
});

test('bigints keep their digits', () => {
  expect(stringifyJson({ a: [12345678901234567890n, -1n] })).toBe('{"a":[12345678901234567890,-1]}');
});

test('names and texts are escaped', () => {
  expect(stringifyJson({ 'k\u202e': '\x9b\u2028' })).toBe('{"k\\u202e":"\\u009b\\u2028"}');
});

test('what a CI service would obey is escaped, and reads back the same', () => {
  const value = { '##[error]': ['a###vso[x]', '## [no]'] };
  expect(stringifyJson(value)).toBe('{"#\\u0023[error]":["a##\\u0023vso[x]","## [no]"]}');
  expect(JSON.parse(stringifyJson(value))).toEqual(value);
});

test('an own __proto__ is a name like any other', () => {
  const value: unknown = JSON.parse('{"__proto__":{"x":1}}');
  expect(stringifyJson(value)).toBe('{"__proto__":{"x":1}}');
});
