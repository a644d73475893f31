import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../engines/engine.js';
import { detectFormat, LOG_FORMATS } from '../formats/format-catalog.js';
import type { LogFormat } from '../formats/log-format.js';
import type { UnpackLimits } from '../records/decode-body.js';
import { RecordKernel } from '../records/record-kernel.js';
import type { Recognition } from '../records/read-records.js';
import { ShapeTree, type ShapeNode } from '../records/record-shapes.js';
import { announceObjects } from './announce-objects.js';
import type { CallsInPlace } from './calls-in-place.js';
import { OBJECT_KEYS_TABLE } from './calls-view.js';
import { LoadSize } from './load-size.js';
import type { InPlace } from './load-parquet.js';
import { LoneDocuments } from './lone-documents.js';
import { CREATE_DROPPED_SQL, LoadQueue } from './load-queue.js';
import {
  createLoadedSql,
  deleteObjectsSql,
  DROPPED_TABLE,
  LOADED_TABLE,
  rawTableName,
  stagedSource,
  type LoadShape,
} from './load-sql.js';
import { ParquetQueue, type ParquetOutcome } from './parquet-queue.js';
import type { PlannedObject, ScanPlan } from './plan-scan.js';
import type { Quarantine } from './quarantine.js';
import { ReadAhead } from './read-ahead.js';
import { ReadingPace, type ScanProgress } from './reading-pace.js';
import { readObject, type ReadContext, type ReadResult } from './read-object.js';
import { StageSet } from './stage-set.js';
import { StagedRows } from './staged-rows.js';
import type { ObjectRange } from './stored-rows-sql.js';
import { newOutcome, Tally, type ObjectOutcome } from './tally.js';

export interface LoadRequest {
  readonly plan: ScanPlan;
  readonly engine: Engine;
  /** The run's own folder. */
  readonly folder: string;
  readonly shape: LoadShape;
  readonly userFormats: readonly LogFormat[];
  readonly quarantine: Quarantine;
  readonly inPlace: InPlace;
  readonly limits?: UnpackLimits;
  readonly onProgress: (progress: ScanProgress) => void;
  readonly requireFreeBytes: (bytes: number) => Promise<void>;
}

export interface FormatCount {
  readonly format: LogFormat;
  readonly records: number;
}

export interface LoadedObjects {
  readonly tally: Tally;
  readonly formats: readonly FormatCount[];
  /** The keys of the first record of no known format. */
  readonly unknownKeys: readonly string[] | undefined;
  /** The calls that are not in the table. */
  readonly inPlace: readonly CallsInPlace[];
  /** The store did not give the bytes of some object: it may be gone, or another one, since it was listed. */
  readonly hasUnread: boolean;
  /** A merged file did not have the rows of the objects that it stood for. */
  readonly hasStale: boolean;
}

/** Reads all planned objects into the table of loaded calls and counts what became of each. */
export async function loadObjects(request: LoadRequest): Promise<LoadedObjects> {
  const { objects } = request.plan;
  const ahead = new ReadAhead(objects, { limits: request.limits, hashes: false });
  try {
    const loader = new ObjectLoader(request, ahead);
    await loader.prepare();
    announceObjects(objects);
    for (const [index, planned] of objects.entries()) await loader.add(planned, index + 1);
    return await loader.finish();
  } finally {
    ahead.close();
  }
}

class ObjectLoader {
  readonly #request: LoadRequest;
  readonly #ahead: ReadAhead;
  readonly #tally = new Tally();
  readonly #stages: StageSet;
  readonly #queue: LoadQueue;
  readonly #context: ReadContext;
  readonly #failed: number[] = [];
  readonly #failedRanges: ObjectRange[] = [];
  readonly #documents = new LoneDocuments();
  readonly #inPlace = new Set<CallsInPlace>();
  #parquet: ParquetQueue | undefined;
  #files = 0;
  #unknownKeys: readonly string[] | undefined;
  #hasUnread = false;
  #hasStale = false;
  /** The objects that are read have the numbers below; those of merged files follow. */
  #nextNumber: number;
  readonly #pace: ReadingPace;
  readonly #loadSize = new LoadSize();

