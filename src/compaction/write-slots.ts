import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { findLookups } from '../dataset/load-stored-rows.js';
import { rangesSql } from '../dataset/stored-rows-sql.js';
import type { Engine } from '../engines/engine.js';
import { sqlLiteral } from '../formats/sql-literal.js';
import {
  fieldIdsSql,
  fingerprintOf,
  STORED_ROWS,
  storedColumns,
  type StoredColumn,
} from '../formats/stored-columns.js';
import { STORED_FOOTER_KEY } from '../formats/stored-footer.js';
import { hashFile } from '../storage/hash-file.js';
import { encodePlan, type BatchPlan } from './batch-plan.js';
import type { WrittenBatch } from './commit-batch.js';
import { inParallel } from './in-parallel.js';
import { encodeFooter } from './slot-facts.js';
import type { RowShape, StagedBatch } from './stage-group.js';

export const CODECS = ['zstd', 'snappy'] as const;
export type Codec = (typeof CODECS)[number];
export const SORTS = ['timestamp', 'none'] as const;
export type Sort = (typeof SORTS)[number];

/** How many files are hashed at once. */
const FILES_AT_ONCE = 4;

export interface WritingOptions extends RowShape {
  readonly engine: Engine;
  /** Where the files are written: for a local destination on its own file system. */
  readonly folder: string;
  readonly codec: Codec;
  readonly sort: Sort;
  readonly toolVersion: string;
  /** A new id, later ones sorting behind earlier ones. */
  readonly newId: () => string;
}

/**
 * Writes the rows of staged batches as Parquet files, one each, reads all back, and compares the number of rows and the
 * fingerprint over all stored columns with those of the engine's table, taken before.
 * @throws Error when a file is not what was to be written
 */
export async function writeSlots(batches: readonly StagedBatch[], options: WritingOptions): Promise<WrittenBatch[]> {
  if (batches.length === 0) return [];
  const { engine, format, partitionKeys } = options;
  const columns = storedColumns(format, partitionKeys);
  const [version] = await engine.rows('SELECT version()');
  const fingerprints = await takeFingerprints(engine, columns, batches);
  const lookups = await findLookups(engine, format, batches);
  const slots: WrittenSlot[] = [];
  for (const [index, staged] of batches.entries()) {
    const about = { fingerprint: fingerprints[index]!, lookups: lookups[index]! };
    slots.push(await writeSlot({ staged, columns, ...about }, String(version?.[0]), options));
  }
  await compareFiles(engine, columns, slots);
  return inParallel(slots, FILES_AT_ONCE, measure);
}

interface SlotToWrite {
  readonly staged: StagedBatch;
  readonly columns: readonly StoredColumn[];
  readonly fingerprint: string;
  readonly lookups: readonly string[];
}

/** A slot whose file is not looked at yet. */
type WrittenSlot = Omit<WrittenBatch, 'size' | 'sha256'>;

async function writeSlot(
  { staged, columns, fingerprint, lookups }: SlotToWrite,
  version: string,
  options: WritingOptions,
): Promise<WrittenSlot> {
  const { engine, format, partitionKeys, toolVersion } = options;
  const plan = planOf(staged, fingerprint, options);
  const encoded = encodePlan(plan);
  const facts = { batchId: plan.batchId, planSha256: encoded.sha256, rows: plan.rows, fingerprint, engine: version };
  const footer = encodeFooter({ ...facts, format: format.name, partitionKeys, lookups, toolVersion });
  const file = join(options.folder, `${plan.batchId}.parquet`);
  await engine.run(copySql({ columns, staged, file, footer }, options));
  return { plan, encoded, body: { file }, engine: version };
}

async function measure(slot: WrittenSlot): Promise<WrittenBatch> {
  const { file } = slot.body;
  return { ...slot, size: (await stat(file)).size, sha256: await hashFile(file) };
}

function planOf({ batch, rows, inputs }: StagedBatch, fingerprint: string, options: WritingOptions): BatchPlan {
  const { newId, format } = options;
  return { batchId: newId(), partition: batch.partition, format: format.name, rows, fingerprint, inputs };
}

/** Of the rows of each batch. */
async function takeFingerprints(
  engine: Engine,
  columns: readonly StoredColumn[],
  batches: readonly StagedBatch[],
): Promise<readonly string[]> {
  const from = `${STORED_ROWS} JOIN ${rangesSql(batches)} AS ranges USING (object_number)`;
  const rows = await engine.rows(`SELECT slot, ${fingerprintOf(columns)} FROM ${from} GROUP BY slot`);
  const found = new Map(rows.map(([slot, fingerprint]) => [Number(slot), String(fingerprint)]));
  return batches.map((_, slot) => {
    const fingerprint = found.get(slot);
    if (fingerprint === undefined) throw new Error('the engine has no row of a batch that has some');
    return fingerprint;
  });
}

async function compareFiles(
  engine: Engine,
  columns: readonly StoredColumn[],
  slots: readonly WrittenSlot[],
): Promise<void> {
  const files = slots.map(({ body }) => sqlLiteral(body.file)).join(', ');
  const from = `read_parquet([${files}], hive_partitioning = false, filename = 'slot file')`;
  const rows = await engine.rows(`SELECT "slot file", ${fingerprintOf(columns)} FROM ${from} GROUP BY "slot file"`);
  const found = new Map(rows.map(([file, fingerprint]) => [String(file), String(fingerprint)]));
  const other = slots.find(({ plan, body }) => found.get(body.file) !== plan.fingerprint);
  if (other !== undefined)
    throw new Error(`a file of ${other.plan.rows} rows was read back with other rows than were written`);
}

interface Copy {
  readonly columns: readonly StoredColumn[];
  readonly staged: StagedBatch;
  readonly file: string;
  readonly footer: string;
}

function copySql({ columns, staged, file, footer }: Copy, { codec, sort }: WritingOptions): string {
  const selected = columns.map(({ name }) => `"${name}"`).join(', ');
  const rows = `(SELECT * FROM ${STORED_ROWS} WHERE object_number BETWEEN ${staged.from} AND ${staged.to})`;
  const order = sort === 'none' ? '' : ` ORDER BY ${orderOf(columns)}`;
  const parquet = [
    'FORMAT parquet',
    `COMPRESSION ${codec}`,
    `FIELD_IDS ${fieldIdsSql(columns)}`,
    `KV_METADATA {${STORED_FOOTER_KEY}: ${sqlLiteral(footer)}}`,
  ];
  return `COPY (SELECT ${selected} FROM ${rows}${order}) TO ${sqlLiteral(file)} (${parquet.join(', ')})`;
}

/** By the format's own times: rows of about the same time end up in the same row group, so that readers can leave groups out. */
function orderOf(columns: readonly StoredColumn[]): string {
  const times = columns.filter(({ type }) => type === 'TIMESTAMP').map(({ name }) => `"${name}"`);
  return times.length === 0 ? 'object_key' : times.join(', ');
}
