import { Flags } from '@oclif/core';
import { MERGING_FLAGS, TABLE_FLAGS, type SourceFlags } from './compact-flags.js';
import { OUTPUT_FLAGS, READING_FLAGS, type OutputFlags } from './flags.js';
import { S3_FLAGS } from './s3-flags.js';

export const STATUS_FLAGS = {
  ...TABLE_FLAGS,
  'partition-by': MERGING_FLAGS['partition-by'],
  format: MERGING_FLAGS.format,
  'min-age': MERGING_FLAGS['min-age'],
  'allow-partial': READING_FLAGS['allow-partial'],
  partitions: Flags.boolean({ helpGroup: 'OUTPUT', description: 'say it for each partition, too' }),
  ...S3_FLAGS,
  ...OUTPUT_FLAGS,
} as const;

export interface StatusFlags extends Omit<SourceFlags, keyof typeof WHOLE_SOURCE>, OutputFlags {
  readonly 'min-age': string;
  readonly 'allow-partial': boolean;
  readonly partitions: boolean;
}

/** What asks for all of a source. */
export const WHOLE_SOURCE = { since: undefined, until: undefined, timezone: undefined, lateness: undefined } as const;
