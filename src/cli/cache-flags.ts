import { Flags } from '@oclif/core';
import { OUTPUT_FLAGS, READING_FLAGS, SELECTION_FLAGS, type OutputFlags } from './flags.js';
import { S3_FLAGS, type S3Flags } from './s3-flags.js';

const { since, until, timezone, lateness } = SELECTION_FLAGS;

export const CACHE_FILL_FLAGS = {
  since,
  until,
  timezone,
  lateness,
  memory: READING_FLAGS.memory,
  'in-background': Flags.boolean({ hidden: true, description: 'give way to everything else that runs' }),
  ...S3_FLAGS,
  ...OUTPUT_FLAGS,
} as const;

/** What is to be in the cache. */
export interface FillFlags extends S3Flags, OutputFlags {
  readonly since: string | undefined;
  readonly until: string | undefined;
  readonly timezone: string | undefined;
  readonly lateness: string | undefined;
  readonly memory: string | undefined;
}
