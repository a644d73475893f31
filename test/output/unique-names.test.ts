import { expect, test } from 'vitest';
import { uniqueNames } from '../../src/output/unique-names.js';

test.each([
  [
    ['a', 'b'],
    ['a', 'b'],
  ],
  [
    ['a', 'a', 'a'],
    ['a', 'a_2', 'a_3'],
  ],
  [
    ['a', 'a', 'a_2'],
    ['a', 'a_3', 'a_2'],
  ],
  [
    ['a_2', 'a', 'a', 'a_2'],
    ['a_2', 'a', 'a_3', 'a_2_2'],
  ],
  [
    ['__proto__', '__proto__', ''],
    ['__proto__', '__proto___2', ''],
  ],
  [
    ['A', 'a'],
    ['A', 'a'],
  ],
])('%j becomes %j', (names, unique) => {
  expect(uniqueNames(names)).toEqual(unique);
});
