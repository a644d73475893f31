import { mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { EngineCrash } from '../engines/engine-crash.js';
import { SqlError, type Engine } from '../engines/engine.js';
import { sqlLiteral } from '../formats/sql-literal.js';
import { fingerprintSql, type StoredColumn } from '../formats/stored-columns.js';
import { hashFile } from '../storage/hash-file.js';
import { ObjectReadError, type ObjectStore } from '../storage/object-store.js';
import type { SlotLook } from './look-at-slot.js';
import { readFooter, type SlotFacts } from './slot-facts.js';
import type { SlotProblem, SlotProblemKind } from './slot-problem.js';
import { ShapeError } from './json-shape.js';

export interface RowChecks {
  readonly data: ObjectStore;
  /** The run's own folder: there the engine gets at slots, by names that cannot be taken for patterns. */
  readonly folder: string;
  /** The columns of a slot, by the name of its format. */
  readonly columnsOf: (format: string) => readonly StoredColumn[];
  /** Gives the engine; a new one after the last has crashed. */
  readonly openEngine: () => Promise<Engine>;
}

/** What the bytes of a slot say. */
export interface CheckedRows {
  readonly problems: readonly SlotProblem[];
  /** Of its bytes, in hexadecimal digits; undefined where they cannot be read. */
  readonly sha256: string | undefined;
  /** The fingerprint was taken by another version of the engine, which may take another one: only the rows were counted. */
  readonly isCountedOnly: boolean;
}

/** Reads a slot: its bytes' hash, its footer, and with the engine how many rows it has and their fingerprint. */
export async function checkRows(look: SlotLook, checks: RowChecks): Promise<CheckedRows> {
  const { facts } = look;
  const problems: SlotProblem[] = [];
  const note = (kind: SlotProblemKind, reason: string): void => void problems.push({ slot: look.key, kind, reason });
  let sha256: string | undefined;
  let isCountedOnly = false;
  try {
    const path = await pathOf(look, checks.data);
    sha256 = await hashFile(path);
    const written = look.copy?.sha256 ?? '';
    if (written !== '' && sha256 !== written) note('damaged', 'its bytes are not those that were written');
    if (facts !== undefined && !isDeepStrictEqual(await readFooter(path), facts))
      note('damaged', 'its footer says something else than its metadata');
    const counted = facts && look.plan && (await countRows(path, { facts, format: look.plan.format }, checks));
    isCountedOnly = counted?.isCountedOnly === true;
    if (counted?.difference !== undefined) note('rows', counted.difference);
  } catch (error) {
    note('damaged', reasonOfDamage(error));
  }
  return { problems, sha256, isCountedOnly };
}

async function pathOf({ found: { object } }: SlotLook, data: ObjectStore): Promise<Buffer> {
  if (object === undefined) throw new ObjectReadError('a listing does not show it');
  const path = data.localPath?.(object) ?? (await data.download?.(object));
  if (path === undefined) throw new Error('a store gives no file for a slot');
  return path;
}

interface Counted {
  readonly isCountedOnly: boolean;
  readonly difference: string | undefined;
}

async function countRows(
  path: Buffer,
  { facts, format }: { readonly facts: SlotFacts; readonly format: string },
  { columnsOf, openEngine, folder }: RowChecks,
): Promise<Counted> {
  const engine = await openEngine();
  const [version] = await engine.rows('SELECT version()');
  const fingerprint = await withLink(path, folder, async (link) => {
    const from = `read_parquet(${sqlLiteral(link)}, hive_partitioning = false)`;
    const [row] = await engine.rows(fingerprintSql(columnsOf(format), from));
    return String(row?.[0]);
  });
  const rows = Number(fingerprint.slice(0, fingerprint.indexOf(':')));
  const isCountedOnly = String(version?.[0]) !== facts.engine;
  if (rows !== facts.rows) return { isCountedOnly, difference: `it has ${rows} rows, and ${facts.rows} were written` };
  const isSame = isCountedOnly || fingerprint === facts.fingerprint;
  return { isCountedOnly, difference: isSame ? undefined : 'its rows are not those that were written' };
}

async function withLink<T>(path: Buffer, folder: string, work: (link: string) => Promise<T>): Promise<T> {
  await mkdir(folder, { recursive: true });
  const link = join(folder, 'slot.parquet');
  await rm(link, { force: true });
  await symlink(path, link);
  try {
    return await work(link);
  } finally {
    await rm(link, { force: true });
  }
}

/** What the file, or the engine about it, says; all else is a bug or not about this slot. */
function reasonOfDamage(error: unknown): string {
  const isOfSlot =
    error instanceof ObjectReadError ||
    error instanceof ShapeError ||
    error instanceof SqlError ||
    error instanceof EngineCrash ||
    (error instanceof Error && 'syscall' in error);
  if (isOfSlot) return error.message.split('\n', 1)[0] ?? '';
  throw error;
}
