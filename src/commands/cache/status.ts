import { Command } from '@oclif/core';
import { OUTPUT_FLAGS } from '../../cli/flags.js';
import { printCaches } from '../../cli/print-cache.js';

export default class CacheStatus extends Command {
  static override summary = 'say what is in the cache, and where it is';
  static override flags = OUTPUT_FLAGS;
  static override examples = ['<%= config.bin %> cache status'];

  override async run(): Promise<void> {
    const { flags } = await this.parse(CacheStatus);
    await printCaches(flags);
  }

  protected override async catch(error: Error): Promise<never> {
    throw error;
  }
}
