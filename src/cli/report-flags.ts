import { Flags } from '@oclif/core';
import { OUTPUT_FLAGS, READING_FLAGS, SELECTION_FLAGS, type ReadingFlags, type SelectionFlags } from './flags.js';
import { S3_FLAGS, type S3Flags } from './s3-flags.js';

/** The forms of a report, by the name that `--output` takes. */
export const REPORT_FORMATS = ['markdown', 'html', 'json'] as const;

export type ReportFormat = (typeof REPORT_FORMATS)[number];

const { json, quiet } = OUTPUT_FLAGS;

export const REPORT_FLAGS = {
  template: Flags.string({
    helpGroup: 'REPORT',
    helpValue: '<name>',
    default: 'usage',
    description: 'usage, metering, web, security, or the path of a report file of your own: ./my-report.yml',
  }),
  title: Flags.string({ helpGroup: 'REPORT', helpValue: '<text>', description: 'another title than the template’s' }),
  month: Flags.string({
    helpGroup: 'WINDOW',
    helpValue: '<month>',
    description: 'that month as a whole: 2026-10, or last for the one before this',
  }),
  to: Flags.string({
    helpGroup: 'OUTPUT',
    helpValue: '<place>',
    description: 'write the report to a file or s3://bucket/key instead of printing it',
  }),
  publish: Flags.string({
    helpGroup: 'OUTPUT',
    helpValue: '<topic>',
    description: 'when the report is written (--to), send its main figures to this SNS topic: sns:<ARN>',
  }),
  'link-expires': Flags.string({
    helpGroup: 'OUTPUT',
    helpValue: '<duration>',
    description: 'send a link that opens the report without credentials for so long (7d at most)',
  }),
  'fail-on': Flags.string({
    helpGroup: 'OUTPUT',
    helpValue: '<condition>',
    description: 'end with exit code 1 when this holds: errors > 0, calls change > 50%; repeatable',
    multiple: true,
    multipleNonGreedy: true,
  }),
  'step-summary': Flags.boolean({
    helpGroup: 'OUTPUT',
    default: true,
    allowNo: true,
    description: 'add the report to the summary of a GitHub Actions step, where there is one',
  }),
  output: Flags.option({ options: REPORT_FORMATS })({
    helpGroup: 'OUTPUT',
    char: 'o',
    helpValue: `<${REPORT_FORMATS.join('|')}>`,
    description: 'the form of the report (default: as the name of --to ends, else markdown)',
  }),
  json,
  quiet,
  'no-color': OUTPUT_FLAGS['no-color'],
  'csv-raw': OUTPUT_FLAGS['csv-raw'],
  ...SELECTION_FLAGS,
  ...READING_FLAGS,
  ...S3_FLAGS,
} as const;

export interface ReportFlags extends SelectionFlags, ReadingFlags, S3Flags {
  readonly template: string;
  readonly title: string | undefined;
  readonly month: string | undefined;
  readonly to: string | undefined;
  readonly publish: string | undefined;
  readonly 'link-expires': string | undefined;
  readonly 'fail-on': string[] | undefined;
  readonly 'step-summary': boolean;
  readonly output: ReportFormat | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly 'no-color': boolean;
  readonly 'csv-raw': boolean;
}
