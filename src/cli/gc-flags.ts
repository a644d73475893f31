import { Flags } from '@oclif/core';
import { UserError } from '../errors.js';
import { parseDuration } from '../layouts/time-window.js';
import { COMPACT_FLAGS, TABLE_FLAGS, type TableFlags } from './compact-flags.js';
import { OUTPUT_FLAGS, READING_FLAGS, type OutputFlags } from './flags.js';
import { S3_FLAGS } from './s3-flags.js';

export const GC_FLAGS = {
  ...TABLE_FLAGS,
  yes: Flags.boolean({ helpGroup: 'REMOVING', char: 'y', description: 'remove; without it, only say what would be' }),
  'dry-run': Flags.boolean({ helpGroup: 'REMOVING', description: 'say what would be removed, and remove nothing' }),
  grace: Flags.string({
    helpGroup: 'REMOVING',
    helpValue: '<duration>',
    default: '7d',
    description: 'leave what was merged less long ago, and purge the trash of a folder after as long again',
  }),
  force: Flags.boolean({ helpGroup: 'REMOVING', description: 'allow for a --grace of less than 24h' }),
  tag: Flags.string({
    helpGroup: 'REMOVING',
    helpValue: '<key=value>',
    description: 'in a bucket: do not remove, but tag, for a lifecycle rule',
  }),
  'allow-partial': READING_FLAGS['allow-partial'],
  'print-policy': COMPACT_FLAGS['print-policy'],
  ...S3_FLAGS,
  ...OUTPUT_FLAGS,
} as const;

export interface GcFlags extends TableFlags, OutputFlags {
  readonly yes: boolean;
  readonly 'dry-run': boolean;
  readonly grace: string;
  readonly force: boolean;
  readonly tag: string | undefined;
  readonly 'allow-partial': boolean;
  readonly 'print-policy': boolean;
}

const LEAST_GRACE_MS = 86_400_000;

/**
 * The grace period, in milliseconds.
 * @throws UserError for less than a day without `--force`
 */
export function readGrace({ grace, force }: GcFlags): number {
  const graceMs = parseDuration(grace);
  if (graceMs >= LEAST_GRACE_MS || force) return graceMs;
  throw new UserError(`Cannot use --grace ${grace}: what was merged less than 24h ago may still be read by others`, {
    wayOut: 'Give 24h or more, or --force where nobody else reads the source.',
  });
}

/**
 * The tag that objects get; undefined where they are removed.
 * @throws UserError for a text without a name
 */
export function readTag({ tag }: GcFlags): Readonly<Record<string, string>> | undefined {
  if (tag === undefined) return undefined;
  const at = tag.indexOf('=');
  if (at > 0) return { [tag.slice(0, at)]: tag.slice(at + 1) };
  throw new UserError(`Cannot use --tag ${tag}`, { wayOut: 'Write it as KEY=VALUE: --tag awsusage=merged.' });
}
