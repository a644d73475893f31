import { Flags } from '@oclif/core';
import { COUNTINGS, type Counting } from '../calls/call-kind.js';
import { DIMENSION_NAMES } from '../calls/call-dimensions.js';
import { COMMAND_FLAGS, type CommandFlags } from './flags.js';

/** What tells kinds of calls apart. */
export const BY_FLAG = {
  by: Flags.string({
    helpGroup: 'KINDS',
    helpValue: '<names>',
    description: `what tells kinds of calls apart, with commas between: ${DIMENSION_NAMES.join(', ')}`,
  }),
} as const;

/** For gates: a reading that saw nothing fails. */
export const EMPTY_FLAG = {
  'allow-empty': Flags.boolean({ helpGroup: 'READING', description: 'take it that there may be no call at all' }),
} as const;

/** The flags of `snapshot`. */
export const SNAPSHOT_FLAGS = {
  to: Flags.string({ helpGroup: 'SNAPSHOT', helpValue: '<file>', description: 'where to write (default: stdout)' }),
  check: Flags.string({
    helpGroup: 'SNAPSHOT',
    helpValue: '<file>',
    description: 'compare with this snapshot, and exit 1 where calls differ',
  }),
  update: Flags.boolean({ helpGroup: 'SNAPSHOT', description: 'with --check: accept what differs' }),
  counts: Flags.option({ options: [...COUNTINGS] })({
    helpGroup: 'SNAPSHOT',
    helpValue: `<${COUNTINGS.join('|')}>`,
    description: 'how to count the calls of a kind (default: none)',
  }),
  'print-rules': Flags.boolean({
    helpGroup: 'SNAPSHOT',
    description: 'print what is taken for the same although it is written in another way',
  }),
  ...BY_FLAG,
  ...EMPTY_FLAG,
  ...COMMAND_FLAGS,
} as const;

export type SnapshotFlags = CommandFlags & {
  readonly to: string | undefined;
  readonly check: string | undefined;
  readonly update: boolean;
  readonly counts: Counting | undefined;
  readonly 'print-rules': boolean;
  readonly by: string | undefined;
  readonly 'allow-empty': boolean;
};
