import { detectFormat } from '../formats/format-catalog.js';
import type { LogFormat } from '../formats/log-format.js';
import { parseS3AccessLine, S3_ACCESS } from '../formats/s3-access.js';
import type { Recognition, RecordTarget } from '../records/read-records.js';
import type { ShapeNode } from '../records/record-shapes.js';
import type { LineFormat } from '../records/split-lines.js';
import type { StageCursor } from './format-stage.js';
import { StoredStage } from './stored-stage.js';
import type { ReadStages } from './read-object.js';

export interface StoredRecordsOptions {
  readonly format: LogFormat;
  readonly userFormats: readonly LogFormat[];
  readonly partitionKeys: readonly string[];
  readonly newPath: () => string;
}

/** Tells the records of one format from all others: those are staged, the others are counted. */
export class StoredRecords implements ReadStages {
  readonly cursor: StageCursor = { objectNumber: 0, recordNumber: 0, staged: 0 };
  readonly lineFormats: readonly LineFormat[];
  readonly stage: StoredStage;
  readonly #format: LogFormat;
  readonly #userFormats: readonly LogFormat[];
  /** Records of other formats in the object that is being read. */
  readonly #others = new Map<string, number>();

  constructor({ format, userFormats, partitionKeys, newPath }: StoredRecordsOptions) {
    this.#format = format;
    this.#userFormats = userFormats;
    this.stage = new StoredStage({ format, partitionKeys, newPath, cursor: this.cursor });
    this.lineFormats = [this.#s3AccessLines()];
  }

  /** Says that the records of another object follow. */
  begin(objectNumber: number): void {
    this.cursor.objectNumber = objectNumber;
    this.#others.clear();
  }

  recognise(keys: readonly string[], shape: ShapeNode): Recognition {
    const detection = detectFormat(keys, this.#userFormats);
    if (detection.kind !== 'format') return detection;
    const isOwn = detection.format.name === this.#format.name;
    return { kind: 'target', target: isOwn ? this.stage.planFor(shape) : this.#counter(detection.format) };
  }

  /** How many records of each format the object has, where it has any of another; else undefined. */
  formatsFound(): Readonly<Record<string, number>> | undefined {
    if (this.#others.size === 0) return undefined;
    const others = [...this.#others.values()].reduce((sum, count) => sum + count, 0);
    const own = this.cursor.staged - others;
    return Object.fromEntries([...(own > 0 ? [[this.#format.name, own] as const] : []), ...this.#others]);
  }

  #counter({ name, takesDashes }: LogFormat): RecordTarget {
    return { takesDashes: takesDashes === true, record: () => this.#count(name) };
  }

  #count(name: string): void {
    this.cursor.staged++;
    this.#others.set(name, (this.#others.get(name) ?? 0) + 1);
  }

  #s3AccessLines(): LineFormat {
    return {
      fits: (line) => parseS3AccessLine(line) !== undefined,
      take: (line) => {
        if (this.#format.name !== S3_ACCESS.name) this.#count(S3_ACCESS.name);
        else this.stage.addFields(parseS3AccessLine(line) ?? {});
      },
    };
  }
}
