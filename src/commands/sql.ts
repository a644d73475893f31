import { Args, Command } from '@oclif/core';
import { UserError } from '../errors.js';
import { answerQuestions } from '../cli/answer-questions.js';
import { COMMAND_FLAGS, QUESTION_FLAGS } from '../cli/flags.js';
import { readSources } from '../cli/read-sources.js';
import { adHocQuery } from '../queries/ad-hoc-query.js';

const EXAMPLE = 'For example: awsusage sql "select service, sum(calls) from api_calls group by service" ./logs/';

export default class Sql extends Command {
  static override summary = 'run a SELECT over captured AWS calls';
  static override description =
    'The SELECT reads the view api_calls (or aws_api_calls, with the columns of LocalStack-style captures), and one view raw_<format> for each format found, with the records as they were. Where there is one format, raw is that view.';
  static override usage = 'sql SELECT [SOURCE...] [flags]';
  static override strict = false;
  static override args = { select: Args.string({ description: 'the SELECT' }) };
  static override flags = { ...COMMAND_FLAGS, limit: QUESTION_FLAGS.limit, output: QUESTION_FLAGS.output };
  static override examples = [
    '<%= config.bin %> sql "select service, sum(calls) from api_calls group by service" ./logs/',
    '<%= config.bin %> sql "select eventName, count(*) from raw_cloudtrail group by 1" ./AWSLogs/ --output csv',
  ];

  override async run(): Promise<void> {
    const { args, argv, flags } = await this.parse(Sql, keepComments(this.argv));
    const { select } = args;
    if (select === undefined) throw new UserError('No SELECT was given', { wayOut: EXAMPLE });
    const sources = readSources(argv as string[], { first: select, argv: this.argv, flags: Sql.flags });
    const questions = [{ query: adHocQuery(select), parameters: {}, limit: flags.limit ?? 0 }];
    await answerQuestions({ questions, sources, flags, toolVersion: this.config.version });
  }

  protected override async catch(error: Error): Promise<never> {
    throw error;
  }
}

/** A SELECT may begin with a comment, which is no flag: SQL that --print-sql printed does. */
function keepComments(argv: readonly string[]): string[] {
  return argv.map((word) => (/^--(?:\s|[^=]*\n)/.test(word) ? ` ${word}` : word));
}
