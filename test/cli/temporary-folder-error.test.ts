import { closeSync, existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { expect, it } from 'vitest';

import { toTemporaryFolderError } from '../../src/cli/temporary-folder-error.js';
import { UserError } from '../../src/errors.js';

function catchError(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

it.skipIf(!existsSync('/dev/full'))('explains a full disk as the system reports it', () => {
  const full = openSync('/dev/full', 'w');
  const error = toTemporaryFolderError(
    catchError(() => writeSync(full, 'data')),
    '/scratch/run',
  );
  closeSync(full);
  expect(error).toBeInstanceOf(UserError);
  expect(error?.message).toBe('Cannot write temporary files to /scratch/run: no space is left on its disk');
  expect(error?.wayOut.join()).toContain('AWSUSAGE_TMPDIR');
});

it('explains a folder that is not there', () => {
  const error = toTemporaryFolderError(
    catchError(() => readFileSync('/nonexistent/file')),
    '/nonexistent',
  );
  expect(error?.message).toMatch(/there is no such folder$/);
});

it.each([[new TypeError('x')], [Object.assign(new Error('x'), { code: 'EBADF' })], ['ENOSPC'], [undefined]])(
  'leaves %s to others',
  (error) => {
    expect(toTemporaryFolderError(error, '/tmp')).toBeUndefined();
  },
);
