import { totalmem } from 'node:os';
import { describe, expect, it } from 'vitest';

import { availableMemory, defaultMemoryLimit, parseBytes } from '../../src/cli/memory-limit.js';
import { UserError } from '../../src/errors.js';

const GIB = 1024 ** 3;

describe('parseBytes', () => {
  it.each([
    ['512MB', 512_000_000],
    ['512mb', 512_000_000],
    ['512M', 512_000_000],
    [' 64 MB ', 64_000_000],
    ['64000kB', 64_000_000],
    ['2GiB', 2_147_483_648],
    ['1.5GB', 1_500_000_000],
    ['100MiB', 104_857_600],
    ['0.5TB', 500_000_000_000],
    ['64000000', 64_000_000],
    ['64000000B', 64_000_000],
    ['80%', 8_000_000_000],
    ['0.64%', 64_000_000],
    ['100%', 10_000_000_000],
  ])('%s is %d bytes', (text, bytes) => {
    expect(parseBytes(text, () => 10_000_000_000)).toBe(bytes);
  });

  it.each([
    ['', /Cannot read "" as an amount of memory/],
    ['MB', /Cannot read/],
    ['-1GB', /Cannot read/],
    ['1e9', /Cannot read/],
    ['1,5GB', /Cannot read/],
    ['2 gigs', /Cannot read/],
    ['5XB', /Cannot read/],
    ['Infinity', /Cannot read/],
    ['0x40000000', /Cannot read/],
    ['1GB; DROP', /Cannot read/],
    ['999999999TB', /Cannot read/],
    ['0', /less than 64MB/],
    ['63MB', /less than 64MB/],
    ['1%', /less than 64MB/],
    ['101%', /more than there is/],
  ])('%j is refused', (text, message) => {
    const parse = (): number => parseBytes(text, () => 1_000_000_000);
    expect(parse).toThrow(UserError);
    expect(parse).toThrow(message);
  });

  it('guesses the unit that a small number lacks', () => {
    const wayOut = catchUserError(() => parseBytes('512')).wayOut.join('\n');
    expect(wayOut).toContain('Did you mean 512MB?');
  });
});

describe('defaultMemoryLimit', () => {
  it.each([
    ['half of a large machine', 64 * GIB, 32 * GIB],
    ['half of a small one', 2 * GIB, GIB],
    ['what 400 MiB leave over in a small container', 512 * 1024 ** 2, 112 * 1024 ** 2],
    ['the least in a tiny one', 300 * 1024 ** 2, 64_000_000],
  ])('is %s', (_name, available, limit) => {
    expect(defaultMemoryLimit(available)).toBe(limit);
  });

  it('stays below what this machine has', () => {
    expect(availableMemory()).toBeLessThanOrEqual(totalmem());
    expect(defaultMemoryLimit()).toBeLessThanOrEqual(availableMemory());
    expect(Number.isSafeInteger(defaultMemoryLimit())).toBe(true);
  });
});

function catchUserError(run: () => unknown): UserError {
  try {
    run();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
