import { Command } from '@oclif/core';
import { readSources } from '../cli/read-sources.js';
import { SNAPSHOT_FLAGS } from '../cli/snapshot-flags.js';
import { takeSnapshot } from '../cli/take-snapshot.js';

export default class Snapshot extends Command {
  static override summary = 'keep which kinds of calls there are in a file to commit, and tell when they change';
  static override description =
    'A snapshot has a line for each kind of call, without what differs from run to run (ids, times, account ids). --check FILE compares the calls of SOURCE with it: exit code 0 where they are the same, 1 where not. Where FILE is missing it is made, but not on CI.';
  static override usage = 'snapshot [SOURCE...] [flags]';
  static override strict = false;
  static override flags = SNAPSHOT_FLAGS;
  static override examples = [
    '<%= config.bin %> snapshot ./calls/ --to calls.snapshot.json',
    '<%= config.bin %> snapshot ./calls/ --check calls.snapshot.json',
    '<%= config.bin %> snapshot ./calls/ --check calls.snapshot.json --update',
    '<%= config.bin %> snapshot ./calls/ --to calls.snapshot.json --by service,operation,resource --counts range',
    '<%= config.bin %> snapshot --print-rules',
  ];

  override async run(): Promise<void> {
    const { argv, flags } = await this.parse(Snapshot);
    const sources = readSources(argv as string[], { argv: this.argv, flags: Snapshot.flags });
    await takeSnapshot({ sources, flags, toolVersion: this.config.version, argv: this.argv });
  }

  protected override async catch(error: Error): Promise<never> {
    throw error;
  }
}
