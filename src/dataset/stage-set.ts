import type { ApiCallColumn } from '../formats/api-call-columns.js';
import type { LogFormat } from '../formats/log-format.js';
import { neededFields } from '../formats/projection-sql.js';
import { parseS3AccessLine, S3_ACCESS } from '../formats/s3-access.js';
import type { LineFormat } from '../records/split-lines.js';
import { FormatStage, type StageCursor } from './format-stage.js';

export interface StageSetOptions {
  /** The columns of `api_calls` that are asked for. */
  readonly columns: readonly ApiCallColumn[];
  /** Stage whole records, for the views of raw records. */
  readonly raw: boolean;
  readonly newPath: () => string;
}

/** The stages of all formats that a run has met. */
export class StageSet {
  readonly cursor: StageCursor = { objectNumber: 0, recordNumber: 0, staged: 0 };
  readonly lineFormats: readonly LineFormat[];
  readonly #options: StageSetOptions;
  readonly #stages = new Map<LogFormat, FormatStage>();

  constructor(options: StageSetOptions) {
    this.#options = options;
    this.lineFormats = [this.#s3AccessLines()];
  }

  get stages(): Iterable<FormatStage> {
    return this.#stages.values();
  }

  /** How many records each stage has met. */
  totals(): ReadonlyMap<FormatStage, number> {
    return new Map([...this.stages].map((stage) => [stage, stage.total]));
  }

  /** Goes back to earlier totals, where what came since then does not count. */
  setTotals(totals: ReadonlyMap<FormatStage, number>): void {
    for (const stage of this.stages) stage.total = totals.get(stage) ?? 0;
  }

  stageOf(format: LogFormat): FormatStage {
    let stage = this.#stages.get(format);
    if (stage === undefined) {
      const { raw, newPath, columns } = this.#options;
      const fields = raw ? Object.keys(format.fields) : neededFields(format, columns);
      stage = new FormatStage({ format, fields, raw, newPath, cursor: this.cursor });
      this.#stages.set(format, stage);
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
