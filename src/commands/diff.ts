import { Command } from '@oclif/core';
import { compareSources } from '../cli/compare-sources.js';
import { DIFF_FLAGS } from '../cli/diff-flags.js';
import { readSources } from '../cli/read-sources.js';

export default class Diff extends Command {
  static override summary = 'tell which kinds of calls differ between two captures, sessions or snapshots';
  static override description =
    'BASE and HEAD are each a snapshot file, a SOURCE as query takes it, or one session of it: SOURCE#session=ID. A kind is added, removed, or changed in calls, share of errors or median latency by more than --tolerance.';
  static override usage = 'diff BASE HEAD [flags]';
  static override strict = false;
  static override flags = DIFF_FLAGS;
  static override examples = [
    '<%= config.bin %> diff ./before/ ./after/',
    '<%= config.bin %> diff calls.snapshot.json ./calls/ --exit-code',
    '<%= config.bin %> diff "./calls/#session=before-change" "./calls/#session=after-change" --only added',
    '<%= config.bin %> diff ./before/ ./after/ --by service,operation,resource --tolerance calls=0%,latency=50%',
  ];

  override async run(): Promise<void> {
    const { argv, flags } = await this.parse(Diff);
    const sources = readSources(argv as string[], { argv: this.argv, flags: Diff.flags });
    await compareSources({ sources, flags, toolVersion: this.config.version });
  }

  protected override async catch(error: Error): Promise<never> {
    throw error;
  }
}
