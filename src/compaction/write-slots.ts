import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { findLookups } from '../dataset/load-stored-rows.js';
import type { Engine } from '../engines/engine.js';
import { sqlLiteral } from '../formats/sql-literal.js';
import {
  fieldIdsSql,
  fingerprintSql,
  STORED_ROWS,
  storedColumns,
  type StoredColumn,
} from '../formats/stored-columns.js';
import { STORED_FOOTER_KEY } from '../formats/stored-footer.js';
import { hashFile } from '../storage/hash-file.js';
import { encodePlan, type BatchPlan } from './batch-plan.js';
import type { WrittenBatch } from './commit-batch.js';
import { encodeFooter } from './slot-facts.js';
import type { RowShape, StagedBatch } from './stage-group.js';

export const CODECS = ['zstd', 'snappy'] as const;
export type Codec = (typeof CODECS)[number];
export const SORTS = ['timestamp', 'none'] as const;
export type Sort = (typeof SORTS)[number];

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
 * Writes the rows of staged batches as Parquet files, one each, reads each back, and compares the number of rows and the
 * fingerprint over all stored columns with those of the engine's table, taken before.
 * @throws Error when a file is not what was to be written
 */
export async function writeSlots(batches: readonly StagedBatch[], options: WritingOptions): Promise<WrittenBatch[]> {
  const { engine } = options;
  const [version] = await engine.rows('SELECT version()');
  const written: WrittenBatch[] = [];
  for (const batch of batches) written.push(await writeSlot(batch, String(version?.[0]), options));
  return written;
}

async function writeSlot(staged: StagedBatch, version: string, options: WritingOptions): Promise<WrittenBatch> {
  const { engine, format, partitionKeys, toolVersion } = options;
  const columns = storedColumns(format, partitionKeys);
  const where = `object_number BETWEEN ${staged.from} AND ${staged.to}`;
  const rows = `(SELECT * FROM ${STORED_ROWS} WHERE ${where})`;
  const fingerprint = await takeFingerprint(engine, columns, rows);
  const plan = planOf(staged, fingerprint, options);
  const encoded = encodePlan(plan);
  const facts = { batchId: plan.batchId, planSha256: encoded.sha256, rows: plan.rows, fingerprint, engine: version };
  const lookups = await findLookups(engine, format, where);
  const footer = encodeFooter({ ...facts, format: format.name, partitionKeys, lookups, toolVersion });
  const file = join(options.folder, `${plan.batchId}.parquet`);
  await engine.run(copySql({ columns, rows, file, footer }, options));
  const readBack = `read_parquet(${sqlLiteral(file)}, hive_partitioning = false)`;
  const found = await takeFingerprint(engine, columns, readBack);
  if (found !== fingerprint)
    throw new Error(`a file of ${plan.rows} rows was read back with other rows than were written`);
  return {
    plan,
    encoded,
    body: { file },
    size: (await stat(file)).size,
    sha256: await hashFile(file),
    engine: version,
  };
}

function planOf({ batch, rows, inputs }: StagedBatch, fingerprint: string, options: WritingOptions): BatchPlan {
  const { newId, format } = options;
  return { batchId: newId(), partition: batch.partition, format: format.name, rows, fingerprint, inputs };
}

async function takeFingerprint(engine: Engine, columns: readonly StoredColumn[], from: string): Promise<string> {
  const [row] = await engine.rows(fingerprintSql(columns, from));
  return String(row?.[0]);
}

interface Copy {
  readonly columns: readonly StoredColumn[];
  readonly rows: string;
  readonly file: string;
  readonly footer: string;
}

function copySql({ columns, rows, file, footer }: Copy, { codec, sort }: WritingOptions): string {
  const selected = columns.map(({ name }) => `"${name}"`).join(', ');
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
