import { SqlError, type Engine } from '../engines/engine.js';
import { IDENTITY_COLUMNS, IDENTITY_HASH, repeatedSql } from './drop-duplicates.js';
import type { SlotSource } from './load-slot.js';
import { callsOfSql, loadedColumns, LOADED_TABLE, type LoadShape } from './load-sql.js';
import { isStillListed, type ParquetFile } from './parquet-file.js';
import type { RepeatedIdentities } from './plan-scan.js';

/** The calls that are loaded and those that stay where they lie, with the columns of the table of loaded calls. */
const FOUND_CALLS = 'found_calls';

/** Those of them that stay where they lie. */
export const STAYING_CALLS = 'staying_calls';

/** The hashes of identities that rows of files may share with others. */
const SUSPECTS = 'suspected_identities';

/** Calls of merged files that are not loaded: the engine reads them where they lie, each time that they are asked. */
export interface CallsInPlace {
  /** A SELECT with the columns of the table of loaded calls. */
  readonly select: string;
  readonly count: number;
  /** What the engine has to be allowed to read, as `select` names it. */
  readonly paths: readonly string[];
  /** What is known of the rows' identities; undefined where nothing is. */
  readonly repeated: RepeatedIdentities | undefined;
  /** Whether the files are those that were listed; to be asked when they were read for the last time. */
  isStillListed(): boolean;
}

/**
 * The calls of opened files, to be asked where they lie.
 * @param dropped how many of the files' records are no calls
 */
export function callsInPlace(
  files: readonly ParquetFile[],
  { stage, shape, source, records }: SlotSource,
  dropped: number,
): CallsInPlace {
  return {
    select: callsOfSql(stage.format, shape, source),
    count: records - dropped,
    paths: files.map(({ link }) => link),
    repeated: commonKnowledge(files.map(({ standsFor }) => standsFor?.repeated)),
    isStillListed: () => files.every(isStillListed),
  };
}

/**
 * What is known of several merged files together: nothing, where their identities were not compared with one another, which is
 * so even if what is known of each reads the same.
 */
export function commonKnowledge(all: readonly (RepeatedIdentities | undefined)[]): RepeatedIdentities | undefined {
  const [first] = all;
  return all.every((one) => one === first) ? first : undefined;
}

/** The files in which calls are asked are damaged, or others by now. */
export class ChangedInPlace extends Error {}

/**
 * Does what reads calls where they lie. Whatever goes wrong, or right, says nothing if the files are not what they were.
 * @throws ChangedInPlace then, and where the engine cannot read the files; else whatever `work` throws
 */
export async function withFilesInPlace<T>(inPlace: readonly CallsInPlace[], work: () => Promise<T>): Promise<T> {
  if (inPlace.length === 0) return work();
  const areStillListed = (): boolean => inPlace.every((one) => one.isStillListed());
  try {
    const result = await work();
    if (areStillListed()) return result;
  } catch (error) {
    if (!(error instanceof SqlError) && areStillListed()) throw error;
    throw new ChangedInPlace('files changed while they were asked', { cause: error });
  }
  throw new ChangedInPlace('files changed while they were asked');
}

export interface FoundCallsOptions {
  readonly shape: LoadShape;
  readonly inPlace: readonly CallsInPlace[];
  /** Records with the same id count once. */
  readonly dedupe: boolean;
}

/** The table or view of all calls that were found. */
export function foundIn(inPlace: readonly CallsInPlace[]): string {
  return inPlace.length === 0 ? LOADED_TABLE : FOUND_CALLS;
}

/**
 * Makes the view `found_calls`, where calls stay where they lie. Of these, those are loaded after all that may be the same as
 * others, so that they can be told apart row by row.
 */
export async function createFoundCalls(engine: Engine, { shape, inPlace, dedupe }: FoundCallsOptions): Promise<void> {
  if (inPlace.length === 0) return;
  const staying = inPlace.map(({ select }) => select).join(' UNION ALL ');
  const columns = loadedColumns(shape).join(', ');
  const suspects = `SELECT id_hash FROM ${SUSPECTS}`;
  const suspected = `event_id IS NOT NULL AND ${IDENTITY_HASH} IN (${suspects})`;
  const move = `INSERT INTO ${LOADED_TABLE} (${columns}) SELECT ${columns} FROM (${staying}) WHERE ${suspected}`;
  const moved = dedupe && (await findSuspects(engine, staying, inPlace)) > 0 ? await engine.run(move) : 0n;
  const rest = moved === 0n ? '' : ` WHERE event_id IS NULL OR ${IDENTITY_HASH} NOT IN (${suspects})`;
  await engine.run(`CREATE OR REPLACE VIEW ${STAYING_CALLS} AS SELECT ${columns} FROM (${staying})${rest}`);
  await narrowInPlace(engine, shape, 'true');
}

/** Makes `found_calls` anew, of the calls that stay where they lie with those that meet a condition over their columns. */
export async function narrowInPlace(engine: Engine, shape: LoadShape, condition: string): Promise<void> {
  const columns = loadedColumns(shape).join(', ');
  const staying = `SELECT ${columns} FROM ${STAYING_CALLS} WHERE ${condition}`;
  const select = `SELECT ${columns} FROM ${LOADED_TABLE} UNION ALL ${staying}`;
  await engine.run(`CREATE OR REPLACE VIEW ${FOUND_CALLS} AS ${select}`);
}

/** Where it is known which rows of the files are the same, only loaded rows may be the same as others. @returns how many there are */
async function findSuspects(engine: Engine, staying: string, inPlace: readonly CallsInPlace[]): Promise<number> {
  const known = commonKnowledge(inPlace.map(({ repeated }) => repeated));
  if (known === undefined) {
    const columns = IDENTITY_COLUMNS.join(', ');
    const all = [`SELECT ${columns} FROM ${LOADED_TABLE}`, `SELECT ${columns} FROM (${staying})`];
    await engine.run(`CREATE OR REPLACE TABLE ${SUSPECTS} AS ${repeatedSql(`(${all.join(' UNION ALL ')})`)}`);
  } else {
    const loaded = `SELECT ${IDENTITY_HASH} AS id_hash FROM ${LOADED_TABLE} WHERE event_id IS NOT NULL`;
    const before = `SELECT unnest(from_json($hashes, '["UBIGINT"]')) AS id_hash`;
    const hashes = `[${known.hashes.join(',')}]`;
    await engine.run(`CREATE OR REPLACE TABLE ${SUSPECTS} AS ${before} UNION ${loaded}`, { hashes });
  }
  const [row] = await engine.rows(`SELECT count(*) FROM ${SUSPECTS}`);
  return Number(row?.[0] ?? 0n);
}
