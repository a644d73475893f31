import { rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { currentUid, makeOwnFolder } from './own-folder.js';
import { ownIdentity } from './process-identity.js';
import { INTERRUPT_SIGNALS, type InterruptSignal, signalExitCode } from './signals.js';
import { OWNER_FILE, RUN_FOLDER_PREFIX, sweepStaleRunFolders } from './sweep-stale-run-folders.js';
import { temporaryFolderError, toTemporaryFolderError } from './temporary-folder-error.js';

/** The one folder for the temporary files of a run. */
export interface RunFolder {
  readonly path: string;
  /** Removes the folder with everything in it, at once; nothing happens the second time. */
  remove(): void;
}

export interface RunFolderOptions {
  /** The folder in which temporary files go; else `AWSUSAGE_TMPDIR`, else the system's (`TMPDIR`). */
  readonly base?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Makes the folder of this run, `<base>/awsusage-<uid>/run-…`, which only this user can look into, and sweeps away those
 * that killed runs have left. It is removed when the process exits, also by an error or by SIGINT, SIGTERM and SIGHUP; where
 * somebody else watches these signals, ending the process is left to them.
 * @throws UserError when it cannot be made, or when `awsusage-<uid>` is a link or belongs to somebody else.
 */
export async function openRunFolder({ base, env = process.env }: RunFolderOptions = {}): Promise<RunFolder> {
  const uid = currentUid();
  const parent = resolve(base ?? (env['AWSUSAGE_TMPDIR'] || tmpdir()));
  const own = join(parent, `awsusage-${String(uid)}`);
  try {
    await openOwnFolder(own);
    await sweepStaleRunFolders({ base: own, uid, now: Date.now() });
    const folder = removeAtExit(await mkdtemp(join(own, RUN_FOLDER_PREFIX)));
    await writeFile(join(folder.path, OWNER_FILE), JSON.stringify(ownIdentity()), { mode: 0o600, flag: 'wx' });
    return folder;
  } catch (error) {
    throw toTemporaryFolderError(error, parent) ?? error;
  }
}

/** In a folder such as `/tmp` anybody may have made this name before us. */
async function openOwnFolder(path: string): Promise<void> {
  const trouble = await makeOwnFolder(path);
  if (trouble !== undefined) throw temporaryFolderError(`Cannot write temporary files to ${path}: ${trouble}`);
}

function removeAtExit(path: string): RunFolder {
  const onExit = (): void => removeFolder(path);
  process.once('exit', onExit);
  for (const signal of INTERRUPT_SIGNALS) process.once(signal, exitUnlessWatched);
  return {
    path,
    remove() {
      process.off('exit', onExit);
      for (const signal of INTERRUPT_SIGNALS) process.off(signal, exitUnlessWatched);
      removeFolder(path);
    },
  };
}

/** By the time this runs it is no longer a listener itself. */
function exitUnlessWatched(signal: InterruptSignal): void {
  if (process.listenerCount(signal) === 0) process.exit(signalExitCode(signal));
}

/** The engine's threads may still write while the process ends; what is then left behind is swept by a later run. */
function removeFolder(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true, maxRetries: 3, retryDelay: 30 });
  } catch {
    return;
  }
}
