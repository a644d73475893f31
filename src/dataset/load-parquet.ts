import { lstatSync, statSync } from 'node:fs';
import { SqlError, type Engine } from '../engines/engine.js';
import { detectFormat, LOG_FORMATS } from '../formats/format-catalog.js';
import type { FieldType, LogFormat } from '../formats/log-format.js';
import { sqlLiteral } from '../formats/sql-literal.js';
import { createRawSql, insertCallsSql, insertDroppedSql, insertRawSql, type LoadShape } from './load-sql.js';
import { ObjectReadError } from '../storage/object-store.js';
import type { FormatStage } from './format-stage.js';
import { callsInPlace, type CallsInPlace } from './calls-in-place.js';
import { isStillListed, type ParquetFile } from './parquet-file.js';
import { findSlotFooter, openSlots, type SlotSource } from './load-slot.js';
import type { StageSet } from './stage-set.js';

/** Whether calls of merged files may stay where they lie: those, too, of which something is looked for in JSON each time. */
export type InPlace = 'never' | 'where-cheap' | 'where-possible';

export interface ParquetLoadOptions {
  readonly engine: Engine;
  readonly shape: LoadShape;
  readonly folder: string;
  readonly stages: StageSet;
  readonly userFormats: readonly LogFormat[];
  /** Gives so many numbers, one after the other, that no object has. */
  readonly takeNumbers: (count: number) => number;
  readonly inPlace: InPlace;
}

/**
 * How many records and bytes the file has, which may have changed since it was listed, and where its calls are if they are not
 * loaded; or why it failed (`isUnread`: it is not there any more); `unknown` has the columns of a file of no known format.
 */
export type ParquetResult =
  | {
      readonly kind: 'loaded';
      readonly stage: FormatStage;
      readonly records: number;
      readonly bytes: number;
      readonly inPlace?: CallsInPlace | undefined;
    }
  | { readonly kind: 'failed'; readonly reason: string; readonly isUnread?: boolean }
  | { readonly kind: 'unknown'; readonly columns: readonly string[] };

interface FileColumn {
  readonly name: string;
  readonly type: string;
}

/**
 * Lets the engine read a Parquet file, with its columns taken by name as the top-level keys of records are; the letters'
 * case does not matter, because Athena's tables know only lower case.
 */
export async function loadParquet(file: ParquetFile, options: ParquetLoadOptions): Promise<ParquetResult> {
  try {
    const footer = await findSlotFooter(options.engine, file.link);
    const slot = footer === undefined ? undefined : await openSlots([file], footer, options);
    const result = slot === undefined ? await loadFile(file, options) : await loadSlot(slot, file, options);
    return isStillListed(file) ? result : lost(file);
  } catch (error) {
    const reason = fileFault(error);
    if (reason === undefined) throw error;
    return isStillListed(file) ? { kind: 'failed', reason } : lost(file);
  }
}

function lost({ path }: ParquetFile): ParquetResult {
  const isUnread = lstatSync(path, { throwIfNoEntry: false }) === undefined;
  return { kind: 'failed', reason: `${isUnread ? 'gone' : 'changed'} since it was listed`, isUnread };
}

/** What is wrong with a file by what was thrown when it was read; undefined where something else is wrong. */
function fileFault(error: unknown): string | undefined {
  if (error instanceof ObjectReadError) return error.message;
  if (error instanceof SqlError && FILE_ERRORS.test(error.message))
    return 'the Parquet file is damaged or cannot be read';
  return undefined;
}

/** What the engine says of a file that is damaged; anything else is wrong with the statement. */
const FILE_ERRORS = /^(?:Invalid Input|Invalid|IO|Not implemented) Error/;

async function loadSlot(slot: SlotSource, file: ParquetFile, options: ParquetLoadOptions): Promise<ParquetResult> {
  const inPlace = await takeSlots(slot, [file], options);
  return { kind: 'loaded', stage: slot.stage, records: slot.records, bytes: statSync(file.link).size, inPlace };
}

