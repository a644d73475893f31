import { Args, Command } from '@oclif/core';
import { answerQuestions } from '../cli/answer-questions.js';
import { OUTPUT_FLAGS, QUESTION_FLAGS, READING_FLAGS, SELECTION_FLAGS } from '../cli/flags.js';
import { readSources } from '../cli/read-sources.js';
import { adHocQuery } from '../queries/ad-hoc-query.js';

export default class Sql extends Command {
  static override summary = 'run a SELECT over captured AWS calls';
  static override description =
    'The SELECT reads the view api_calls (or aws_api_calls, with the columns of LocalStack-style captures), and one view raw_<format> for each format found, with the records as they were. Where there is one format, raw is that view.';
  static override usage = 'sql SELECT [SOURCE...] [flags]';
  static override strict = false;
  static override args = { select: Args.string({ required: true, description: 'the SELECT' }) };
  static override flags = { ...SELECTION_FLAGS, ...READING_FLAGS, ...OUTPUT_FLAGS, limit: QUESTION_FLAGS.limit };
  static override examples = [
    '<%= config.bin %> sql "select service, sum(calls) from api_calls group by service" ./logs/',
    '<%= config.bin %> sql "select eventName, count(*) from raw_cloudtrail group by 1" ./AWSLogs/ --output csv',
  ];

  override async run(): Promise<void> {
    const { args, argv, flags } = await this.parse(Sql);
    const known = { first: args.select, argv: this.argv, flags: Object.keys(Sql.flags) };
    const sources = readSources(argv as string[], known);
    const questions = [{ query: adHocQuery(args.select), parameters: {}, limit: flags.limit ?? 0 }];
    await answerQuestions({ questions, sources, flags });
  }

  protected override async catch(error: Error): Promise<never> {
    throw error;
  }
}
