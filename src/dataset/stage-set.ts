import type { ApiCallColumn } from '../formats/api-call-columns.js';
import type { LogFormat } from '../formats/log-format.js';
import { mayHaveEventId, neededFields } from '../formats/projection-sql.js';
import { parseS3AccessLine, S3_ACCESS } from '../formats/s3-access.js';
import type { RecordTarget } from '../records/read-records.js';
import { shapeKeys, type ShapeNode } from '../records/record-shapes.js';
import type { LineFormat } from '../records/split-lines.js';
import { FormatStage, memberOf, type StageCursor } from './format-stage.js';

export interface StageSetOptions {
  /** The columns of `api_calls` that are loaded of records with event ids. */
  readonly columns: readonly ApiCallColumn[];
  /** Those of them that are loaded of records without: the others serve only to tell records with the same id apart. */
  readonly asked: readonly ApiCallColumn[];
  /** Stage whole records, for the views of raw records. */
  readonly raw: boolean;
  readonly newPath: () => string;
}

/** The stages of all formats that a run has met: up to two of each, for records with event ids and for those without. */
export class StageSet {
  readonly cursor: StageCursor = { objectNumber: 0, recordNumber: 0, staged: 0 };
  readonly lineFormats: readonly LineFormat[];
  readonly #options: StageSetOptions;
  readonly #withIds = new Map<LogFormat, FormatStage>();
  readonly #withoutIds = new Map<LogFormat, FormatStage>();

  constructor(options: StageSetOptions) {
    this.#options = options;
    this.lineFormats = [this.#s3AccessLines()];
  }

  get stages(): Iterable<FormatStage> {
    return [...this.#withIds.values(), ...this.#withoutIds.values()];
  }

  /** How many records each stage has met. */
  totals(): ReadonlyMap<FormatStage, number> {
    return new Map([...this.stages].map((stage) => [stage, stage.total]));
  }

  /** Goes back to earlier totals, where what came since then does not count. */
  setTotals(totals: ReadonlyMap<FormatStage, number>): void {
    for (const stage of this.stages) stage.total = totals.get(stage) ?? 0;
  }

  /** What takes records of the format with the keys of `shape`. */
  targetOf(format: LogFormat, shape: ShapeNode): RecordTarget {
    const keys = shapeKeys(shape);
    const withIds = this.#options.raw || mayHaveEventId(format, (field) => memberOf(field, keys, format) >= 0);
    return this.stageOf(format, withIds).planFor(shape);
  }

  /** Where records of the format are staged. */
  stageOf(format: LogFormat, withIds = true): FormatStage {
    const stages = withIds ? this.#withIds : this.#withoutIds;
    let stage = stages.get(format);
    if (stage === undefined) {
      const { raw, newPath, columns, asked } = this.#options;
      const fields = raw ? Object.keys(format.fields) : neededFields(format, withIds ? columns : asked);
      stage = new FormatStage({ format, fields, raw, withIds, newPath, cursor: this.cursor });
      stages.set(format, stage);
    }
    return stage;
  }

  #s3AccessLines(): LineFormat {
    return {
      fits: (line) => parseS3AccessLine(line) !== undefined,
      take: (line) => this.stageOf(S3_ACCESS).addFields(parseS3AccessLine(line) ?? {}),
    };
  }
}
