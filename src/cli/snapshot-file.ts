import { open, readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseSnapshot, isSnapshotText } from '../calls/parse-snapshot.js';
import type { Snapshot } from '../calls/snapshot.js';
import { writeSnapshot } from '../calls/write-snapshot.js';
import { UserError } from '../errors.js';
import { codeOf, reasonOfOpening } from '../storage/file-errors.js';
import { expectFilePlace } from '../storage/write-file-whole.js';
import { findJsonMistake } from './find-json-mistake.js';
import { writeNamedFile } from './write-named-file.js';

/** People read snapshots in reviews; a larger file is something else. */
const LARGEST_BYTES = 256_000_000;
const BEGINNING_BYTES = 1024;
const NEW_ONE = 'A new one is made over it with awsusage snapshot SOURCE --to FILE.';

/** Whether there is a file at the path, and it begins as a snapshot does. */
export async function isSnapshotFile(path: string): Promise<boolean> {
  if ((await stat(path).catch(() => undefined))?.isFile() !== true) return false;
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return false;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(BEGINNING_BYTES), 0, BEGINNING_BYTES, 0);
    return isSnapshotText(buffer.toString('utf8', 0, bytesRead));
  } finally {
    await file.close();
  }
}

/**
 * The snapshot in a file; undefined where there is no such file.
 * @throws UserError where it cannot be read, or is none, with line and column where it is not JSON
 */
export async function readSnapshotFile(path: string): Promise<Snapshot | undefined> {
  const text = await readText(path);
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    const { line, column, problem } = findJsonMistake(text) ?? { line: 1, column: 1, problem: 'it is not JSON' };
    throw new UserError(`${path} is no snapshot that can be read: line ${line}, column ${column}: ${problem}`, {
      wayOut: ['Where a merge has left both sides in it, take either, then accept the calls with --update.', NEW_ONE],
      cause,
    });
  }
  return parseSnapshot(value, path);
}

async function readText(path: string): Promise<string | undefined> {
  try {
    const stats = await stat(path);
    if (!stats.isFile()) throw new UserError(`${path} is no file`);
    if (stats.size > LARGEST_BYTES) throw new UserError(`${path} is too large for a snapshot`);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof UserError) throw error;
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new UserError(`Cannot read the snapshot ${path}: ${reasonOfOpening(error)}`, { cause: error });
  }
}

/**
 * Makes sure that a snapshot can be written there, before work is spent on it.
 * @throws UserError where it cannot
 */
export async function expectSnapshotPlace(path: string): Promise<void> {
  if (path === '-') throw new UserError('- is no place for a snapshot', { wayOut: 'Leave --to out to print it.' });
  await expectFilePlace(resolve(path), path);
}

/**
 * Writes a snapshot, whole or not at all.
 * @throws UserError where it cannot be written
 */
export async function writeSnapshotFile(path: string, snapshot: Snapshot): Promise<void> {
  await writeNamedFile({ path, text: writeSnapshot(snapshot) });
}
