import type { PathLike } from 'node:fs';
import { lstat, mkdir, open, realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { codeOf } from './file-errors.js';

/** What file systems answer that have nothing to be made durable in a folder, or no way to. */
const NOT_FOR_FOLDERS = new Set(['EISDIR', 'EPERM', 'EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

/** Makes folders that are still there after a loss of power. Those below the root are real ones: listings follow no links. */
export class DurableFolders {
  readonly #root: string;
  readonly #made = new Map<string, Promise<void>>();

  /** @param root an absolute path; it may be a symbolic link */
  constructor(root: string) {
    this.#root = resolve(root);
  }

  /**
   * Makes a folder of the root, or the root itself, with all that it lies in. Each is looked at once.
   * @throws an error of the system
   */
  make(path: string): Promise<void> {
    const known = this.#made.get(path);
    if (known !== undefined) return known;
    const making = path === this.#root ? makeRoot(path) : this.#makeBelow(path);
    this.#made.set(path, making);
    making.catch(() => this.#made.delete(path));
    return making;
  }

  /** Looks at every folder anew: one was removed. */
  forget(): void {
    this.#made.clear();
  }

  async #makeBelow(path: string): Promise<void> {
    const parent = dirname(path);
    await this.make(parent);
    try {
      await mkdir(path);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
      await expectFolder(path);
    }
    // One that was there may have been made just now by another process.
    await syncFolder(parent);
  }
}

/**
 * Makes the names in a folder durable, as far as the file system knows how.
 * @throws an error of the system
 */
export async function syncFolder(path: PathLike): Promise<void> {
  let folder;
  try {
    folder = await open(path, 'r');
    await folder.sync();
  } catch (error) {
    if (!NOT_FOR_FOLDERS.has(codeOf(error))) throw error;
  } finally {
    await folder?.close();
  }
}

/** Which of the folders above it are new, nobody can tell: another process may have made them just now. */
async function makeRoot(root: string): Promise<void> {
  await mkdir(root, { recursive: true });
  let path = await realpath(root);
  while (path !== dirname(path)) {
    path = dirname(path);
    await syncFolder(path).catch(unlessForbidden);
  }
}

/** A folder that may not be opened is somebody else's, and not new. */
function unlessForbidden(error: unknown): void {
  if (codeOf(error) !== 'EACCES') throw error;
}

async function expectFolder(path: string): Promise<void> {
  const stats = await lstat(path);
  if (stats.isDirectory()) return;
  const code = stats.isSymbolicLink() ? 'ELOOP' : 'ENOTDIR';
  throw Object.assign(new Error(`${code}: ${path}`), { code });
}
