import type { Stats } from 'node:fs';
import { lstat, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

import { UserError } from '../errors.js';
import { findJsonMistake } from './find-json-mistake.js';
import { currentUid } from './own-folder.js';
import { type Config, parseConfig } from './parse-config.js';

export const CONFIG_FILE = 'awsusage.config.json';

/** A configuration is written by people; a larger file is something else. */
const LARGEST_BYTES = 1_000_000;

const OTHERS_MAY_WRITE = 0o002;

export interface FindConfigOptions {
  readonly uid?: number;
  readonly home?: string;
}

export interface FoundConfig {
  readonly path: string | undefined;
  /** One line for each file that was passed over because somebody else may have put it there. */
  readonly warnings: readonly string[];
}

/**
 * Looks for `awsusage.config.json` in a folder and upwards, to the home folder where the folder is in it, else to the root of
 * the file system. The first that may be trusted is taken. A file may be trusted when it belongs to the user, to root, or to
 * the owner of a folder in which not everybody may write, and when not everybody may write to it: whoever works below a
 * shared folder such as `/tmp` is not to be given a stranger's sources and SQL.
 */
export async function findConfig(cwd: string, options: FindConfigOptions = {}): Promise<FoundConfig> {
  const { uid = currentUid(), home = homedir() } = options;
  const warnings: string[] = [];
  for (const folder of listFoldersUpwards(resolve(cwd), resolve(home))) {
    const path = join(folder, CONFIG_FILE);
    const distrust = await findReasonForDistrust(path, uid);
    if (distrust === undefined) return { path, warnings };
    if (distrust !== 'missing') warnings.push(`${path} is not used: ${distrust}`);
  }
  return { path: undefined, warnings };
}

/**
 * Reads a configuration. Relative sources in it start from its folder, `~/` is the home folder.
 * @throws UserError when it cannot be read, is not JSON (with line and column), or holds what it may not (with the place).
 */
export async function readConfig(path: string, home: string = homedir()): Promise<Config> {
  const text = await readText(path);
  return parseConfig(parseJson(text, path), { path, home });
}

function listFoldersUpwards(folder: string, home: string): readonly string[] {
  const above = dirname(folder);
  return folder === home || above === folder ? [folder] : [folder, ...listFoldersUpwards(above, home)];
}

async function findReasonForDistrust(path: string, uid: number): Promise<'missing' | string | undefined> {
  const entries = await Promise.all([lstat(path), stat(path), stat(dirname(path))]).catch(() => undefined);
  if (entries === undefined) return 'missing';
  const [link, file, folder] = entries;
  if (!file.isFile()) return 'it is not a file';
  if ((file.mode & OTHERS_MAY_WRITE) !== 0) return 'everybody may write to it (chmod o-w makes it usable)';
  const trusted = [link, file].every((entry) => isTrustedOwner(entry, { folder, uid }));
  return trusted ? undefined : 'it belongs to another user, in a folder where everybody may write';
}

function isTrustedOwner(entry: Stats, { folder, uid }: { folder: Stats; uid: number }): boolean {
  const isFoldersOwner = entry.uid === folder.uid && (folder.mode & OTHERS_MAY_WRITE) === 0;
  return entry.uid === uid || entry.uid === 0 || isFoldersOwner;
}

async function readText(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > LARGEST_BYTES) throw new UserError(`Cannot use ${path}: it is too large for a configuration`);
    return (await readFile(path, 'utf8')).replace(/^\uFEFF/, '');
  } catch (error) {
    if (error instanceof UserError || !(error instanceof Error)) throw error;
    throw new UserError(`Cannot read the configuration ${path}: ${error.message}`, { cause: error });
  }
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const { line, column, problem } = findJsonMistake(text) ?? { line: 1, column: 1, problem: 'it is not JSON' };
    throw new UserError(`Cannot read ${path}: line ${String(line)}, column ${String(column)}: ${problem}`, { cause });
  }
}
