import { expect, it } from 'vitest';

import { findJsonMistake } from '../../src/cli/find-json-mistake.js';

const SOUND = '{\n  "a": [1, -2.5e3, true, null, "x\\u00e9\\n"],\n  "b": {"c": {}, "d": []}\n}\n';

it.each([
  ['{\n  "a": 1,\n}', 3, 1, 'expected a key, or no comma before }'],
  ['[1, 2,]', 1, 7, 'expected a value, or no comma before ]'],
  ['{"a": 1 "b": 2}', 1, 9, 'expected a comma or }'],
  ['[1 2]', 1, 4, 'expected a comma or ]'],
  ['[1}', 1, 3, 'expected a comma or ]'],
  ['{"a" 1}', 1, 6, 'expected a colon after the key'],
  ['{a: 1}', 1, 2, 'expected a key in double quotes or }'],
  ["{'a': 1}", 1, 2, 'JSON has texts in double quotes only'],
  ['{\n  // note\n  "a": 1\n}', 2, 3, 'JSON has no comments'],
  ['{"a": "b}', 1, 7, 'this text is not closed, or holds something to be escaped'],
  ['{"a": "C:\\logs"}', 1, 7, 'this text is not closed, or holds something to be escaped'],
  ['{"é😀": x}', 1, 8, 'expected a value'],
  ['{"a": 1', 1, 8, 'the text ends here: expected a comma or }'],
  ['', 1, 1, 'the text ends here: expected a value'],
  ['{} {}', 1, 4, 'expected nothing more'],
  ['[01]', 1, 2, 'expected a value or ]'],
])('%j: line %d, column %d', (text, line, column, problem) => {
  expect(findJsonMistake(text)).toEqual({ line, column, problem });
});

it('agrees with JSON.parse on 20,000 damaged texts', () => {
  let seed = 42;
  const random = (below: number): number => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return Math.floor((seed / 2147483648) * below);
  };
  const pieces = [
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    '0',
    '-',
    '.',
    'e',
    ' ',
    '\n',
    't',
    'null',
    '\u0001',
    '\u00a0',
  ];
  let sound = 0;
  for (let round = 0; round < 20_000; round += 1) {
    const at = random(SOUND.length);
    const text = SOUND.slice(0, at) + (pieces[random(pieces.length)] ?? '') + SOUND.slice(at + random(2));
    const isJson = canParse(text);
    if (isJson) sound += 1;
    expect(findJsonMistake(text) === undefined, text).toBe(isJson);
  }
  expect(sound).toBeGreaterThan(500);
});

function canParse(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
