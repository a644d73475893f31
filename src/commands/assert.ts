import { Command } from '@oclif/core';
import { assertCalls } from '../cli/assert-calls.js';
import { ASSERT_FLAGS } from '../cli/assert-flags.js';
import { readSources } from '../cli/read-sources.js';

export default class Assert extends Command {
  static override summary = 'hold captured AWS calls against what is expected of them';
  static override description =
    'Each expectation is met or not, with the calls that decided it; one that is not makes the exit code 1, and so does a capture without any call. Calls are written as service:operation, with the wildcards of IAM, then fields of the request: s3:Put* Bucket=results Key~"^out/" >= 1.';
  static override usage = 'assert [SOURCE...] [flags]';
  static override strict = false;
  static override flags = ASSERT_FLAGS;
  static override examples = [
    '<%= config.bin %> assert ./calls/ --no-errors --max-calls 100',
    "<%= config.bin %> assert ./calls/ --allow 's3:GetObject,dynamodb:*' --deny 'iam:*'",
    "<%= config.bin %> assert ./calls/ --expect 's3:PutObject Bucket=results >= 1'",
    '<%= config.bin %> assert ./calls/ --file expectations.yml --output junit > results.xml',
  ];

  override async run(): Promise<void> {
    const { argv, flags } = await this.parse(Assert);
    const sources = readSources(argv as string[], { argv: this.argv, flags: Assert.flags });
    await assertCalls({ sources, flags, toolVersion: this.config.version });
  }

  protected override async catch(error: Error): Promise<never> {
    throw error;
  }
}
