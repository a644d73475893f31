import { Command } from '@oclif/core';
import { OUTPUT_FLAGS, READING_FLAGS, SELECTION_FLAGS } from '../cli/flags.js';
import { inspectSources } from '../cli/inspect-sources.js';
import { readSources } from '../cli/read-sources.js';

export default class Inspect extends Command {
  static override summary = 'say what is in a source: layouts, formats, sizes, time span, trouble';
  static override usage = 'inspect [SOURCE...] [flags]';
  static override strict = false;
  static override flags = { ...SELECTION_FLAGS, ...READING_FLAGS, ...OUTPUT_FLAGS };
  static override examples = [
    '<%= config.bin %> inspect ./logs/',
    '<%= config.bin %> inspect ./logs/ --since 7d --json',
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
