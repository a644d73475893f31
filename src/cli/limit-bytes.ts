import type { PlannedObject, ScanPlan } from '../dataset/plan-scan.js';
import { UserError } from '../errors.js';
import { formatBytes, formatCountOf } from './format-amount.js';
import { readByteAmount } from './read-byte-amount.js';

/**
 * Whether a plan fetches more from S3 than `--max-bytes` allows. What is read from this machine does not count.
 * @param maxBytes the flag's text: `50GB`; `0` and `none` set no limit
 * @returns the error that says so, with how to go on; undefined where all is well
 * @throws UserError when the text is no amount of bytes
 */
export function limitBytes({ objects }: Pick<ScanPlan, 'objects'>, maxBytes: string): UserError | undefined {
  const limit = readByteLimit(maxBytes);
  const fetched = objects.filter(isFetched);
  const bytes = fetched.reduce((sum, { object }) => sum + object.size, 0);
  if (bytes <= limit) return undefined;
  const names = [...new Set(fetched.map(({ store }) => store.name))].join(', ');
  return new UserError(
    `Reading ${names} would fetch ${formatCountOf(fetched.length, 'object')} of ${formatBytes(bytes)}, and --max-bytes allows ${formatBytes(limit)}`,
    {
      wayOut: [
        'Ask for less: a window with --since and --until, or a longer prefix. --dry-run shows what would be read.',
        `Or allow it: --max-bytes ${roundUp(bytes)} (none sets no limit).`,
      ],
    },
  );
}

/**
 * What `--max-bytes` allows: `50GB`; Infinity for `0` and `none`.
 * @throws UserError when the text is no amount of bytes
 */
export function readByteLimit(text: string): number {
  const bytes = text.trim().toLowerCase() === 'none' ? 0 : readByteAmount(text);
  if (bytes === undefined) {
    throw new UserError(`Cannot read --max-bytes "${text}" as an amount of bytes`, {
      wayOut: 'Write a number and a unit: 500MB, 120GB; none sets no limit.',
    });
  }
  return bytes === 0 ? Infinity : bytes;
}

/** Only a store whose requests count is one that objects are fetched from. */
function isFetched({ store }: PlannedObject): boolean {
  return store.requests !== undefined;
}

/** An amount that is enough, as the flag takes it, in no more digits than people remember. */
function roundUp(bytes: number): string {
  for (const [unit, factor] of [
    ['B', 1],
    ['kB', 1e3],
    ['MB', 1e6],
    ['GB', 1e9],
  ] as const) {
    if (bytes < 1000 * factor) return `${Math.ceil(bytes / factor)}${unit}`;
  }
  return `${Math.ceil(bytes / 1e12)}TB`;
}
