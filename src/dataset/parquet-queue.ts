import { linkSync, mkdirSync, rmSync, statSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { SqlError, type Engine } from '../engines/engine.js';
import { sqlLiteral } from '../formats/sql-literal.js';
import { parseStoredFooter, type StoredFooter } from '../formats/stored-footer.js';
import { ObjectReadError, type StoredObject } from '../storage/object-store.js';
import type { CallsInPlace } from './calls-in-place.js';
import { loadParquet, takeSlots, type ParquetLoadOptions, type ParquetResult } from './load-parquet.js';
import { openSlots, slotFootersSql, type SlotSource } from './load-slot.js';
import { deleteObjectsSql } from './load-sql.js';
import { isStillListed, type ParquetFile } from './parquet-file.js';
import type { PlannedObject, StandsFor } from './plan-scan.js';
import type { ObjectRange } from './stored-rows-sql.js';

/** What became of a Parquet object. */
export interface ParquetOutcome {
  readonly object: StoredObject;
  /** Its number among the objects. */
  readonly number: number;
  readonly result: ParquetResult;
  /** Further numbers that rows of an object that failed may have. */
  readonly taken: readonly ObjectRange[];
  readonly standsFor?: StandsFor | undefined;
}

export interface ParquetQueueOptions extends ParquetLoadOptions {
  /** Waits until the engine has nothing else to load. */
  readonly drain: () => Promise<void>;
}

/** A statement of more files takes long to plan. */
const MOST_FILES = 1000;
/** Copies of objects wait on the disk. */
const MOST_COPIED_BYTES = 256_000_000;

/**
 * Parquet objects that are to be loaded. Merged files that look alike are loaded by one statement, all cores at once: where an
 * hour is a file, a statement for each would take longer than its rows.
 */
export class ParquetQueue {
  readonly #options: ParquetQueueOptions;
  #held: ParquetFile[] = [];
  #copiedBytes = 0;

  constructor(options: ParquetQueueOptions) {
    this.#options = options;
    // An earlier reading may have left calls where they lie.
    rmSync(options.folder, { recursive: true, force: true });
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  }

  /**
   * Takes an object; one that is no file here is downloaded.
   * @returns what became of objects by now
   */
  async add(planned: PlannedObject, number: number): Promise<readonly ParquetOutcome[]> {
    try {
      const mayWait = await this.#hold(planned, number);
      return mayWait && this.#held.length < MOST_FILES && this.#copiedBytes < MOST_COPIED_BYTES ? [] : this.flush();
    } catch (error) {
      if (!(error instanceof ObjectReadError)) throw error;
      const { object, standsFor } = planned;
      return [{ object, number, result: { kind: 'failed', reason: error.message }, taken: [], standsFor }];
    }
  }

  /** Loads what waits. @returns what became of it */
  async flush(): Promise<readonly ParquetOutcome[]> {
    const held = this.#held;
    this.#held = [];
    this.#copiedBytes = 0;
    await this.#options.drain();
    const outcomes: ParquetOutcome[] = [];
    try {
      for (const group of await this.#group(held)) outcomes.push(...(await this.#loadGroup(group)));
      return outcomes;
    } finally {
      const staying = new Set(outcomes.filter(staysInPlace).map(({ number }) => number));
      for (const { link, number } of held) if (!staying.has(number)) unlinkSync(link);
    }
  }

  /** @returns false where the file is there only until the next is read */
  async #hold(planned: PlannedObject, number: number): Promise<boolean> {
    const { store, object, standsFor } = planned;
    const link = join(this.#options.folder, `${number}.parquet`);
    const own = store.localPath?.(object);
    const path = own ?? (await store.download?.(object));
    if (path === undefined) throw new ObjectReadError('Parquet can only be read from a file');
    const isCopy = own === undefined;
    const isKept = isCopy ? tryLink(path, link) : false;
    if (!isKept) symlinkSync(path, link);
    this.#held.push({ object, path, isCopy, link, number, standsFor });
    if (isCopy) this.#copiedBytes += object.size;
    return isKept || !isCopy;
  }

  /** Puts merged files together that can be read as one table. */
  async #group(held: readonly ParquetFile[]): Promise<readonly SlotGroup[]> {
    const alone = held.map((file) => ({ files: [file], footer: undefined }));
    // Raw records are numbered and looked up file by file.
    if (held.length < 2 || this.#options.shape.raw) return alone;
    const looks = await describeSlots(this.#options.engine, held);
    const groups = new Map<string, SlotGroup & { files: ParquetFile[] }>();
    for (const file of held) {
      const look = file.standsFor?.only === undefined ? looks.get(file.link) : undefined;
      const { name = file.link, footer } = look ?? {};
      const group = groups.get(name);
      if (group === undefined) groups.set(name, { files: [file], footer });
      else group.files.push(file);
    }
    return [...groups.values()];
  }

  /** Where one file of several is at fault, it is found by halves, and the others are still loaded together. */
  async #loadGroup({ files, footer }: SlotGroup): Promise<readonly ParquetOutcome[]> {
    const [first] = files;
    if (first === undefined) return [];
    if (files.length === 1 || footer === undefined) return [await this.#loadAlone(first)];
    const together = await this.#loadTogether(files, footer);
    if (together.kind === 'loaded') return together.outcomes;
    const parts = together.kind === 'fault' ? halves(files) : files.map((file) => [file]);
    const outcomes: ParquetOutcome[] = [];
    for (const part of parts) outcomes.push(...(await this.#loadGroup({ files: part, footer })));
    return outcomes;
  }

  async #loadAlone(file: ParquetFile): Promise<ParquetOutcome> {
    const { options, taken } = this.#numbering();
    const result = await loadParquet(file, options);
    return { object: file.object, number: file.number, result, taken, standsFor: file.standsFor };
  }

  /** Loads all of some files or nothing. */
  async #loadTogether(files: readonly ParquetFile[], footer: StoredFooter): Promise<LoadedTogether> {
    const { options, taken } = this.#numbering();
    try {
      const slots = await openSlots(files, footer, options);
      if (slots === undefined) return { kind: 'alone' };
      const counts = await countRecords(options.engine, files);
      const inPlace = await takeSlots(slots, files, options);
      if (files.every(isStillListed))
        return { kind: 'loaded', outcomes: toOutcomes(files, slots, { counts, inPlace }) };
    } catch (error) {
      // Whatever the engine says: a file of them may have become another one, with other columns.
      if (!(error instanceof SqlError || error instanceof ObjectReadError)) throw error;
    }
    const numbers = files.map(({ number }) => number);
    for (const sql of deleteObjectsSql(numbers, taken)) await options.engine.run(sql);
    return { kind: 'fault' };
  }

  #numbering(): { readonly options: ParquetLoadOptions; readonly taken: ObjectRange[] } {
    const taken: ObjectRange[] = [];
    const takeNumbers = (count: number): number => {
      const from = this.#options.takeNumbers(count);
      if (count > 0) taken.push({ from, to: from + count - 1 });
      return from;
    };
    return { options: { ...this.#options, takeNumbers }, taken };
  }
}

type LoadedTogether =
  | { readonly kind: 'loaded'; readonly outcomes: readonly ParquetOutcome[] }
  /** Each has to be looked at by itself. */
  | { readonly kind: 'alone' }
  /** Something is wrong with one of them, or several. */
  | { readonly kind: 'fault' };

function halves<T>(items: readonly T[]): readonly (readonly T[])[] {
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)];
}

function toOutcomes(
  files: readonly ParquetFile[],
  { stage, records }: SlotSource,
  { counts, inPlace }: { readonly counts: ReadonlyMap<string, number>; readonly inPlace: CallsInPlace | undefined },
): readonly ParquetOutcome[] {
  const outcomes = files.map((file) => {
    const loaded = { stage, records: counts.get(file.link) ?? 0, bytes: statSync(file.link).size, inPlace };
    const { object, number, standsFor } = file;
    return { object, number, result: { kind: 'loaded' as const, ...loaded }, taken: [], standsFor };
  });
  const sum = outcomes.reduce((total, { result }) => total + result.records, 0);
  if (sum !== records) throw new Error(`merged files have ${sum} rows by their footers, but ${records} were read`);
  return outcomes;
}

function staysInPlace({ result }: ParquetOutcome): boolean {
  return result.kind === 'loaded' && result.inPlace !== undefined;
}

interface SlotGroup {
  readonly files: readonly ParquetFile[];
  readonly footer: StoredFooter | undefined;
}

/** The file stays where its other name is removed. @returns false where the file system cannot do that */
function tryLink(path: Buffer, link: string): boolean {
  try {
    linkSync(path, link);
    return true;
  } catch {
    return false;
  }
}

interface SlotLook {
  readonly footer: StoredFooter;
  /** The same for files with the same footer and columns. */
  readonly name: string;
}

/** Looks at the merged files among some; not at those that are damaged. */
async function describeSlots(engine: Engine, files: readonly ParquetFile[]): Promise<ReadonlyMap<string, SlotLook>> {
  try {
    return await describeTogether(engine, files);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
  }
  const looks = new Map<string, SlotLook>();
  if (files.length > 1)
    for (const half of halves(files))
      for (const [link, look] of await describeSlots(engine, half)) looks.set(link, look);
  return looks;
}

async function describeTogether(engine: Engine, files: readonly ParquetFile[]): Promise<ReadonlyMap<string, SlotLook>> {
  const paths = pathList(files);
  const column = `concat_ws(' ', name, type, converted_type, logical_type, repetition_type, num_children)`;
  const schemas = `SELECT file_name, string_agg(${column}, ',' ORDER BY ${column}) AS columns FROM parquet_schema(${paths}) GROUP BY file_name`;
  const rows = await engine.rows(`SELECT * FROM (${slotFootersSql(paths)}) JOIN (${schemas}) USING (file_name)`);
  const looks = new Map<string, SlotLook>();
  for (const [link, text, columns] of rows) {
    const footer = parseStoredFooter(String(text));
    if (footer === undefined) continue;
    const { schemaVersion, format, partitionKeys, lookups } = footer;
    const name = JSON.stringify([schemaVersion, format, partitionKeys, [...lookups].sort(), columns]);
    looks.set(String(link), { footer, name });
  }
  return looks;
}

async function countRecords(engine: Engine, files: readonly ParquetFile[]): Promise<ReadonlyMap<string, number>> {
  const rows = await engine.rows(`SELECT file_name, num_rows FROM parquet_file_metadata(${pathList(files)})`);
  return new Map(rows.map(([link, count]) => [String(link), Number(count)]));
}

function pathList(files: readonly ParquetFile[]): string {
  return `[${files.map(({ link }) => sqlLiteral(link)).join(', ')}]`;
}
