import { Command } from '@oclif/core';
import { CACHE_FILL_FLAGS } from '../../cli/cache-flags.js';
import { fillCache } from '../../cli/fill-cache.js';
import { printFilled } from '../../cli/print-cache.js';
import { readSources } from '../../cli/read-sources.js';

export default class CacheFill extends Command {
  static override summary = 'bring sources into the cache now';
  static override description =
    'Questions do it by themselves, behind the answer, for buckets and for folders that take more than a second to read. Only what is new is read.';
  static override usage = 'cache fill [SOURCE...] [flags]';
  static override strict = false;
  static override flags = CACHE_FILL_FLAGS;
  static override examples = ['<%= config.bin %> cache fill s3://my-logs/AWSLogs/ --since 30d'];

  override async run(): Promise<void> {
    const { argv, flags } = await this.parse(CacheFill);
    const sources = readSources(argv as string[], { argv: this.argv, flags: CacheFill.flags });
    const request = { sources, flags, toolVersion: this.config.version, inBackground: flags['in-background'] };
    await printFilled(await fillCache(request), flags);
  }

  protected override async catch(error: Error): Promise<never> {
    throw error;
  }
}
