import { describe, expect, test } from 'vitest';
import { readJsonString, replaceLoneSurrogates } from '../../src/records/json-string.js';

test.each([
  ['""', ''],
  ['"text"', 'text'],
  ['"é😀\u2028"', 'é😀\u2028'],
  ['"a\\"b\\\\c\\/d\\b\\f\\n\\r\\t"', 'a"b\\c/d\b\f\n\r\t'],
  ['"\\u00e9\\ud83d\\ude00\\u0000"', 'é😀\0'],
  ['"\\ud800"', '\ufffd'],
  ['"a\\udc00b\\ud800\\ud800c"', 'a\ufffdb\ufffd\ufffdc'],
  ['"\\ude00\\ud83d"', '\ufffd\ufffd'],
])('%s is read', (json, text) => {
  const bytes = Buffer.from(`{"x":${json}}`);
  expect(readJsonString(bytes, 5, bytes.length - 1)).toBe(text);
  const alone = new Uint8Array(Buffer.from(`xx${json}`)).subarray(2);
  expect(readJsonString(alone, 0, alone.length)).toBe(text);
});

describe('halves of surrogate pairs', () => {
  test.each([
    ['{"a":"\\ud800"}', '{"a":"\\ufffd"}'],
    ['{"a":"\\uDfFf!"}', '{"a":"\\ufffd!"}'],
    ['"\\ud83d\\ude00"', '"\\ud83d\\ude00"'],
    ['"\\uD83D\\uDE00\\uD83D"', '"\\uD83D\\uDE00\\ufffd"'],
    ['"\\ud83d\\ud83d\\ude00"', '"\\ufffd\\ud83d\\ude00"'],
    ['"\\ude00\\ud83d"', '"\\ufffd\\ufffd"'],
    ['"\\\\ud800"', '"\\\\ud800"'],
    ['"\\\\\\ud800"', '"\\\\\\ufffd"'],
    ['"\\ud800\\\\udc00"', '"\\ufffd\\\\udc00"'],
    ['"\\ud800\\n"', '"\\ufffd\\n"'],
    ['"\\u0000\\u00e9\\ue000"', '"\\u0000\\u00e9\\ue000"'],
    ['{"n":1.10,"n":1e400,"\\udc00":12345678901234567890}', '{"n":1.10,"n":1e400,"\\ufffd":12345678901234567890}'],
  ])('%s becomes %s', (json, replaced) => {
    expect(replaceLoneSurrogates(json)).toBe(replaced);
  });
});
