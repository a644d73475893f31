import { Flags } from '@oclif/core';
import { OUTPUT_FORMATS, PICTURE_FORMATS, type OutputFormat } from '../output/row-formats.js';
import { S3_FLAGS, type S3Flags } from './s3-flags.js';

const ALL_OUTPUTS = Object.keys(OUTPUT_FORMATS) as OutputFormat[];
/** The formats of what is no answer to a question: all but pictures. */
export const OUTPUTS: readonly OutputFormat[] = ALL_OUTPUTS.filter((format) => !PICTURE_FORMATS.includes(format));

/** Takes one value each time it is given, so that it never swallows SOURCE. */
const repeated = { multiple: true, multipleNonGreedy: true } as const;

/** Which calls a command is about. */
export const SELECTION_FLAGS = {
  since: Flags.string({
    helpGroup: 'WINDOW',
    helpValue: '<time>',
    description: 'calls from then on: 2026-10-01, a full ISO time, 7d, 24h, yesterday',
  }),
  until: Flags.string({ helpGroup: 'WINDOW', helpValue: '<time>', description: 'calls before then' }),
  timezone: Flags.string({
    helpGroup: 'WINDOW',
    helpValue: '<zone>',
    description: 'where days begin: Europe/Berlin (default: UTC)',
  }),
  lateness: Flags.string({
    helpGroup: 'WINDOW',
    helpValue: '<duration>',
    description: 'how much later than its calls an object may be stored (default: 24h)',
  }),
  service: Flags.string({
    helpGroup: 'FILTER',
    helpValue: '<name>',
    description: 'only this service; repeatable',
    ...repeated,
  }),
  operation: Flags.string({
    helpGroup: 'FILTER',
    helpValue: '<name>',
    description: 'only this operation; repeatable',
    ...repeated,
  }),
  account: Flags.string({
    helpGroup: 'FILTER',
    helpValue: '<id>',
    description: 'only this account; repeatable',
    ...repeated,
  }),
  'region-name': Flags.string({
    helpGroup: 'FILTER',
    helpValue: '<name>',
    description: 'only this region; repeatable',
    ...repeated,
  }),
  principal: Flags.string({
    helpGroup: 'FILTER',
    helpValue: '<name>',
    description: 'only this principal; repeatable',
    ...repeated,
  }),
  'errors-only': Flags.boolean({ helpGroup: 'FILTER', description: 'only calls that failed' }),
  where: Flags.string({
    helpGroup: 'FILTER',
    helpValue: '<sql>',
    description: 'only calls for which this SQL expression is true; repeatable',
    ...repeated,
  }),
} as const;

/** How a command reads. */
export const READING_FLAGS = {
  dedupe: Flags.boolean({
    helpGroup: 'READING',
    default: true,
    allowNo: true,
    description: 'count records with the same event id once',
  }),
  'show-secrets': Flags.boolean({ helpGroup: 'READING', description: 'show the values of fields that hold secrets' }),
  quarantine: Flags.string({
    helpGroup: 'READING',
    helpValue: '<folder>',
    description: 'keep there what could not be read',
  }),
  'allow-partial': Flags.boolean({ helpGroup: 'READING', description: 'exit 0 even if something could not be read' }),
  memory: Flags.string({
    helpGroup: 'READING',
    helpValue: '<bytes>',
    description: 'memory for the engine: 512MB, 2GB, 50% (default: half of what there is)',
  }),
  'merged-only': Flags.boolean({
    helpGroup: 'READING',
    description: 'of a merged table read only what is merged, not what its source holds besides',
  }),
  cache: Flags.boolean({
    helpGroup: 'READING',
    default: true,
    allowNo: true,
    description: 'take what was read before from the cache; see awsusage cache --help',
  }),
  'dry-run': Flags.boolean({ helpGroup: 'READING', description: 'say what would be read, and read nothing' }),
} as const;

/** How a command prints. */
export const OUTPUT_FLAGS = {
  output: Flags.option({ options: OUTPUTS, default: 'table' as OutputFormat })({
    helpGroup: 'OUTPUT',
    char: 'o',
    helpValue: `<${OUTPUTS.join('|')}>`,
    description: 'how to print the rows',
  }),
  json: Flags.boolean({ helpGroup: 'OUTPUT', description: 'print one JSON object with the rows and the accounting' }),
  'csv-raw': Flags.boolean({
    helpGroup: 'OUTPUT',
    description: 'leave CSV values as they are, formulas and control characters too',
  }),
  quiet: Flags.boolean({ helpGroup: 'OUTPUT', char: 'q', description: 'print nothing on stderr but errors' }),
  'no-color': Flags.boolean({ helpGroup: 'OUTPUT', description: 'print without colour' }),
} as const;

/** The flags of questions. */
export const QUESTION_FLAGS = {
  output: Flags.option({ options: ALL_OUTPUTS, default: 'table' as OutputFormat })({
    helpGroup: 'OUTPUT',
    char: 'o',
    helpValue: `<${ALL_OUTPUTS.join('|')}>`,
    description: 'how to print the rows; chart and html draw them over time',
  }),
  limit: Flags.integer({
    helpGroup: 'OUTPUT',
    min: 0,
    helpValue: '<rows>',
    description: 'how many rows to print; 0 prints all',
  }),
  'print-sql': Flags.boolean({ helpGroup: 'OUTPUT', description: 'print the SQL, and ask nothing' }),
} as const;

/** The flags of every command. */
export const COMMAND_FLAGS = { ...SELECTION_FLAGS, ...READING_FLAGS, ...S3_FLAGS, ...OUTPUT_FLAGS } as const;

export const SHARED_FLAGS = { ...COMMAND_FLAGS, ...QUESTION_FLAGS } as const;

/** Flags that a question's own parameter may not be called like. `timezone` may: it is handed on to the question. */
export const RESERVED_FLAGS: readonly string[] = [
  'help',
  'version',
  'no-dedupe',
  'no-cache',
  ...Object.keys(SHARED_FLAGS),
].filter((name) => name !== 'timezone');

export interface SelectionFlags {
  readonly since: string | undefined;
  readonly until: string | undefined;
  readonly timezone: string | undefined;
  readonly lateness: string | undefined;
  readonly service: string[] | undefined;
  readonly operation: string[] | undefined;
  readonly account: string[] | undefined;
  readonly 'region-name': string[] | undefined;
  readonly principal: string[] | undefined;
  readonly 'errors-only': boolean;
  readonly where: string[] | undefined;
}

export interface ReadingFlags {
  readonly cache: boolean;
  readonly dedupe: boolean;
  readonly 'show-secrets': boolean;
  readonly quarantine: string | undefined;
  readonly 'allow-partial': boolean;
  readonly memory: string | undefined;
  readonly 'merged-only': boolean;
  readonly 'dry-run': boolean;
}

export interface OutputFlags {
  readonly output: OutputFormat;
  readonly json: boolean;
  readonly 'csv-raw': boolean;
  readonly quiet: boolean;
  readonly 'no-color': boolean;
}

export type CommandFlags = SelectionFlags & ReadingFlags & S3Flags & OutputFlags;
