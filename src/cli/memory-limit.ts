import { totalmem } from 'node:os';

import { UserError } from '../errors.js';
import { readCgroupMemoryLimit } from './cgroup-memory.js';
import { readByteAmount } from './read-byte-amount.js';

const MIB = 1024 ** 2;

/** What DuckDB needs to do anything useful. */
export const LEAST_BYTES = 64_000_000;

/** What the process takes beyond DuckDB's own limit: measured 250–350 MB, with some to spare. */
const OVERSHOOT_BYTES = 400 * MIB;

/** The memory in bytes that this process may use: the machine's, or less where a control group limits it. */
export function availableMemory(): number {
  return Math.min(totalmem(), readCgroupMemoryLimit());
}

/**
 * The engine's memory limit in bytes where `--memory` is not given: half of the memory there is, or what is left beside
 * 400 MiB for the rest of the process where that is less, but at least 64 MB.
 */
export function defaultMemoryLimit(available: number = availableMemory()): number {
  return Math.max(LEAST_BYTES, Math.floor(Math.min(available / 2, available - OVERSHOOT_BYTES)));
}

/**
 * The engine's memory limit in bytes: what `--memory` says, else `defaultMemoryLimit`.
 * @throws UserError where `parseBytes` does
 */
export function readMemoryLimit(text: string | undefined): number {
  return text === undefined ? defaultMemoryLimit() : parseBytes(text);
}

/**
 * Bytes of a text such as `512MB`, `1.5GB` (powers of 1,000), `2GiB` (powers of 1,024), or `80%` of the memory there is.
 * @throws UserError when the text is something else, less than 64 MB, or more than 100 %.
 */
export function parseBytes(text: string, available: () => number = availableMemory): number {
  const [, percent] = /^\s*(\d{1,15}(?:\.\d{1,6})?)\s*%\s*$/.exec(text) ?? [];
  const bytes = percent === undefined ? readByteAmount(text) : percentOf(available, { percent: Number(percent), text });
  if (bytes === undefined) throw notASize(text);
  if (bytes < LEAST_BYTES) {
    const unitless = /^[\d.\s]+$/.test(text)
      ? [`A number without a unit is bytes. Did you mean ${text.trim()}MB?`]
      : [];
    throw new UserError(`Cannot use "${text}" as an amount of memory: it is less than 64MB`, {
      wayOut: [...unitless, 'Give at least 64MB; 512MB is enough for most sources.'],
    });
  }
  return bytes;
}

function percentOf(available: () => number, { percent, text }: { percent: number; text: string }): number {
  if (percent > 100) {
    throw new UserError(`Cannot use "${text}" as an amount of memory: it is more than there is`, {
      wayOut: 'Give 100% or less.',
    });
  }
  return Math.floor((available() * percent) / 100);
}

function notASize(text: string): UserError {
  return new UserError(`Cannot read "${text}" as an amount of memory`, {
    wayOut: 'Write a number and a unit: 512MB, 1.5GB, 2GiB or 50%.',
  });
}