/** Loads what merged files hold, where it cannot stay there. @returns the calls that stay */
export async function takeSlots(
  slot: SlotSource,
  files: readonly ParquetFile[],
  { engine, inPlace }: ParquetLoadOptions,
): Promise<CallsInPlace | undefined> {
  const isWanted = inPlace === 'where-possible' || (inPlace === 'where-cheap' && !slot.readsJson);
  // Copies take room on the disk.
  if (!isWanted || !slot.isPlain || files.some(({ isCopy }) => isCopy)) {
    await insertSlots(engine, slot);
    return undefined;
  }
  const dropped = insertDroppedSql(slot.stage.format, slot.source);
  return callsInPlace(files, slot, dropped === undefined ? 0 : Number(await engine.run(dropped)));
}

async function insertSlots(engine: Engine, { stage, shape, source, close }: SlotSource): Promise<void> {
  try {
    await insertRecords(engine, { format: stage.format, shape, source, parameters: {} });
  } finally {
    close();
  }
}

async function loadFile(
  { link, number, object: { key } }: ParquetFile,
  options: ParquetLoadOptions,
): Promise<ParquetResult> {
  const file = `read_parquet(${sqlLiteral(link)}, hive_partitioning = false)`;
  const { engine, shape, stages, userFormats } = options;
  const described = await engine.rows(`SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${file})`);
  const fileColumns = described.map(([name, type]) => ({ name: String(name), type: String(type) }));
  const known = fileColumns.map((column) => ({ ...column, key: knownSpelling(column.name, userFormats) }));
  const detection = detectFormat(
    known.map(({ key }) => key),
    userFormats,
  );
  if (detection.kind !== 'format') return { kind: 'unknown', columns: fileColumns.map(({ name }) => name) };
  const { format } = detection;
  const stage = stages.stageOf(format);
  const partitions = partitionValues(key, format);
  const parameters: Record<string, string> = {};
  const selected = stage.fields.map((field) => {
    const value = columnOf(field, format, known) === undefined ? partitions.get(field) : undefined;
    if (value === undefined) return `${fieldSql(field, format, known)} AS "${field}"`;
    const name = `partition_${Object.keys(parameters).length + 1}`;
    parameters[name] = value;
    return `CAST($${name} AS VARCHAR) AS "${field}"`;
  });
  const recordNumber = shape.raw ? [`${stages.cursor.recordNumber} + file_row_number AS record_number`] : [];
  const extra = shape.raw ? [`${extraSql(format, known)} AS extra`] : [];
  const columns = [`${number} AS object_number`, ...recordNumber, ...selected, ...extra];
  const source = `(SELECT ${columns.join(', ')} FROM ${file})`;
  const records = Number((await engine.rows(`SELECT count(*) FROM ${file}`))[0]?.[0] ?? 0n);
  // The numbers are used up even where loading fails: rows that are taken back must not be taken for other records.
  stages.cursor.recordNumber += records;
  await insertRecords(engine, { format, shape, source, parameters });
  return { kind: 'loaded', stage, records, bytes: statSync(link).size };
}

interface Insertion {
  readonly format: LogFormat;
  readonly shape: LoadShape;
  readonly source: string;
  readonly parameters: Readonly<Record<string, string>>;
}

async function insertRecords(engine: Engine, { format, shape, source, parameters }: Insertion): Promise<void> {
  await engine.run(insertCallsSql(format, shape, source), parameters);
  const dropped = insertDroppedSql(format, source);
  if (dropped !== undefined) await engine.run(dropped, parameters);
  if (!shape.raw) return;
  await engine.run(createRawSql(format));
  await engine.run(insertRawSql(format, shape, source), parameters);
}

