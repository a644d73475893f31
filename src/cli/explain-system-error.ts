import { UserError } from '../errors.js';

const EXPLAINED: Readonly<Record<string, { readonly reason: string; readonly wayOut: string }>> = {
  ENOSPC: {
    reason: 'no space is left on the disk',
    wayOut: 'Make room, or set AWSUSAGE_TMPDIR to a folder of yours on a disk with free space.',
  },
  EDQUOT: {
    reason: 'your disk quota is used up',
    wayOut: 'Make room, or set AWSUSAGE_TMPDIR to a folder of yours on a disk with free space.',
  },
  EMFILE: { reason: 'too many files are open', wayOut: 'Allow more open files, for example with: ulimit -n 4096' },
  ENFILE: { reason: 'too many files are open on this machine', wayOut: 'Try again when less is running.' },
};

const FOLDER_GONE = 'Cannot go on: the folder that you work in is not there any more';

/**
 * A failure of the system that can happen anywhere and that the user can mend, as such; undefined for everything else. A
 * place that knows more about its own failures says so itself.
 */
export function explainSystemError(error: unknown): UserError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code = '', path, syscall } = error as NodeJS.ErrnoException;
  if (syscall === 'uv_cwd') return new UserError(FOLDER_GONE, { wayOut: 'Change to another folder.', cause: error });
  const explained = EXPLAINED[code];
  if (explained === undefined) return undefined;
  const place = path === undefined ? '' : ` at ${path}`;
  return new UserError(`Cannot go on${place}: ${explained.reason}`, { wayOut: explained.wayOut, cause: error });
}
