import { Command } from '@oclif/core';
import { GC_FLAGS } from '../../cli/gc-flags.js';
import { readSources } from '../../cli/read-sources.js';
import { runGc } from '../../cli/run-gc.js';

export default class CompactGc extends Command {
  static override summary = 'remove small files that are merged, once their merged file is proved anew';
  static override description =
    'Says which objects of SOURCE are merged and could go; with --yes removes them. An object goes only when its slot is there as it was written, recorded for longer than --grace, and the object is still exactly what was merged; any doubt leaves it. Files of a folder go to the trash in the ledger first, and are purged by a later run.';
  static override usage = 'compact gc [SOURCE] [flags]';
  static override strict = false;
  static override flags = GC_FLAGS;
  static override examples = [
    '<%= config.bin %> compact gc ./json-data/ --to ./parquet-data/',
    '<%= config.bin %> compact gc s3://my-logs/json-data/ --to s3://my-logs/parquet-data/ --grace 30d --yes',
    '<%= config.bin %> compact gc s3://my-logs/AWSLogs/ --tag awsusage=merged --yes',
  ];

  override async run(): Promise<void> {
    const { argv, flags } = await this.parse(CompactGc);
    const sources = readSources(argv as string[], { argv: this.argv, flags: CompactGc.flags });
    await runGc(sources, flags);
  }

  protected override async catch(error: Error): Promise<never> {
    throw error;
  }
}
