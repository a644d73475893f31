import { constants } from 'node:fs';
import { lstat, mkdir, open, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createFile } from './create-file.js';
import { DurableFolders } from './durable-folders.js';
import { codeOf, reasonOfWrite } from './file-errors.js';
import { pathOfKey } from './file-key.js';
import { versionOf } from './file-object.js';
import { removeFile } from './remove-file.js';
import {
  type CreateBody,
  MAX_WHOLE_BYTES,
  type FailureOutcome,
  type ObjectFacts,
  type Removal,
  StoreFailure,
  type VersionedKey,
  type WritableStore,
} from './writable-store.js';

export interface FileStoreOptions {
  /** The folder of the store, an absolute path; made with the first object. */
  readonly root: string;
  /** How the root is shown to people, with a slash at its end. */
  readonly name: string;
  /** Where files are made before they get their place: a folder of the same file system, an absolute path. */
  readonly staging: string;
  /** Gives names that nobody else has. */
  readonly newName: () => string;
}

/**
 * A folder to write to. Files get their place by a hard link, which replaces nothing and is there at once or not at all.
 * Nothing is made or looked at yet.
 */
export function fileWritableStore(options: FileStoreOptions): WritableStore {
  const files = new WritableFiles(options);
  const { name, staging } = options;
  return {
    name,
    staging,
    create: (key, body) => files.create(key, body),
    facts: (key) => files.facts(key),
    holds: async (key, _, size) => (await files.facts(key))?.size === size,
    get: (key) => files.get(key),
    lists: (key) => files.lists(key),
    remove: (key, version) => files.remove({ key, version }),
    removeMany: (items) => files.removeMany(items),
    adopt: () => undefined,
  };
}

/** Where no file is, or no folder for it. */
const ABSENT: readonly string[] = ['ENOENT', 'ENOTDIR'];
/** Where names cannot be linked: other file systems than those that computers with users have. */
const NO_LINKS: readonly string[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

class WritableFiles {
  readonly #options: FileStoreOptions;
  readonly #folders: DurableFolders;

  constructor(options: FileStoreOptions) {
    this.#options = options;
    this.#folders = new DurableFolders(options.root);
  }

  async create(key: string, body: CreateBody): Promise<'created' | 'exists'> {
    const to = this.#pathOf(key);
    try {
      if ('file' in body) return await createFile({ from: body.file, to }, this.#folders);
      await this.#folders.make(dirname(to));
      const from = await this.#newPath('new');
      try {
        await writeFile(from, body.bytes, { flag: 'wx' });
        return await createFile({ from, to }, this.#folders);
      } finally {
        await rm(from, { force: true });
      }
    } catch (error) {
      throw await this.#createFailure(key, error);
    }
  }

  async facts(key: string): Promise<ObjectFacts | undefined> {
    const tried = `look at ${this.#shown(key)}`;
    return this.#orAbsent(tried, async () => {
      const stats = await lstat(this.#pathOf(key));
      if (!stats.isFile()) throw refusal(tried, 'it is not a regular file');
      return { size: stats.size, version: versionOf(stats), modified: stats.mtimeMs, metadata: {} };
    });
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const tried = `read ${this.#shown(key)}`;
    return this.#orAbsent(tried, async () => {
      const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
      const file = await open(this.#pathOf(key), flags);
      try {
        const stats = await file.stat();
        if (!stats.isFile()) throw refusal(tried, 'it is not a regular file');
        if (stats.size > MAX_WHOLE_BYTES)
          throw refusal(tried, `it has ${stats.size} bytes, too many to be what it should be`);
        return await file.readFile();
      } finally {
        await file.close();
      }
    });
  }

  async lists(key: string): Promise<boolean> {
    const path = this.#pathOf(key);
    const names = await this.#orAbsent(`list ${this.#shown(dirname(key))}`, () => readdir(dirname(path)));
    return names?.includes(basename(path)) === true;
  }

  async remove({ key, version }: VersionedKey): Promise<Removal> {
    const path = this.#pathOf(key);
    try {
      return await removeFile({ path, version, aside: await this.#newPath('removed') });
    } catch (error) {
      if (error instanceof StoreFailure) throw error;
      throw this.#failure(`remove ${this.#shown(key)}`, error, 'unknown');
    }
  }

  async removeMany(items: readonly VersionedKey[]): Promise<readonly (Removal | StoreFailure)[]> {
    const results: (Removal | StoreFailure)[] = [];
    for (const item of items) results.push(await this.remove(item).catch(failureAlone));
    return results;
  }

  #pathOf(key: string): string {
    return pathOfKey(this.#options.root, key);
  }

  #shown(key: string): string {
    return this.#options.name + key;
  }

  /** What a crash leaves as `new-…` is of no use to anybody; a `removed-…` may be a file that should have been put back. */
  async #newPath(kind: 'new' | 'removed'): Promise<string> {
    const { staging, newName } = this.#options;
    await mkdir(staging, { recursive: true });
    return join(staging, `${kind}-${newName()}`);
  }

  async #orAbsent<T>(tried: string, ask: () => Promise<T>): Promise<T | undefined> {
    try {
      return await ask();
    } catch (error) {
      if (ABSENT.includes(codeOf(error))) return undefined;
      throw this.#failure(tried, error, 'refused');
    }
  }

  /** What is there now tells whether it was created before it failed. */
  async #createFailure(key: string, error: unknown): Promise<unknown> {
    const there = await lstat(this.#pathOf(key)).catch(codeOf);
    const isAbsent = typeof there === 'string' && ABSENT.includes(there);
    return this.#failure(`create ${this.#shown(key)}`, error, isAbsent ? 'refused' : 'unknown');
  }

  #failure(tried: string, error: unknown, outcome: FailureOutcome): unknown {
    const code = codeOf(error);
    if (code === 'unknown error') return error;
    if (isLinkError(error) && NO_LINKS.includes(code)) return noLinks(tried, error);
    const reason = reasonOfWrite(error);
    return new StoreFailure(`Cannot ${tried}: ${reason}`, { outcome, cause: error });
  }
}

function refusal(tried: string, reason: string): StoreFailure {
  return new StoreFailure(`Cannot ${tried}: ${reason}`, { outcome: 'refused' });
}

function isLinkError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && error.syscall === 'link';
}

function noLinks(tried: string, error: unknown): StoreFailure {
  return new StoreFailure(`Cannot ${tried}: its file system makes no hard links (${codeOf(error)})`, {
    outcome: 'refused',
    exitCode: 'conflict',
    wayOut: 'Write to a folder on a disk of this machine (ext4, XFS, Btrfs, APFS, NTFS), or to a bucket.',
    cause: error,
  });
}

/** For lists of results; a bug stays one. */
function failureAlone(error: unknown): StoreFailure {
  if (error instanceof StoreFailure) return error;
  throw error;
}
