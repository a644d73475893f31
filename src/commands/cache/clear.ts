import { Command } from '@oclif/core';
import { clearCache } from '../../cli/clear-cache.js';
import { OUTPUT_FLAGS } from '../../cli/flags.js';

export default class CacheClear extends Command {
  static override summary = 'remove everything from the cache';
  static override description = 'Nothing is lost by it: the next question reads the source itself.';
  static override flags = { quiet: OUTPUT_FLAGS.quiet };
  static override examples = ['<%= config.bin %> cache clear'];

  override async run(): Promise<void> {
    const { flags } = await this.parse(CacheClear);
    await clearCache(flags);
  }

  protected override async catch(error: Error): Promise<never> {
    throw error;
  }
}
