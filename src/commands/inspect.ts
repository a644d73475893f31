import { Command } from '@oclif/core';
import { COMMAND_FLAGS } from '../cli/flags.js';
import { inspectSources } from '../cli/inspect-sources.js';
import { readSources } from '../cli/read-sources.js';

export default class Inspect extends Command {
  static override summary = 'say what is in a source: layouts, formats, sizes, time span, trouble';
  static override usage = 'inspect [SOURCE...] [flags]';
  static override strict = false;
  static override flags = COMMAND_FLAGS;
  static override examples = [
    '<%= config.bin %> inspect ./logs/',
    '<%= config.bin %> inspect ./logs/ --since 7d --json',
    '<%= config.bin %> inspect s3://my-logs/AWSLogs/ --since 7d --dry-run',
  ];

  override async run(): Promise<void> {
    const { argv, flags } = await this.parse(Inspect);
    const sources = readSources(argv as string[], { argv: this.argv, flags: Inspect.flags });
    await inspectSources({ sources, flags });
  }

  protected override async catch(error: Error): Promise<never> {
    throw error;
  }
}
