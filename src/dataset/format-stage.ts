import type { FieldType, LogFormat } from '../formats/log-format.js';
import type { JsonScanner } from '../records/json-scanner.js';
import { replaceLoneSurrogates } from '../records/json-string.js';
import type { RecordTarget } from '../records/read-records.js';
import type { RowPlan, RowSink, WrittenRows } from '../records/record-kernel.js';
import { shapeKeys, type ShapeNode } from '../records/record-shapes.js';
import type { ByteSpan } from '../records/value-sink.js';
import { addJson, addMember, keyAndValue } from './stage-member.js';
import { StagedRows } from './staged-rows.js';

export interface FormatStageOptions {
  readonly format: LogFormat;
  /** The fields to stage, in their order. */
  readonly fields: readonly string[];
  /** Stage the record's number and the unknown keys, too, for the view of raw records. */
  readonly raw: boolean;
  /** Whether its records may have event ids. */
  readonly withIds: boolean;
  readonly newPath: () => string;
  /** Tells where the record comes from, for each row. */
  readonly cursor: StageCursor;
}

/** Where the reading stands; shared by all stages of a run. */
export interface StageCursor {
  objectNumber: number;
  recordNumber: number;
  /** Records staged from the object that is being read. */
  staged: number;
}

/** Where the members of one key sequence go. */
interface Members {
  /** For each staged field the member that fills it, or -1. */
  readonly sources: readonly number[];
  /** The members that are no field. */
  readonly extras: readonly number[];
}

/** Collects the staged rows of one format. */
export class FormatStage implements RowSink {
  readonly format: LogFormat;
  readonly fields: readonly string[];
  readonly types: readonly FieldType[];
  readonly raw: boolean;
  readonly withIds: boolean;
  readonly rows: StagedRows;
  /** Records that were staged, or that the engine read from Parquet. */
  total = 0;
  readonly #cursor: StageCursor;

  constructor(options: FormatStageOptions) {
    this.format = options.format;
    this.fields = options.fields;
    this.raw = options.raw;
    this.withIds = options.withIds;
    this.rows = new StagedRows(options.newPath);
    this.#cursor = options.cursor;
    this.types = options.fields.map((field) => options.format.fields[field] ?? 'text');
  }

  /** What takes records with the keys of `shape`. */
  planFor(shape: ShapeNode): RecordTarget {
    const keys = shapeKeys(shape);
    const whole = this.format.wholeRecord === true;
    const sources = this.fields.map((field) => memberOf(field, keys, this.format));
    const members = { sources, extras: this.raw && !whole ? this.#extrasOf(keys, sources) : [] };
    return {
      takesDashes: this.format.takesDashes === true,
      ...(this.raw || whole ? {} : { rows: this.#rowPlan(sources) }),
      record: (scanner, span) => this.#record(members, scanner, span),
    };
  }

  #rowPlan(sources: readonly number[]): RowPlan {
    const columns = sources.map((source, i) => ({ source, isJson: this.types[i] === 'json' }));
    return { sink: this, columns };
  }

  /** Stages a record that was split into fields already. */
  addFields(record: Readonly<Record<string, string | null>>): void {
    this.#begin();
    for (const field of this.fields) {
      const value = Object.hasOwn(record, field) ? record[field] : undefined;
      if (value === undefined || value === null) this.rows.addNull();
      else this.rows.addText(value);
    }
    if (this.raw) this.#addRest(record);
    this.rows.endRow();
  }

  /** Takes rows that the kernel wrote. */
  addRows(bytes: Uint8Array, about: WrittenRows): void {
    this.#cursor.staged += about.count;
    this.total += about.count;
    this.rows.addRows(bytes, about);
  }

  #addRest(record: Readonly<Record<string, string | null>>): void {
    const rest = Object.entries(record).filter(([name]) => !this.fields.includes(name));
    if (rest.length === 0) this.rows.addNull();
    else this.rows.addText(JSON.stringify(Object.fromEntries(rest)));
  }

  #begin(): void {
    const cursor = this.#cursor;
    this.rows.addInteger(cursor.objectNumber);
    if (this.raw) this.rows.addInteger(cursor.recordNumber++);
    cursor.staged++;
    this.total++;
  }

  #record({ sources, extras }: Members, scanner: JsonScanner, span: ByteSpan): void {
    this.#begin();
    if (this.format.wholeRecord === true) {
      addJson(this.rows, scanner, span);
    } else {
      for (let i = 0; i < sources.length; i++) {
        if (sources[i]! < 0) this.rows.addNull();
        else
          addMember(this.rows, scanner, {
            bytes: span.bytes,
            member: sources[i]!,
            isJson: this.types[i] === 'json',
          });
      }
    }
    if (this.raw) this.#addExtras(extras, scanner, span.bytes);
    this.rows.endRow();
  }

  #extrasOf(keys: readonly string[], sources: readonly number[]): number[] {
    return keys.map((_, i) => i).filter((i) => !sources.includes(i));
  }

  /** Keys that are no field, and second values of doubled keys, verbatim as one JSON object. */
  #addExtras(extras: readonly number[], scanner: JsonScanner, bytes: Uint8Array): void {
    if (extras.length === 0) {
      this.rows.addNull();
      return;
    }
    const members = extras.map((i) => keyAndValue(scanner, bytes, i));
    this.rows.addText(replaceLoneSurrogates(`{${members.join(',')}}`));
  }
}

/**
 * The place of the key that gives a field, or -1. The last of doubled keys counts, as in JSON.parse; a field's own name counts
 * before its aliases.
 */
export function memberOf(field: string, keys: readonly string[], { aliases = {} }: LogFormat): number {
  const own = keys.lastIndexOf(field);
  if (own >= 0) return own;
  return keys.findLastIndex((key) => Object.hasOwn(aliases, key) && aliases[key] === field);
}
