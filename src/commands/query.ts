import { Command } from '@oclif/core';
import { answerQuestions } from '../cli/answer-questions.js';
import { SHARED_FLAGS } from '../cli/flags.js';
import { parseQuestions } from '../cli/parse-questions.js';
import { printSql } from '../cli/print-sql.js';

export default class Query extends Command {
  static override summary = 'answer a question about captured AWS calls';
  static override description =
    'NAME is a question (several with commas between them are answered from one reading), or the path of an .sql file of your own. SOURCE is a folder, a file, a glob, s3://bucket/prefix/, - for standard input, or a name from awsusage.config.json; AWSUSAGE_SOURCE serves where none is given.';
  static override usage = 'query NAME [SOURCE...] [flags]';
  static override strict = false;
  static override flags = SHARED_FLAGS;
  static override examples = [
    '<%= config.bin %> query sessions-per-day ./logs/',
    '<%= config.bin %> query top-operations,errors ./logs/ --since 7d',
    '<%= config.bin %> query denormalize ./logs/ --service s3 --columns Bucket,Key',
    '<%= config.bin %> query calls-over-time ./logs/ --output chart',
    '<%= config.bin %> query ./my-question.sql ./logs/ --output csv',
    '<%= config.bin %> query top-operations s3://my-logs/AWSLogs/ --since 24h',
    '<%= config.bin %> query denormalize --help',
  ];

  override async run(): Promise<void> {
    const { questions, sources, flags } = await parseQuestions(this.argv);
    // Else oclif warns that nobody has read the arguments.
    this.parsed = true;
    if (flags['print-sql']) await printSql(questions);
    else await answerQuestions({ questions, sources, flags, toolVersion: this.config.version });
  }

  protected override async catch(error: Error): Promise<never> {
    throw error;
  }
}
