import { expect, it } from 'vitest';

import { readByteAmount } from '../../src/cli/read-byte-amount.js';

it.each([
  ['0', 0],
  ['4096', 4096],
  ['512MB', 512_000_000],
  ['512 mb', 512_000_000],
  ['1.5GB', 1_500_000_000],
  ['2GiB', 2_147_483_648],
  ['1.0000001k', undefined],
  ['2k', 2000],
  ['1TB', 1e12],
  ['1TiB', 1_099_511_627_776],
  ['9999999TB', undefined],
  ['', undefined],
  ['MB', undefined],
  ['-1', undefined],
  ['1e3', undefined],
  ['50%', undefined],
  ['5 parsecs', undefined],
  ['5PB', undefined],
])('reads %j as %s', (text, bytes) => {
  expect(readByteAmount(text)).toBe(bytes);
});