/** Columns that Hive-partitioned tables hold only in the folders of their keys: `region=us-west-2/…`, by the format's fields. */
function partitionValues(key: string, { fields, aliases = {} }: LogFormat): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const folder of key.split('/').slice(0, -1)) {
    const [, name = '', value = ''] = /^([^=]+)=(.*)$/.exec(folder) ?? [];
    const field = Object.hasOwn(aliases, name) ? aliases[name] : name;
    if (field === undefined || !Object.hasOwn(fields, field) || value === '__HIVE_DEFAULT_PARTITION__') continue;
    values.set(field, decodeFolder(value));
  }
  return values;
}

/** Hive writes characters that folders cannot hold as `%3A`. */
function decodeFolder(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** The name that some format knows the column by, where it differs only in case. */
function knownSpelling(name: string, userFormats: readonly LogFormat[]): string {
  const lower = name.toLowerCase();
  for (const { fields, aliases = {} } of [...userFormats, ...LOG_FORMATS]) {
    const names = [...Object.keys(fields), ...Object.keys(aliases)];
    if (names.includes(name)) return name;
    const found = names.find((candidate) => candidate.toLowerCase() === lower);
    if (found !== undefined) return found;
  }
  return name;
}

function fieldSql(field: string, format: LogFormat, columns: readonly (FileColumn & { key: string })[]): string {
  if (format.wholeRecord === true) return recordSql(columns);
  const column = columnOf(field, format, columns);
  return column === undefined ? 'CAST(NULL AS VARCHAR)' : textSql(column, format.fields[field] ?? 'text', format);
}

function columnOf<T extends FileColumn & { key: string }>(
  field: string,
  { aliases = {} }: LogFormat,
  columns: readonly T[],
): T | undefined {
  const isAlias = (key: string) => Object.hasOwn(aliases, key) && aliases[key] === field;
  return columns.find(({ key }) => key === field) ?? columns.find(({ key }) => isAlias(key));
}

/** The columns that are no field, as one JSON object. */
function extraSql(format: LogFormat, columns: readonly (FileColumn & { key: string })[]): string {
  const taken = new Set(Object.keys(format.fields).map((field) => columnOf(field, format, columns)));
  const rest = format.wholeRecord === true ? [] : columns.filter((column) => !taken.has(column));
  return rest.length === 0 ? 'CAST(NULL AS VARCHAR)' : recordSql(rest);
}

/** A whole number may be stored as a double or a decimal; nested values become JSON text. */
function textSql({ name, type }: FileColumn, field: FieldType, format: LogFormat): string {
  const quoted = quoteName(name);
  if (/^(STRUCT|MAP|UNION)|\]$/.test(type)) return nestedSql(`CAST(to_json(${quoted}) AS VARCHAR)`, type, format);
  if (field === 'integer' && /^(DOUBLE|FLOAT|DECIMAL)/.test(type))
    return `CAST(TRY_CAST(${quoted} AS BIGINT) AS VARCHAR)`;
  return `CAST(${quoted} AS VARCHAR)`;
}

/** Keys that the format looks for inside of a value get its spelling; inside of a string their quotes would be escaped. */
function nestedSql(json: string, type: string, { columns }: LogFormat): string {
  const sought = new Set(
    [
      ...Object.values(columns)
        .join(' ')
        .matchAll(/'\$\.(\w+)'/g),
    ].map(([, key = '']) => key),
  );
  return [...sought]
    .map((key) => [key.toLowerCase(), key] as const)
    .filter(([lower, key]) => lower !== key && new RegExp(`\\b${lower}\\b`).test(type))
    .reduce((sql, [lower, key]) => `replace(${sql}, '"${lower}":', '"${key}":')`, json);
}

function recordSql(columns: readonly FileColumn[]): string {
  const members = columns.map(({ name }) => `${sqlLiteral(name)}, ${quoteName(name)}`);
  return `CAST(json_object(${members.join(', ')}) AS VARCHAR)`;
}

function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
