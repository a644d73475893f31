import { rmSync, statSync } from 'node:fs';
import type { Engine } from '../engines/engine.js';
import type { FormatStage } from './format-stage.js';
import {
  DROPPED_TABLE,
  insertCallsSql,
  insertDroppedSql,
  insertRawSql,
  createRawSql,
  stagedSource,
  type LoadShape,
} from './load-sql.js';
import { SerialQueue } from './serial-queue.js';
import type { TakenRows } from './staged-rows.js';

export interface LoadQueueOptions {
  readonly engine: Engine;
  readonly shape: LoadShape;
  /** Throws when the temporary folder has not that many bytes left. */
  readonly requireFreeBytes: (bytes: number) => Promise<void>;
}

/** Hands staged rows to the engine, one load after the other, while reading goes on. */
export class LoadQueue {
  readonly #options: LoadQueueOptions;
  readonly #queue = new SerialQueue();

  constructor(options: LoadQueueOptions) {
    this.#options = options;
  }

  /** Queues the rows that a stage holds. Waits while too many loads are waiting. */
  async addStage(stage: FormatStage): Promise<void> {
    const taken = stage.rows.take();
    if (taken === undefined) return;
    await this.#queue.add(async () => {
      await this.#options.requireFreeBytes(statSync(taken.path).size);
      await this.#loadStaged(stage, taken);
      rmSync(taken.path, { force: true });
    });
  }

  /** Waits until everything is loaded. */
  async drain(): Promise<void> {
    await this.#queue.drain();
  }

  async #loadStaged(stage: FormatStage, { path, rows, longestRow }: TakenRows): Promise<void> {
    const { engine, shape } = this.#options;
    const { name, rows: expands } = stage.format;
    const source = stagedSource(path, stagedColumns(stage), longestRow);
    const columns = stage.withIds ? shape.columns : shape.asked;
    const loaded = await engine.run(insertCallsSql(stage.format, { ...shape, columns }, source));
    const dropped = insertDroppedSql(stage.format, source);
    const left = dropped === undefined ? 0n : await engine.run(dropped);
    const taken = Number(loaded + left);
    if (expands === undefined ? taken !== rows : taken < rows) {
      throw new Error(`${rows} records of ${name} were staged, but the engine took ${taken}`);
    }
    if (shape.raw)
      for (const sql of [createRawSql(stage.format), insertRawSql(stage.format, shape, source)]) await engine.run(sql);
  }
}

/** `CREATE TABLE` for the records that are no calls. */
export const CREATE_DROPPED_SQL = `CREATE OR REPLACE TABLE ${DROPPED_TABLE} (object_number INTEGER, reason VARCHAR)`;

function stagedColumns({ fields, raw }: FormatStage): string[] {
  return raw ? ['object_number', 'record_number', ...fields, 'extra'] : ['object_number', ...fields];
}
