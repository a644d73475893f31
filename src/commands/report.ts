import { Command } from '@oclif/core';
import { readSources } from '../cli/read-sources.js';
import { REPORT_FLAGS } from '../cli/report-flags.js';
import { writeReport } from '../cli/write-report.js';

export default class Report extends Command {
  static override summary = 'write a report of a month, or of any window, for people to read';
  static override description =
    'A report asks several questions of one reading and holds their figures against the period before. --template names one that comes with awsusage, or a YAML file of your own.';
  static override usage = 'report [SOURCE...] [flags]';
  static override strict = false;
  static override flags = REPORT_FLAGS;
  static override examples = [
    '<%= config.bin %> report ./logs/ --month last',
    '<%= config.bin %> report ./logs/ --since 7d --output html > report.html',
    '<%= config.bin %> report s3://my-logs/AWSLogs/ --month 2026-10 --template security --to s3://my-reports/2026-10.html',
    "<%= config.bin %> report ./logs/ --template ./my-report.yml --fail-on 'errors > 0'",
  ];

  override async run(): Promise<void> {
    const { argv, flags } = await this.parse(Report);
    const sources = readSources(argv as string[], { argv: this.argv, flags: Report.flags });
    await writeReport({ sources, flags, toolVersion: this.config.version });
  }

  protected override async catch(error: Error): Promise<never> {
    throw error;
  }
}
