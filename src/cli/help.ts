import { Help, type Command } from '@oclif/core';
import type { CannedQuery, QueryParameter } from '../queries/canned-query.js';
import { listQueries, loadQuery } from '../queries/query-catalog.js';
import { sanitizeLines } from '../output/sanitize.js';
import { RESERVED_FLAGS } from './flags.js';
import { findNames } from './parse-questions.js';

/**
 * The help of all commands. `query --help` lists the questions; `query NAME --help` shows the question's own parameters,
 * columns and examples. oclif finds this class by the package's `oclif.helpClass`.
 */
export default class QuestionHelp extends Help {
  override async showHelp(argv: string[]): Promise<void> {
    const question = findQuestion(argv);
    if (question === undefined) await super.showHelp(argv);
    else this.log(this.#describeQuestion(makeReadable(loadQuery(question, { reserved: RESERVED_FLAGS }))));
  }

  override async showCommandHelp(command: Command.Loadable): Promise<void> {
    await super.showCommandHelp(command);
    if (command.id !== 'query') return;
    const rows = listQueries().map(({ name, summary }): [string, string] => [name, summary]);
    this.log(
      this.section('QUESTIONS', this.renderList(rows, { indentation: 2, stripAnsi: this.opts.stripAnsi ?? false })),
    );
    this.log('');
    this.log('  awsusage query NAME --help shows the parameters, columns and examples of a question.');
    this.log('');
  }

  #describeQuestion(query: CannedQuery): string {
    const list = (rows: [string, string][]) =>
      this.renderList(rows, { indentation: 2, stripAnsi: this.opts.stripAnsi ?? false });
    const { summary, name, parameters, columns, examples, notes, limit } = query;
    const parts = [
      summary,
      this.section('USAGE', `$ awsusage query ${query.file ?? name} [SOURCE...] [flags]`),
      ...(parameters.length === 0
        ? []
        : [this.section('PARAMETERS', list(parameters.map((one) => [describeFlag(one), describeParameter(one)])))]),
      ...(columns.length === 0
        ? []
        : [this.section('COLUMNS', list(columns.map((one) => [one.name, `${one.description} (${one.type})`])))]),
      ...(notes.length === 0 ? [] : [this.section('NOTES', this.indent(this.wrap(notes.join('\n\n'))))]),
      ...(examples.length === 0
        ? []
        : [this.section('EXAMPLES', examples.map((example) => `$ ${example}`).join('\n'))]),
      `${limit === 0 ? 'All rows are shown' : `The first ${limit} rows are shown`} unless --limit says otherwise. All other flags are those of awsusage query --help.`,
    ];
    return `${parts.join('\n\n')}\n`;
  }
}

/** The question of `query NAME --help`, if it is one: a name without a comma, or the path of a file. */
function findQuestion(argv: readonly string[]): string | undefined {
  const [command, ...rest] = argv;
  const names = command === 'query' ? findNames(rest) : undefined;
  return names?.includes(',') === true ? undefined : names;
}

/** A file may be a stranger's: nothing in it is to act on the terminal. */
function makeReadable(query: CannedQuery): CannedQuery {
  const readable = (_key: string, value: unknown) => (typeof value === 'string' ? sanitizeLines(value) : value);
  return JSON.parse(JSON.stringify(query), readable) as CannedQuery;
}

function describeFlag({ name, type, choices }: QueryParameter): string {
  if (type === 'boolean') return `--${name}`;
  return `--${name}=<${choices.length > 0 ? choices.join('|') : type}>`;
}

function describeParameter({ description, defaultText, required }: QueryParameter): string {
  if (required) return `(required) ${description}`;
  return defaultText === undefined ? description : `[default: ${defaultText}] ${description}`;
}
