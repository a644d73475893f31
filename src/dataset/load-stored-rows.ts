import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../engines/engine.js';
import type { LogFormat } from '../formats/log-format.js';
import { stagedRowColumns } from '../formats/stored-row-sql.js';
import type { UnpackLimits } from '../records/decode-body.js';
import { RecordKernel } from '../records/record-kernel.js';
import { ShapeTree } from '../records/record-shapes.js';
import type { AccountingReason } from './accounting.js';
import { announceObjects } from './announce-objects.js';
import { hashingStore } from './hashing-store.js';
import { LoadSize } from './load-size.js';
import { stagedSource } from './load-sql.js';
import type { PlannedObject } from './plan-scan.js';
import type { Quarantine } from './quarantine.js';
import { ReadAhead } from './read-ahead.js';
import { readObject, type ReadContext, type ReadResult } from './read-object.js';
import { ReadingPace, type ScanProgress } from './reading-pace.js';
import { SerialQueue } from './serial-queue.js';
import { StagedRows, type TakenRows } from './staged-rows.js';
import {
  createStoredSql,
  insertStoredSql,
  LOADED_ROWS,
  missedSql,
  rangesSql,
  type ObjectRange,
  SHAPES_TABLE,
  STORED_OBJECTS,
} from './stored-rows-sql.js';
import { StoredRecords } from './stored-records.js';
import { sortReasons } from './tally.js';

export interface StoredRowsRequest {
  /** An object's number is its place here, from 1 on. */
  readonly objects: readonly PlannedObject[];
  readonly engine: Engine;
  /** The run's own folder. */
  readonly folder: string;
  /** The format whose records are taken. */
  readonly format: LogFormat;
  readonly userFormats: readonly LogFormat[];
  /** The names of the destination's partitions. */
  readonly partitionKeys: readonly string[];
  /** Where what is put aside of an object goes. */
  readonly quarantine: (objectNumber: number) => Quarantine;
  readonly limits?: UnpackLimits;
  readonly onProgress: (progress: ScanProgress) => void;
  /** Throws when the temporary folder has not that many bytes left. */
  readonly requireFreeBytes: (bytes: number) => Promise<void>;
}

/** What came of one object. */
export type StoredInput =
  | StoredObjectRead
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string }
  /** It holds records of another format, counted by the formats' names; nothing of it is in the table. */
  | { readonly kind: 'foreign'; readonly formats: Readonly<Record<string, number>> }
  /** It is a Parquet file. */
  | { readonly kind: 'parquet' };

export interface StoredObjectRead {
  readonly kind: 'read';
  /** Its records that are in the table. */
  readonly rows: number;
  readonly quarantined: number;
  /** Records that are no calls. */
  readonly passedOver: number;
  /** Of the bytes as stored, in hexadecimal. */
  readonly sha256: string;
  /** Bytes as stored. */
  readonly bytesRead: number;
  /** Bytes after unpacking. */
  readonly bytesDecompressed: number;
  /** The last thing in it was put aside: it may not be written to its end yet. */
  readonly endsBroken: boolean;
  /** What was put aside, passed over or repaired, and why. */
  readonly reasons: readonly AccountingReason[];
}

/**
 * Reads objects of one format into the engine's table `stored_rows`: `object_number` and the columns of `storedColumns`. The
 * columns give every record back, value for value. What was there of an earlier call is gone.
 * @returns what came of each object, in order
 */
export async function loadStoredRows(request: StoredRowsRequest): Promise<readonly StoredInput[]> {
  const { objects } = request;
  const ahead = new ReadAhead(objects, { limits: request.limits, hashes: true });
  try {
    const loader = new StoredRowsLoader(request, ahead);
    await loader.prepare();
    announceObjects(objects);
    const inputs: StoredInput[] = [];
    for (const [index, planned] of objects.entries()) inputs.push(await loader.add(planned, index + 1));
    await loader.finish();
    return inputs;
  } finally {
    ahead.close();
  }
}

/** For each range of objects the fields that some of their rows has a value of in `extra` alone. */
export async function findLookups(
  engine: Engine,
  { fields }: LogFormat,
  ranges: readonly ObjectRange[],
): Promise<readonly (readonly string[])[]> {
  const rows = await engine.rows(missedSql(rangesSql(ranges)));
  const bits = new Map(rows.map(([slot, missed]) => [Number(slot), BigInt(String(missed))]));
  const isMissed = (slot: number, field: number): boolean => ((bits.get(slot) ?? 0n) & (1n << BigInt(field))) !== 0n;
  return ranges.map((_, slot) => Object.keys(fields).filter((_, field) => isMissed(slot, field)));
}

