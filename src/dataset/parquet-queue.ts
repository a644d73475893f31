import { linkSync, mkdirSync, statSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../engines/engine.js';
import { sqlLiteral } from '../formats/sql-literal.js';
import { parseStoredFooter, STORED_FOOTER_KEY, type StoredFooter } from '../formats/stored-footer.js';
import { ObjectReadError } from '../storage/object-store.js';
import {
  fileFault,
  insertSlots,
  isStillListed,
  loadParquet,
  type ParquetFile,
  type ParquetLoadOptions,
  type ParquetResult,
} from './load-parquet.js';
import { DROPPED_TABLE, LOADED_TABLE } from './load-sql.js';
import { openSlots } from './load-slot.js';
import type { PlannedObject } from './plan-scan.js';

/** What became of a Parquet object. */
export interface ParquetOutcome {
  readonly planned: PlannedObject;
  readonly result: ParquetResult;
  /** The numbers that rows of it may have. */
  readonly numbers: readonly number[];
}

type Held = ParquetFile & { readonly planned: PlannedObject };

/** A statement of more files takes long to plan. */
const MOST_FILES = 1000;
/** Copies of objects wait on the disk. */
const MOST_COPIED_BYTES = 256_000_000;

/**
 * Parquet objects that are to be loaded. Merged files that look alike are loaded by one statement, all cores at once: where an
 * hour is a file, a statement for each would take longer than its rows.
 */
export class ParquetQueue {
  readonly #options: ParquetLoadOptions;
  #held: Held[] = [];
  #copiedBytes = 0;

  constructor(options: ParquetLoadOptions) {
    this.#options = options;
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
      return [{ planned, result: { kind: 'failed', reason: error.message }, numbers: [number] }];
    }
  }

  /** Loads what waits. @returns what became of it */
  async flush(): Promise<readonly ParquetOutcome[]> {
    const held = this.#held;
    this.#held = [];
    this.#copiedBytes = 0;
    try {
      const outcomes: ParquetOutcome[] = [];
      for (const group of await this.#group(held)) outcomes.push(...(await this.#loadGroup(group)));
      return outcomes;
    } finally {
      for (const { link } of held) unlinkSync(link);
    }
  }

  /** @returns false where the file is there only until the next is read */
  async #hold(planned: PlannedObject, number: number): Promise<boolean> {
    const { store, object } = planned;
    const link = join(this.#options.folder, `${number}.parquet`);
    const own = store.localPath?.(object);
    const path = own ?? (await store.download?.(object));
    if (path === undefined) throw new ObjectReadError('Parquet can only be read from a file');
    const isCopy = own === undefined;
    const isKept = isCopy ? tryLink(path, link) : false;
    if (!isKept) symlinkSync(path, link);
    this.#held.push({ planned, object, path, isCopy, link, number });
    if (isCopy) this.#copiedBytes += object.size;
    return isKept || !isCopy;
  }

  /** Puts merged files together that can be read as one table. */
  async #group(held: readonly Held[]): Promise<readonly SlotGroup[]> {
    const alone = held.map((file) => ({ files: [file], footer: undefined }));
    // Raw records are numbered and looked up file by file.
    if (held.length < 2 || this.#options.shape.raw) return alone;
    const looks = await describeSlots(this.#options.engine, held);
    const groups = new Map<string, SlotGroup & { files: Held[] }>();
    for (const file of held) {
      const { name = file.link, footer } = looks.get(file.link) ?? {};
      const group = groups.get(name);
      if (group === undefined) groups.set(name, { files: [file], footer });
      else group.files.push(file);
    }
    return [...groups.values()];
  }

  async #loadGroup({ files, footer }: SlotGroup): Promise<readonly ParquetOutcome[]> {
    const loaded = footer === undefined || files.length === 1 ? undefined : await this.#loadTogether(files, footer);
    if (loaded !== undefined) return loaded;
    const outcomes: ParquetOutcome[] = [];
    for (const file of files) {
      const { options, numbers } = this.#numbering([file]);
      outcomes.push({ planned: file.planned, result: await loadParquet(file, options), numbers });
    }
    return outcomes;
  }

  /** @returns undefined, with nothing loaded, where one of them has to be looked at by itself */
  async #loadTogether(files: readonly Held[], footer: StoredFooter): Promise<readonly ParquetOutcome[] | undefined> {
    const { options, numbers } = this.#numbering(files);
    const { engine } = options;
    try {
      const slots = await openSlots(files, footer, options);
      if (slots === undefined) return undefined;
      const counts = await countRecords(engine, files);
      await insertSlots(engine, slots);
      if (files.every(isStillListed))
        return files.map((file) => {
          const loaded = { stage: slots.stage, records: counts.get(file.link) ?? 0, bytes: statSync(file.link).size };
          return { planned: file.planned, result: { kind: 'loaded', ...loaded }, numbers: [file.number] };
        });
    } catch (error) {
      if (fileFault(error) === undefined) throw error;
    }
    for (const table of [LOADED_TABLE, DROPPED_TABLE])
      await engine.run(`DELETE FROM ${table} WHERE object_number IN (${numbers.join(', ')})`);
    return undefined;
  }

  #numbering(files: readonly Held[]): { readonly options: ParquetLoadOptions; readonly numbers: number[] } {
    const numbers = files.map(({ number }) => number);
    const takeNumbers = (count: number): number => {
      const first = this.#options.takeNumbers(count);
      for (let i = 0; i < count; i++) numbers.push(first + i);
      return first;
    };
    return { options: { ...this.#options, takeNumbers }, numbers };
  }
}

interface SlotGroup {
  readonly files: readonly Held[];
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

/** Looks at the merged files among some; at none where one of them is damaged. */
async function describeSlots(engine: Engine, files: readonly ParquetFile[]): Promise<ReadonlyMap<string, SlotLook>> {
  const paths = pathList(files);
  const footers = `SELECT file_name, any_value(decode(value)) AS footer FROM parquet_kv_metadata(${paths}) WHERE key = CAST(${sqlLiteral(STORED_FOOTER_KEY)} AS BLOB) GROUP BY file_name HAVING count(*) = 1`;
  const column = `concat_ws(' ', name, type, converted_type, logical_type, repetition_type, num_children)`;
  const schemas = `SELECT file_name, string_agg(${column}, ',' ORDER BY ${column}) AS columns FROM parquet_schema(${paths}) GROUP BY file_name`;
  const looks = new Map<string, SlotLook>();
  try {
    const rows = await engine.rows(`SELECT * FROM (${footers}) JOIN (${schemas}) USING (file_name)`);
    for (const [link, text, columns] of rows) {
      const footer = parseStoredFooter(String(text));
      if (footer === undefined) continue;
      const { schemaVersion, format, partitionKeys, lookups } = footer;
      const name = JSON.stringify([schemaVersion, format, partitionKeys, [...lookups].sort(), columns]);
      looks.set(String(link), { footer, name });
    }
  } catch (error) {
    if (fileFault(error) === undefined) throw error;
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
