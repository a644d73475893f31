import { Flags } from '@oclif/core';
import { CHANGES, type Change } from '../calls/compare-kinds.js';
import { COMMAND_FLAGS, type CommandFlags } from './flags.js';
import { BY_FLAG } from './snapshot-flags.js';

/** The flags of `diff`. */
export const DIFF_FLAGS = {
  'exit-code': Flags.boolean({ helpGroup: 'DIFFERENCE', description: 'exit 1 where there is a difference' }),
  only: Flags.option({ options: [...CHANGES], multiple: true, multipleNonGreedy: true })({
    helpGroup: 'DIFFERENCE',
    helpValue: `<${CHANGES.join('|')}>`,
    description: 'only differences of this sort; repeatable',
  }),
  tolerance: Flags.string({
    helpGroup: 'DIFFERENCE',
    helpValue: '<percent>',
    description:
      'by how much calls, errors and latency may differ: 20%, or calls=0%,errors=5%,latency=off (default: 10%)',
  }),
  ...BY_FLAG,
  ...COMMAND_FLAGS,
} as const;

export type DiffFlags = CommandFlags & {
  readonly 'exit-code': boolean;
  readonly only: readonly Change[] | undefined;
  readonly tolerance: string | undefined;
  readonly by: string | undefined;
};