  constructor(request: LoadRequest, ahead: ReadAhead) {
    this.#request = request;
    this.#ahead = ahead;
    this.#nextNumber = request.plan.objects.length + 1;
    this.#pace = new ReadingPace(request.plan, request.onProgress);
    const { shape, engine, requireFreeBytes } = request;
    this.#stages = new StageSet({ ...shape, newPath: () => this.#newPath() });
    this.#queue = new LoadQueue({ engine, shape, requireFreeBytes });
    this.#context = {
      shapes: new ShapeTree(),
      kernel: new RecordKernel(),
      stages: this.#stages,
      quarantine: request.quarantine,
      ...(request.limits === undefined ? {} : { limits: request.limits }),
      recognise: (keys, node) => this.#recognise(keys, node),
      sawUnknown: (keys) => (this.#unknownKeys ??= keys),
    };
  }

  async prepare(): Promise<void> {
    const { engine, shape, plan } = this.#request;
    await engine.run(createLoadedSql(shape));
    await engine.run(CREATE_DROPPED_SQL);
    if (shape.raw)
      for (const format of [...this.#request.userFormats, ...LOG_FORMATS])
        await engine.run(`DROP TABLE IF EXISTS ${rawTableName(format)}`);
    await this.#loadKeys();
    for (const { key, reason } of plan.skipped) this.#tally.objectSkipped(key, reason);
    for (const { key, reason } of plan.failed) this.#tally.objectFailed(key, reason);
  }

  async add(planned: PlannedObject, number: number): Promise<void> {
    await this.#read(planned, number);
    await this.#pace.done(planned.object);
  }

  async finish(): Promise<LoadedObjects> {
    for (const stage of this.#stages.stages) await this.#queue.addStage(stage);
    await this.#queue.drain();
    for (const outcome of (await this.#parquet?.flush()) ?? []) this.#countParquet(outcome);
    await this.#takeBack();
    this.#documents.settle(this.#tally);
    await this.#countRows();
    return {
      tally: this.#tally,
      formats: this.#formats(),
      unknownKeys: this.#unknownKeys,
      inPlace: [...this.#inPlace],
      hasUnread: this.#hasUnread,
      hasStale: this.#hasStale,
    };
  }

  #recognise(keys: readonly string[], node: ShapeNode): Recognition {
    const detection = detectFormat(keys, this.#request.userFormats);
    if (detection.kind !== 'format') return detection;
    return { kind: 'target', target: this.#stages.targetOf(detection.format, node) };
  }

  async #read(planned: PlannedObject, number: number): Promise<void> {
    const { key } = planned.object;
    this.#stages.cursor.objectNumber = number;
    this.#context.kernel.setFirstColumn(String(number));
    if (planned.standsFor !== undefined) return this.#readParquet(planned, number);
    const totals = this.#stages.totals();
    const ready = await this.#ahead.take(planned.object);
    const result = await readObject({ ...planned, ready }, this.#context);
    if (result.kind === 'read') this.#tally.objectRead(result.outcome);
    else if (result.kind === 'parquet') await this.#readParquet(planned, number);
    else this.#leaveOut(key, number, result);
    if (result.kind === 'failed') this.#stages.setTotals(totals);
    for (const stage of this.#stages.stages) {
      if (this.#loadSize.isReached(stage.rows)) await this.#queue.addStage(stage);
    }
  }

  #leaveOut(key: string, number: number, result: Exclude<ReadResult, { kind: 'read' | 'parquet' }>): void {
    if (result.kind === 'failed') this.#hasUnread ||= result.isUnread === true;
    if (result.kind === 'failed') this.#tally.objectFailed(key, result.reason);
    else if (result.keys === undefined) this.#tally.objectSkipped(key, result.reason);
    else this.#documents.add(key, result.keys);
    if (this.#stages.cursor.staged > 0) this.#failed.push(number);
  }

  async #readParquet(planned: PlannedObject, number: number): Promise<void> {
    this.#parquet ??= new ParquetQueue({
      ...this.#request,
      stages: this.#stages,
      folder: join(this.#request.folder, 'parquet'),
      takeNumbers: (count) => (this.#nextNumber += count) - count,
      drain: () => this.#queue.drain(),
    });
    for (const outcome of await this.#parquet.add(planned, number)) this.#countParquet(outcome);
  }

  #countParquet({ object, number, result, taken, standsFor }: ParquetOutcome): void {
    if (result.kind === 'loaded' && result.inPlace !== undefined) this.#inPlace.add(result.inPlace);
    if (standsFor !== undefined && result.kind === 'loaded') {
      result.stage.total += result.records;
      // It is not what it was: the objects themselves are to be read.
      this.#hasStale ||= result.records !== standsFor.rows;
      this.#tally.objectsCached(standsFor.objects, { bytesRead: result.bytes, staged: result.records });
    } else if (result.kind === 'failed') {
      this.#failed.push(number);
      this.#failedRanges.push(...taken);
      this.#hasUnread ||= result.isUnread === true;
      this.#hasStale ||= standsFor !== undefined;
      this.#tally.objectFailed(object.key, result.reason);
    } else if (result.kind === 'unknown') {
      this.#hasStale ||= standsFor !== undefined;
      this.#unknownKeys ??= result.columns;
      this.#tally.objectFailed(
        object.key,
        `a Parquet file of an unknown format (columns: ${result.columns.slice(0, 6).join(', ')})`,
      );
    } else {
      result.stage.total += result.records;
      this.#tally.objectRead(wholeOutcome(object.key, result.bytes, result.records));
    }
  }

  /** Removes what was loaded of objects that failed. */
  async #takeBack(): Promise<void> {
    if (this.#failed.length === 0) return;
    for (const sql of deleteObjectsSql(this.#failed, this.#failedRanges)) await this.#request.engine.run(sql);
  }

  /** What the engine holds is counted by the engine, not by us, so that a lost row shows. */
  async #countRows(): Promise<void> {
    const { engine } = this.#request;
    const [loaded] = await engine.rows(`SELECT count(*) FROM ${LOADED_TABLE}`);
    const dropped = await engine.rows(`SELECT reason, count(*) FROM ${DROPPED_TABLE} GROUP BY reason ORDER BY reason`);
    const droppedCount = dropped.reduce((sum, [, count]) => sum + Number(count), 0);
    const staying = [...this.#inPlace].reduce((sum, { count }) => sum + count, 0);
    const expanded = Number(loaded?.[0]) + staying + droppedCount - this.#tally.staged;
    const mayExpand = [...this.#stages.stages].some(({ format }) => format.rows !== undefined);
    if (expanded < 0 || (expanded > 0 && !mayExpand)) {
      throw new Error(`${this.#tally.staged} records were read, but the engine has ${expanded} more`);
    }
    this.#tally.expanded(expanded);
    for (const [reason, count] of dropped) this.#tally.filtered(Number(count), String(reason));
  }

  #formats(): FormatCount[] {
    const records = new Map<LogFormat, number>();
    for (const { format, total } of this.#stages.stages) records.set(format, (records.get(format) ?? 0) + total);
    return [...records].map(([format, total]) => ({ format, records: total })).sort((a, b) => b.records - a.records);
  }

  async #loadKeys(): Promise<void> {
    const { engine, plan, shape } = this.#request;
    await engine.run(`CREATE OR REPLACE TABLE ${OBJECT_KEYS_TABLE} (number INTEGER, key VARCHAR)`);
    if (!shape.columns.includes('object_key')) return;
    const rows = new StagedRows(() => this.#newPath());
    for (const [index, { object }] of plan.objects.entries()) {
      rows.addInteger(index + 1);
      rows.addText(object.key);
      rows.endRow();
    }
    const taken = rows.take();
    if (taken === undefined) return;
    const source = stagedSource(taken.path, ['object_number', 'key'], taken.longestRow);
    await engine.run(`INSERT INTO ${OBJECT_KEYS_TABLE} SELECT * FROM ${source}`);
    rmSync(taken.path, { force: true });
  }

  #newPath(): string {
    return join(this.#request.folder, `rows-${++this.#files}.csv`);
  }
}

function wholeOutcome(key: string, bytes: number, records: number): ObjectOutcome {
  return { ...newOutcome(key), bytesRead: bytes, bytesDecompressed: bytes, staged: records };
}
