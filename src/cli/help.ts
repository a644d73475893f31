import { Help, type Command, type Interfaces } from '@oclif/core';

/**
 * The help of all commands. `query --help` lists the questions; `query NAME --help` shows the question's own parameters,
 * columns and examples. oclif finds this class by the package's `oclif.helpClass`. What only some help needs is loaded
 * there: `--help` is to appear at once.
 */
export default class QuestionHelp extends Help {
  override async showHelp(argv: string[]): Promise<void> {
    const question = argv[0] === 'query' ? await this.#findQuestion(argv.slice(1)) : undefined;
    if (question === undefined) await super.showHelp(argv);
    else this.log(question);
  }

  override async showCommandHelp(command: Command.Loadable): Promise<void> {
    await super.showCommandHelp(command);
    if (command.id !== 'query') return;
    const { listQueries } = await import('../queries/query-catalog.js');
    const rows = listQueries().map(({ name, summary }): [string, string] => [name, summary]);
    this.log(this.section('QUESTIONS', this.#list(rows)));
    this.log('');
    this.log('  awsusage query NAME --help shows the parameters, columns and examples of a question.');
    this.log('');
  }

  /** A command with commands below it is listed once, as a command. */
  protected override get sortedTopics(): Interfaces.Topic[] {
    const commands = new Set(this.sortedCommands.map(({ id }) => id));
    return super.sortedTopics.filter(({ name }) => !commands.has(name));
  }

  /** The help of the question that the words name, if they name one. */
  async #findQuestion(words: readonly string[]): Promise<string | undefined> {
    const { describeQuestion } = await import('./describe-question.js');
    return describeQuestion(words, {
      section: (title, text) => this.section(title, text),
      list: (rows) => this.#list(rows),
      wrap: (text) => this.indent(this.wrap(text)),
    });
  }

  #list(rows: [string, string][]): string {
    return this.renderList(rows, { indentation: 2, stripAnsi: this.opts.stripAnsi ?? false });
  }
}
