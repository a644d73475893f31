import { Flags } from '@oclif/core';
import type { OutputFormat } from '../output/row-formats.js';
import { COMMAND_FLAGS, OUTPUTS, type CommandFlags } from './flags.js';
import { EMPTY_FLAG } from './snapshot-flags.js';

/** Takes one value each time it is given, so that it never swallows SOURCE. */
const repeated = { multiple: true, multipleNonGreedy: true } as const;

/** The formats of rows, and those that CI systems read. */
const ASSERT_OUTPUTS: readonly AssertOutput[] = [...OUTPUTS, 'junit', 'tap'];
export type AssertOutput = OutputFormat | 'junit' | 'tap';

/** The flags of `assert`. */
export const ASSERT_FLAGS = {
  file: Flags.string({
    helpGroup: 'EXPECTATIONS',
    char: 'f',
    helpValue: '<yaml>',
    description: 'a file of expectations; repeatable',
    ...repeated,
  }),
  expect: Flags.string({
    helpGroup: 'EXPECTATIONS',
    helpValue: '<calls>',
    description: "calls that there have to be: 's3:PutObject Bucket=my-bucket >= 1'; repeatable",
    ...repeated,
  }),
  allow: Flags.string({
    helpGroup: 'EXPECTATIONS',
    helpValue: '<calls>',
    description: 'no other calls than these: s3:GetObject,dynamodb:*; repeated, the lists are one',
    ...repeated,
  }),
  deny: Flags.string({
    helpGroup: 'EXPECTATIONS',
    helpValue: '<calls>',
    description: 'none of these calls: iam:*; repeatable',
    ...repeated,
  }),
  'max-calls': Flags.integer({
    helpGroup: 'EXPECTATIONS',
    min: 0,
    helpValue: '<number>',
    description: 'at most so many calls',
  }),
  'no-errors': Flags.boolean({ helpGroup: 'EXPECTATIONS', description: 'no call that failed' }),
  ...EMPTY_FLAG,
  ...COMMAND_FLAGS,
  output: Flags.option({ options: ASSERT_OUTPUTS, default: 'table' as AssertOutput })({
    helpGroup: 'OUTPUT',
    char: 'o',
    helpValue: '<format>',
    description: `how to print what became of the expectations: ${ASSERT_OUTPUTS.join(', ')}`,
  }),
} as const;

export type AssertFlags = Omit<CommandFlags, 'output'> & {
  readonly output: AssertOutput;
  readonly file: readonly string[] | undefined;
  readonly expect: readonly string[] | undefined;
  readonly allow: readonly string[] | undefined;
  readonly deny: readonly string[] | undefined;
  readonly 'max-calls': number | undefined;
  readonly 'no-errors': boolean;
  readonly 'allow-empty': boolean;
};
