import { lstat } from 'node:fs/promises';
import type { DimensionName } from '../calls/call-dimensions.js';
import type { CallKind } from '../calls/call-kind.js';
import type { Snapshot } from '../calls/snapshot.js';
import { UserError } from '../errors.js';
import type { DiffFlags } from './diff-flags.js';
import { readCallKinds, type ReadKinds } from './read-call-kinds.js';
import { isSnapshotFile, readSnapshotFile } from './snapshot-file.js';

/** One side of a comparison, found but not read: a snapshot, or calls. */
export interface Side {
  /** As the user wrote it. */
  readonly word: string;
  readonly snapshot?: Snapshot;
  /** Where the calls are; empty for the source of the environment or the configuration. */
  readonly sources: readonly string[];
  readonly session?: string;
}

/** A side whose kinds of calls are known. */
export interface LoadedSide {
  readonly word: string;
  readonly kinds: readonly CallKind[];
  /** What was read; absent for a snapshot. */
  readonly read?: ReadKinds;
}

/**
 * Finds out what BASE or HEAD is: a file that is a snapshot, `SOURCE#session=ID` unless there is a file of that very name, or
 * a source.
 * @throws UserError for a snapshot that cannot be read
 */
export async function findSide(word: string): Promise<Side> {
  if (await isSnapshotFile(word)) {
    const snapshot = await readSnapshotFile(word);
    if (snapshot !== undefined) return { word, snapshot, sources: [] };
  }
  const [, source = '', session] = /^(.*)#session=(.+)$/s.exec(word) ?? [];
  if (session === undefined || (await exists(word))) return { word, sources: [word] };
  return { word, session, sources: source === '' ? [] : [source] };
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

export interface SideReading {
  readonly by: readonly DimensionName[];
  readonly flags: DiffFlags;
  readonly toolVersion: string;
}

/**
 * Reads a side.
 * @returns undefined with `--dry-run`, and where the run was interrupted
 * @throws UserError for everything that the user can mend, a session without a call among it
 */
export async function readSide(side: Side, reading: SideReading): Promise<LoadedSide | undefined> {
  const { word, snapshot, sources, session } = side;
  if (snapshot !== undefined) return { word, kinds: snapshot.kinds };
  const read = await readCallKinds({ ...reading, sources, session, isMeasured: true, mayBeEmpty: true });
  if (read === undefined) return undefined;
  if (session !== undefined && read.kinds.length === 0)
    throw new UserError(`No call of ${word} is in the window and passes the filters`, {
      wayOut:
        'The sessions that there are: awsusage sql "select session_id, min(timestamp), sum(calls) from api_calls group by 1 order by 2" SOURCE',
    });
  return { word, kinds: read.kinds, read };
}
