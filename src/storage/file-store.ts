import { constants, type Stats } from 'node:fs';
import { open, opendir, realpath, stat } from 'node:fs/promises';
import { UserError } from '../errors.js';
import { codeOf, reasonOf } from './file-errors.js';
import { fileObject, pathOfObject, rootOfFolder } from './file-object.js';
import type { ObjectStore } from './object-store.js';
import { readFile } from './read-file.js';
import { shownName } from './shown-name.js';
import { walkFolder } from './walk-folder.js';

/**
 * Opens a folder, or a single file as a store of this one object. The path itself may be a symbolic link; links below it
 * are not followed.
 * @param path relative to the working folder of the process, or absolute
 * @param name how the store is shown to people; the path where absent
 * @throws UserError when there is no such file or folder, it may not be read, or it is neither
 */
export async function openFileStore(path: string | Buffer, name = shownPath(path)): Promise<ObjectStore> {
  const root = await lookAt(path, name);
  if (root.stats.isDirectory()) return folderStore(root, name);
  return singleFileStore(root, name);
}

interface Root {
  readonly path: Buffer;
  readonly stats: Stats;
}

function folderStore({ path }: Root, name: string): ObjectStore {
  return {
    name: name.endsWith('/') ? name : `${name}/`,
    context: `${shownName(path)}/`,
    root: rootOfFolder(path),
    list: (judge) => walkFolder(path, judge),
    read: readFile,
    localPath: pathOfObject,
  };
}

function singleFileStore({ path, stats }: Root, name: string): ObjectStore {
  const slash = path.lastIndexOf('/');
  const key = shownName(path.subarray(slash + 1));
  return {
    name,
    context: shownName(path.subarray(0, slash + 1)),
    root: rootOfFolder(path.subarray(0, slash + 1)),
    single: true,
    list: async function* () {
      yield { kind: 'object', object: fileObject(key, path.toString('latin1'), stats) };
    },
    read: readFile,
    localPath: pathOfObject,
  };
}

async function lookAt(path: string | Buffer, name: string): Promise<Root> {
  try {
    const stats = await stat(path);
    if (stats.isDirectory()) await tryFolder(path);
    else if (stats.isFile()) await tryFile(path);
    else throw neitherFileNorFolder(name);
    return { path: await realpath(path, { encoding: 'buffer' }), stats };
  } catch (error) {
    throw error instanceof UserError ? error : cannotOpen(error, name);
  }
}

/** Told before the path is resolved: that of a shell's `<(…)` leads to no name. */
function neitherFileNorFolder(name: string): UserError {
  return new UserError(`Cannot read ${name}: it is neither a folder nor a regular file`, {
    wayOut: 'Give a folder or a file, or pipe the records in and give - as the source.',
  });
}

/** Doing it tells more than asking access(2), which looks at the real user and not at the effective one. */
async function tryFolder(path: string | Buffer): Promise<void> {
  const folder = await opendir(path);
  await folder.close();
  // The names of a folder without search permission can be read, its files cannot.
  await stat(Buffer.concat([Buffer.from(path), Buffer.from('/.')]));
}

async function tryFile(path: string | Buffer): Promise<void> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  await file.close();
}

function cannotOpen(error: unknown, name: string): UserError {
  const code = codeOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new UserError(`No such file or folder: ${name}`, { cause: error });
  }
  if (code === 'ELOOP') {
    return new UserError(`Cannot read ${name}: its symbolic links lead in a circle`, { cause: error });
  }
  const denied = code === 'EACCES' || code === 'EPERM';
  return new UserError(`Cannot read ${name}: ${reasonOf(error)}`, {
    cause: error,
    ...(denied ? { wayOut: 'Ask its owner for permission to read it (for a folder: to search it, too).' } : {}),
  });
}

function shownPath(path: string | Buffer): string {
  return typeof path === 'string' ? path : shownName(path);
}