class StoredRowsLoader {
  readonly #request: StoredRowsRequest;
  readonly #ahead: ReadAhead;
  readonly #records: StoredRecords;
  readonly #queue = new SerialQueue();
  readonly #pace: ReadingPace;
  readonly #context: Omit<ReadContext, 'quarantine'>;
  /** The numbers of objects of which nothing is to stay. */
  readonly #left: number[] = [];
  #files = 0;
  readonly #loadSize = new LoadSize();

  constructor(request: StoredRowsRequest, ahead: ReadAhead) {
    this.#request = request;
    this.#ahead = ahead;
    const bytes = request.objects.reduce((sum, { object }) => sum + object.size, 0);
    this.#pace = new ReadingPace({ objects: request.objects, bytes }, request.onProgress);
    const records = new StoredRecords({ ...request, newPath: () => this.#newPath() });
    this.#records = records;
    this.#context = {
      shapes: new ShapeTree(),
      kernel: new RecordKernel(),
      stages: records,
      ...(request.limits === undefined ? {} : { limits: request.limits }),
      recognise: (keys, node) => records.recognise(keys, node),
      sawUnknown: () => undefined,
    };
  }

  async prepare(): Promise<void> {
    const { engine, format, partitionKeys, objects } = this.#request;
    for (const sql of createStoredSql(format, partitionKeys)) await engine.run(sql);
    const rows = new StagedRows(() => this.#newPath());
    for (const [index, { object }] of objects.entries()) {
      rows.addInteger(index + 1);
      rows.addText(object.key);
      rows.endRow();
    }
    await this.#insert(rows.take(), STORED_OBJECTS, ['object_number', 'object_key']);
  }

  async add({ store, object }: PlannedObject, number: number): Promise<StoredInput> {
    this.#records.begin(number);
    this.#context.kernel.setFirstColumn(String(number));
    const hashing = hashingStore(store);
    const quarantine = this.#request.quarantine(number);
    const ready = await this.#ahead.take(object);
    const result = await readObject({ store: hashing.store, object, ready }, { ...this.#context, quarantine });
    const input = this.#conclude(result, () => ready?.sha256 ?? hashing.digest());
    if (input.kind !== 'read' && this.#records.cursor.staged > 0) this.#left.push(number);
    if (this.#loadSize.isReached(this.#records.stage.rows)) await this.#queueRows();
    await this.#pace.done(object);
    return input;
  }

  async finish(): Promise<void> {
    await this.#queueRows();
    await this.#queue.drain();
    if (this.#left.length === 0) return;
    await this.#request.engine.run(`DELETE FROM ${LOADED_ROWS} WHERE object_number IN (${this.#left.join(', ')})`);
  }

  #conclude(result: ReadResult, digest: () => string): StoredInput {
    if (result.kind === 'failed') return { kind: 'failed', reason: result.reason };
    if (result.kind === 'parquet') return { kind: 'parquet' };
    const formats = this.#records.formatsFound();
    if (formats !== undefined) return { kind: 'foreign', formats };
    if (result.kind === 'skipped') return { kind: 'skipped', reason: result.reason };
    const { staged, reasons, quarantined, passedOver, bytesRead, bytesDecompressed, endsBroken } = result.outcome;
    const counts = { rows: staged, quarantined, passedOver, bytesRead, bytesDecompressed };
    return { kind: 'read', ...counts, endsBroken, sha256: digest(), reasons: sortReasons(reasons) };
  }

  async #queueRows(): Promise<void> {
    const { stage } = this.#records;
    const [shapes, taken] = [stage.shapes.take(), stage.rows.take()];
    await this.#queue.add(async () => {
      await this.#insert(shapes, SHAPES_TABLE, ['shape', 'record_keys', 'keys']);
      if (taken !== undefined) await this.#load(taken);
    });
  }

  async #load(taken: TakenRows): Promise<void> {
    const { engine, format, partitionKeys, requireFreeBytes } = this.#request;
    await requireFreeBytes(statSync(taken.path).size);
    const source = stagedSource(taken.path, ['object_number', ...stagedRowColumns(format)], taken.longestRow);
    const loaded = await engine.run(
      insertStoredSql(format, partitionKeys, { source, hasOwnKeys: this.#records.stage.hasOwnKeys }),
    );
    if (Number(loaded) !== taken.rows)
      throw new Error(`${taken.rows} records of ${format.name} were staged, but the engine took ${loaded}`);
    rmSync(taken.path, { force: true });
  }

  async #insert(taken: TakenRows | undefined, table: string, columns: readonly string[]): Promise<void> {
    if (taken === undefined) return;
    const source = stagedSource(taken.path, columns, taken.longestRow);
    await this.#request.engine.run(`INSERT INTO ${table} SELECT * FROM ${source}`);
    rmSync(taken.path, { force: true });
  }

  #newPath(): string {
    return join(this.#request.folder, `stored-${++this.#files}.csv`);
  }
}
