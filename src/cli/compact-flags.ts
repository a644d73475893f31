import { Flags } from '@oclif/core';
import { CODECS, SORTS, type Codec, type Sort } from '../compaction/write-slots.js';
import { PARTITION_MODES, type PartitionMode } from '../layouts/output-partition.js';
import { OUTPUT_FLAGS, READING_FLAGS, SELECTION_FLAGS, type OutputFlags } from './flags.js';
import { S3_FLAGS, type S3Flags } from './s3-flags.js';

/** Which table is meant. */
export const TABLE_FLAGS = {
  to: Flags.string({
    helpGroup: 'TABLE',
    helpValue: '<place>',
    description: 'the merged table: a folder or s3://bucket/prefix/ (default: SOURCE-compacted, beside the source)',
  }),
} as const;

/** How objects are merged. */
export const MERGING_FLAGS = {
  'partition-by': Flags.option({ options: PARTITION_MODES })({
    helpGroup: 'TABLE',
    helpValue: `<${PARTITION_MODES.join('|')}>`,
    description: 'the partitions of the table (default: those of the source’s keys, or none where keys have no time)',
  }),
  format: Flags.string({
    helpGroup: 'TABLE',
    helpValue: '<name>',
    description: 'merge only records of this format, where the source holds several',
  }),
  codec: Flags.option({ options: CODECS, default: 'zstd' as const })({
    helpGroup: 'TABLE',
    helpValue: `<${CODECS.join('|')}>`,
    description: 'how the Parquet files are packed',
  }),
  sort: Flags.option({ options: SORTS, default: 'timestamp' as const })({
    helpGroup: 'TABLE',
    helpValue: `<${SORTS.join('|')}>`,
    description: 'the order of the rows in a file',
  }),
  'target-size': Flags.string({
    helpGroup: 'MERGING',
    helpValue: '<bytes>',
    default: '256MB',
    description: 'about how large a Parquet file is to be',
  }),
  'min-files': Flags.integer({
    helpGroup: 'MERGING',
    helpValue: '<files>',
    default: 2,
    min: 1,
    description: 'a partition with fewer new objects waits for more',
  }),
  'min-age': Flags.string({
    helpGroup: 'MERGING',
    helpValue: '<duration>',
    default: '15m',
    description: 'leave younger objects alone: they may still be written to',
  }),
  'max-wait': Flags.string({
    helpGroup: 'MERGING',
    helpValue: '<duration>',
    default: '24h',
    description: 'merge an object that waits this long, however few there are',
  }),
  concurrency: Flags.integer({
    helpGroup: 'MERGING',
    helpValue: '<slots>',
    default: 8,
    min: 1,
    max: 64,
    description: 'how many Parquet files are stored at once',
  }),
} as const;

const { since, until, timezone, lateness } = SELECTION_FLAGS;
const { memory } = READING_FLAGS;

export const COMPACT_FLAGS = {
  ...TABLE_FLAGS,
  ...MERGING_FLAGS,
  since,
  until,
  timezone,
  lateness,
  memory,
  'allow-partial': READING_FLAGS['allow-partial'],
  'dry-run': Flags.boolean({ helpGroup: 'MERGING', description: 'say what would be merged, and merge nothing' }),
  verify: Flags.boolean({ helpGroup: 'MERGING', description: 'check again what earlier runs have written' }),
  watch: Flags.string({
    helpGroup: 'MERGING',
    helpValue: '<duration>',
    description: 'go on, and merge again every 1h; ends by SIGTERM or Ctrl-C',
  }),
  partitions: Flags.boolean({ helpGroup: 'OUTPUT', description: 'say it for each partition, too' }),
  'print-policy': Flags.boolean({
    helpGroup: 'S3',
    description: 'print the IAM policy that this needs, and do nothing',
  }),
  ...S3_FLAGS,
  ...OUTPUT_FLAGS,
} as const;

/** What names a table. */
export interface TableFlags extends S3Flags {
  readonly to: string | undefined;
}

/** What names a source, and which part of it. */
export interface SourceFlags extends TableFlags {
  readonly 'partition-by': PartitionMode | undefined;
  readonly format: string | undefined;
  readonly since: string | undefined;
  readonly until: string | undefined;
  readonly timezone: string | undefined;
  readonly lateness: string | undefined;
}

export interface CompactFlags extends SourceFlags, OutputFlags {
  readonly codec: Codec;
  readonly sort: Sort;
  readonly 'target-size': string;
  readonly 'min-files': number;
  readonly 'min-age': string;
  readonly 'max-wait': string;
  readonly concurrency: number;
  readonly memory: string | undefined;
  readonly 'allow-partial': boolean;
  readonly 'dry-run': boolean;
  readonly verify: boolean;
  readonly watch: string | undefined;
  readonly partitions: boolean;
  readonly 'print-policy': boolean;
}
