import { Command } from '@oclif/core';
import { printCompletions } from '../cli/print-completions.js';

export default class CompleteLine extends Command {
  static override hidden = true;
  static override summary = 'say what may stand in the place of the last word of a line, for a shell';
  static override usage = 'complete-line -- [WORD...]';
  static override strict = false;
  static override examples = ['<%= config.bin %> complete-line -- query sess'];

  override async run(): Promise<void> {
    // Nothing of it is for this command, whatever it looks like.
    this.parsed = true;
    await printCompletions(this.argv.slice(this.argv.indexOf('--') + 1), this.config);
  }

  protected override async catch(error: Error): Promise<never> {
    throw error;
  }
}
