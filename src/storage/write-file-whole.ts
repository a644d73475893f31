import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UserError } from '../errors.js';
import { syncFolder } from './durable-folders.js';
import { codeOf, reasonOfWrite } from './file-errors.js';

export interface WholeFile {
  /** An absolute path. */
  readonly path: string;
  /** How the path is shown to people. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** A name that nobody else has: letters, digits and dashes. */
  readonly newName: string;
  /** Is told of the temporary file before it is made: whoever ends the process has to remove it. */
  readonly onBeside?: (path: string) => void;
}

/**
 * Writes a file, over one that may be there: it is there whole and durable, or what was there before stays. What a link points
 * to is replaced, not the link.
 * @throws UserError when it cannot be written
 */
export async function writeFileWhole({ path, name, bytes, newName, onBeside }: WholeFile): Promise<void> {
  const target = await realpath(path).catch(() => path);
  const beside = join(dirname(target), `.${newName}.tmp`);
  onBeside?.(beside);
  try {
    const file = await open(beside, 'wx', 0o666);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, target);
    await syncFolder(dirname(target));
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined);
    throw new UserError(`Cannot write ${name}: ${reasonOfWrite(error)}`, {
      wayOut: 'Give a file in a folder that you may write to.',
      cause: error,
    });
  }
}

/**
 * Makes sure that a file can be written there, before work is spent on it.
 * @throws UserError for a folder, a device, or a place in a folder that is not there
 */
export async function expectFilePlace(path: string, name: string): Promise<void> {
  const [there, folder] = await Promise.all([kindOf(path), kindOf(dirname(path))]);
  if (there === 'folder')
    throw new UserError(`Cannot write ${name}: it is a folder`, {
      wayOut: 'Give the path of a file.',
    });
  if (there === 'other')
    throw new UserError(`Cannot write ${name}: it is no regular file`, {
      wayOut: 'Give a regular file, or leave --to out to print it.',
    });
  if (folder !== 'folder')
    throw new UserError(`Cannot write ${name}: its folder is not there`, { wayOut: 'Make the folder first.' });
}

async function kindOf(path: string): Promise<'nothing' | 'file' | 'folder' | 'other'> {
  try {
    const stats = await stat(path);
    return stats.isDirectory() ? 'folder' : stats.isFile() ? 'file' : 'other';
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return 'nothing';
    throw new UserError(`Cannot look at ${path}: ${codeOf(error)}`, { cause: error });
  }
}
