import { Command } from '@oclif/core';
import { readSources } from '../../cli/read-sources.js';
import { showStatus } from '../../cli/show-status.js';
import { STATUS_FLAGS } from '../../cli/status-flags.js';

export default class CompactStatus extends Command {
  static override summary = 'say what of a source is merged, and what is not';
  static override description =
    'Lists SOURCE, or the source of the table that is given in its place, and counts what is merged, pending, late, too young, or changed after it was merged. Nothing is written.';
  static override usage = 'compact status [SOURCE] [flags]';
  static override strict = false;
  static override flags = STATUS_FLAGS;
  static override examples = [
    '<%= config.bin %> compact status ./json-data/ --to ./parquet-data/ --partitions',
    '<%= config.bin %> compact status s3://my-logs/AWSLogs-compacted/ --json',
  ];

  override async run(): Promise<void> {
    const { argv, flags } = await this.parse(CompactStatus);
    const sources = readSources(argv as string[], { argv: this.argv, flags: CompactStatus.flags });
    await showStatus(sources, flags);
  }

  protected override async catch(error: Error): Promise<never> {
    throw error;
  }
}
