import { mkdirSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { SqlError, type Engine } from '../engines/engine.js';
import { detectFormat, LOG_FORMATS } from '../formats/format-catalog.js';
import type { FieldType, LogFormat } from '../formats/log-format.js';
import { sqlLiteral } from '../formats/sql-literal.js';
import { insertCallsSql, insertDroppedSql, rawTableName, type LoadShape } from './load-sql.js';
import type { PlannedObject } from './plan-scan.js';
import type { StageSet } from './stage-set.js';

export interface ParquetLoadOptions {
  readonly engine: Engine;
  readonly shape: LoadShape;
  readonly folder: string;
  readonly stages: StageSet;
  readonly userFormats: readonly LogFormat[];
}

/** How many records came from the file, or why it failed; `unknown` has the columns of a file of no known format. */
export type ParquetResult =
  | { readonly kind: 'loaded'; readonly records: number }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly columns: readonly string[] };

interface FileColumn {
  readonly name: string;
  readonly type: string;
}

/**
 * Lets the engine read a local Parquet file, with its columns taken by name as the top-level keys of records are; the letters'
 * case does not matter, because Athena's tables know only lower case.
 */
export async function loadParquet(
  { store, object }: PlannedObject,
  number: number,
  options: ParquetLoadOptions,
): Promise<ParquetResult> {
  const path = store.localPath?.(object);
  if (path === undefined) return { kind: 'failed', reason: 'Parquet can only be read from a file' };
  mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  const link = join(options.folder, `${number}.parquet`);
  symlinkSync(path, link);
  try {
    return await loadFile(`read_parquet(${sqlLiteral(link)}, hive_partitioning = false)`, number, options);
  } catch (error) {
    if (error instanceof SqlError) return { kind: 'failed', reason: 'the Parquet file is damaged or cannot be read' };
    throw error;
  } finally {
    unlinkSync(link);
  }
}

async function loadFile(file: string, number: number, options: ParquetLoadOptions): Promise<ParquetResult> {
  const { engine, shape, stages, userFormats } = options;
  const described = await engine.rows(`SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${file})`);
  const columns = described.map(([name, type]) => ({ name: String(name), type: String(type) }));
  const known = columns.map((column) => ({ ...column, key: knownSpelling(column.name, userFormats) }));
  const detection = detectFormat(
    known.map(({ key }) => key),
    userFormats,
  );
  if (detection.kind !== 'format') return { kind: 'unknown', columns: columns.map(({ name }) => name) };
  const { format } = detection;
  const { fields } = stages.stageOf(format);
  const selected = fields.map((field) => `${fieldSql(field, format, known)} AS "${field}"`);
  const recordNumber = shape.raw ? [`${stages.cursor.recordNumber} + row_number() OVER () AS record_number`] : [];
  const source = `(SELECT ${[`${number} AS object_number`, ...recordNumber, ...selected].join(', ')} FROM ${file})`;
  const records = Number((await engine.rows(`SELECT count(*) FROM ${file}`))[0]?.[0] ?? 0n);
  await engine.run(insertCallsSql(format, shape, source));
  const dropped = insertDroppedSql(format, source);
  if (dropped !== undefined) await engine.run(dropped);
  if (shape.raw) await loadRaw(engine, format, source);
  stages.cursor.recordNumber += records + 1;
  return { kind: 'loaded', records };
}

async function loadRaw(engine: Engine, format: LogFormat, source: string): Promise<void> {
  const table = rawTableName(format);
  const select = `SELECT *, CAST(NULL AS VARCHAR) AS extra FROM ${source}`;
  await engine.run(`CREATE TABLE IF NOT EXISTS ${table} AS SELECT * FROM (${select}) LIMIT 0`);
  await engine.run(`INSERT INTO ${table} ${select}`);
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
  const { aliases = {} } = format;
  const column =
    columns.find(({ key }) => key === field) ??
    columns.find(({ key }) => Object.hasOwn(aliases, key) && aliases[key] === field);
  if (column === undefined) return 'CAST(NULL AS VARCHAR)';
  return textSql(column, format.fields[field] ?? 'text');
}

/** A whole number may be stored as a double or a decimal; nested values become JSON text. */
function textSql({ name, type }: FileColumn, field: FieldType): string {
  const quoted = quoteName(name);
  if (/^(STRUCT|MAP|UNION)|\]$/.test(type)) return `CAST(to_json(${quoted}) AS VARCHAR)`;
  if (field === 'integer' && /^(DOUBLE|FLOAT|DECIMAL)/.test(type))
    return `CAST(TRY_CAST(${quoted} AS BIGINT) AS VARCHAR)`;
  return `CAST(${quoted} AS VARCHAR)`;
}

function recordSql(columns: readonly FileColumn[]): string {
  const members = columns.map(({ name }) => `${sqlLiteral(name)}, ${quoteName(name)}`);
  return `CAST(json_object(${members.join(', ')}) AS VARCHAR)`;
}

function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
