import { totalmem } from 'node:os';

import { UserError } from '../errors.js';
import { readCgroupMemoryLimit } from './cgroup-memory.js';

const MIB = 1024 ** 2;

/** What DuckDB needs to do anything useful. */
const LEAST_BYTES = 64_000_000;

/** What the process takes beyond DuckDB's own limit: measured 250–350 MB, with some to spare. */
const OVERSHOOT_BYTES = 400 * MIB;

const UNIT_BYTES: Readonly<Record<string, number>> = {
  b: 1,
  k: 1e3,
  kb: 1e3,
  kib: 1024,
  m: 1e6,
  mb: 1e6,
  mib: MIB,
  g: 1e9,
  gb: 1e9,
  gib: 1024 ** 3,
  t: 1e12,
  tb: 1e12,
  tib: 1024 ** 4,
};

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
 * Bytes of a text such as `512MB`, `1.5GB` (powers of 1,000), `2GiB` (powers of 1,024), or `80%` of the memory there is.
 * @throws UserError when the text is something else, less than 64 MB, or more than 100 %.
 */
export function parseBytes(text: string, available: () => number = availableMemory): number {
  const [, digits, unit] = /^\s*(\d{1,15}(?:\.\d{1,6})?)\s*(%|[a-z]{0,3})\s*$/i.exec(text) ?? [];
  if (digits === undefined || unit === undefined) throw notASize(text);
  const bytes =
    unit === '%' ? percentOf(available, { percent: Number(digits), text }) : toBytes({ digits, unit, text });
  if (bytes < LEAST_BYTES) {
    const unitless = unit === '' ? [`A number without a unit is bytes. Did you mean ${digits}MB?`] : [];
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

function toBytes({ digits, unit, text }: { digits: string; unit: string; text: string }): number {
  const factor = unit === '' ? 1 : UNIT_BYTES[unit.toLowerCase()];
  const bytes = Math.floor(Number(digits) * (factor ?? Number.NaN));
  if (!Number.isSafeInteger(bytes)) throw notASize(text);
  return bytes;
}

function notASize(text: string): UserError {
  return new UserError(`Cannot read "${text}" as an amount of memory`, {
    wayOut: 'Write a number and a unit: 512MB, 1.5GB, 2GiB or 50%.',
  });
}
