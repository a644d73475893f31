import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../../src/engines/engine.js';
import { findLookups, loadStoredRows, type StoredInput } from '../../src/dataset/load-stored-rows.js';
import { planScan } from '../../src/dataset/plan-scan.js';
import { NO_QUARANTINE } from '../../src/dataset/quarantine.js';
import { LOG_FORMATS } from '../../src/formats/format-catalog.js';
import type { LogFormat } from '../../src/formats/log-format.js';
import {
  fieldIdsSql,
  fingerprintSql,
  STORED_ROWS,
  STORED_SCHEMA_VERSION,
  storedColumns,
  type StoredColumn,
} from '../../src/formats/stored-columns.js';
import { openFileStore } from '../../src/storage/file-store.js';
import { tempFolder } from '../storage/temp-folder.js';
import { openRun } from './open-source.js';

export interface MergedFolder {
  readonly engine: Engine;
  /** A folder with the one merged file. */
  readonly folder: string;
  readonly path: string;
  readonly columns: readonly StoredColumn[];
  /** By the objects' keys. */
  readonly inputs: ReadonlyMap<string, StoredInput>;
  readonly lookups: readonly string[];
  /** Of the rows before they were written, and of the file. */
  readonly fingerprints: readonly string[];
}

export interface MergeOptions {
  readonly format: LogFormat;
  readonly userFormats?: readonly LogFormat[];
  readonly partitionKeys?: readonly string[];
}

/** A format that there is, by its name. */
export function formatOf(name: string): LogFormat {
  return LOG_FORMATS.find((format) => format.name === name)!;
}

/** Merges a folder of logs into one Parquet file with a footer, by our own loading and a plain COPY. */
export async function mergeFolder(
  source: string,
  { format, userFormats = [], partitionKeys = [] }: MergeOptions,
): Promise<MergedFolder> {
  const run = openRun();
  const engine = await run.openEngine();
  const { objects } = await planScan({ stores: [await openFileStore(source)], window: {}, latenessMs: 0 });
  const loaded = await loadStoredRows({
    objects,
    engine,
    folder: run.folder,
    format,
    userFormats,
    partitionKeys,
    quarantine: () => NO_QUARANTINE,
    onProgress: () => undefined,
    requireFreeBytes: () => Promise.resolve(),
  });
  const columns = storedColumns(format, partitionKeys);
  const [lookups = []] = await findLookups(engine, format, [{ from: 1, to: objects.length }]);
  const folder = join(tempFolder(), 'merged');
  mkdirSync(folder);
  const path = join(folder, 'c-00000001.parquet');
  const footer = JSON.stringify({ schemaVersion: STORED_SCHEMA_VERSION, format: format.name, partitionKeys, lookups });
  const options = `FORMAT parquet, COMPRESSION zstd, FIELD_IDS ${fieldIdsSql(columns)}, KV_METADATA {awsusage: '${footer}'}`;
  const names = columns.map(({ name }) => `"${name}"`).join(', ');
  await engine.run(`COPY (SELECT ${names} FROM ${STORED_ROWS}) TO '${path}' (${options})`);
  const fingerprints: string[] = [];
  for (const from of [STORED_ROWS, `read_parquet('${path}')`])
    fingerprints.push(String((await engine.rows(fingerprintSql(columns, from)))[0]?.[0]));
  const inputs = new Map(objects.map(({ object }, i) => [object.key, loaded[i]!]));
  return { engine, folder, path, columns, inputs, lookups, fingerprints };
}
