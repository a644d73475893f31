import { Args, Command } from '@oclif/core';
import { COMPLETION_SCRIPTS, SHELLS } from '../cli/completion-scripts.js';
import { UserError } from '../errors.js';

export default class Completion extends Command {
  static override summary = 'print what makes a shell complete names of questions, flags, formats and sources';
  static override description =
    'bash:  add to ~/.bashrc    source <(awsusage completion bash)\nzsh:   add to ~/.zshrc     source <(awsusage completion zsh)   behind compinit\nfish:  run once            awsusage completion fish > ~/.config/fish/completions/awsusage.fish';
  static override args = { shell: Args.option({ options: SHELLS, description: 'the shell' })() };
  static override examples = ['source <(<%= config.bin %> completion bash)'];

  override async run(): Promise<void> {
    const { args } = await this.parse(Completion);
    const { shell } = args;
    if (shell === undefined)
      throw new UserError('No shell was given', { wayOut: `awsusage completion ${SHELLS.join('|')}` });
    process.stdout.write(COMPLETION_SCRIPTS[shell]);
  }

  protected override async catch(error: Error): Promise<never> {
    throw error;
  }
}
