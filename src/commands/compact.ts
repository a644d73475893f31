import { Command } from '@oclif/core';
import { COMPACT_FLAGS } from '../cli/compact-flags.js';
import { compactSource } from '../cli/compact-source.js';
import { readSources } from '../cli/read-sources.js';
import { verifyMergedTable } from '../cli/verify-merged-table.js';

export default class Compact extends Command {
  static override summary = 'merge many small files into few Parquet files, without losing or doubling a row';
  static override description =
    'Reads the new objects of SOURCE, a folder or s3://bucket/prefix/, and writes their records as Parquet files into a table beside it, in the same partitions. Nothing is removed. Run it as often as you like: what is merged is not merged again, and what came late or failed is taken by the next run.';
  static override usage = 'compact [SOURCE] [flags]';
  static override strict = false;
  static override flags = COMPACT_FLAGS;
  static override examples = [
    '<%= config.bin %> compact ./json-data/ --to ./parquet-data/ --dry-run',
    '<%= config.bin %> compact --bucket my-logs --prefix json-data/ --to s3://my-logs/parquet-data/ --codec snappy',
    '<%= config.bin %> compact s3://my-logs/AWSLogs/ --since 7d',
    '<%= config.bin %> compact ./json-data/ --watch 1h',
  ];

  override async run(): Promise<void> {
    const { argv, flags } = await this.parse(Compact);
    const sources = readSources(argv as string[], { argv: this.argv, flags: Compact.flags });
    if (flags.verify) await verifyMergedTable(sources, flags);
    else await compactSource({ sources, flags, toolVersion: this.config.version });
  }

  protected override async catch(error: Error): Promise<never> {
    throw error;
  }
}
