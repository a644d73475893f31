import type { LogFormat } from '../formats/log-format.js';
import { storedFields, type StoredField } from '../formats/stored-fields.js';
import { KEY_SEPARATOR } from '../formats/stored-row-sql.js';
import type { JsonScanner } from '../records/json-scanner.js';
import type { RowColumn, RowPlan, RowSink, WrittenRows } from '../records/record-kernel.js';
import type { RecordTarget } from '../records/read-records.js';
import { shapeKeys, type ShapeNode } from '../records/record-shapes.js';
import type { ByteSpan } from '../records/value-sink.js';
import { KIND } from '../records/value-scanner.js';
import { memberOf, type StageCursor } from './format-stage.js';
import { addJson, addMember, hasLoneSurrogate, keyAndValue, textOf, valueText } from './stage-member.js';
import { StagedRows } from './staged-rows.js';

export interface StoredStageOptions {
  readonly format: LogFormat;
  readonly partitionKeys: readonly string[];
  readonly newPath: () => string;
  /** Tells where the record comes from, for each row. */
  readonly cursor: StageCursor;
}

/** Where the members of one key sequence go. */
interface StoredMembers {
  readonly shape: number;
  /** For each field the member that fills it, or -1. */
  readonly sources: readonly number[];
  /** The members that no column can hold: unknown keys, and earlier values of doubled ones. */
  readonly rest: readonly number[];
}

/** The keys of records of a format with one field, the whole record. */
const WHOLE_RECORD = ['record'];

/** Collects the rows of one format that are to be stored, and the shapes that they are of. */
export class StoredStage implements RowSink {
  readonly rows: StagedRows;
  /** `shape`, `record_keys`, and the record's own keys of the fields. */
  readonly shapes: StagedRows;
  /** Whether some record has a field under another key than the field's name. */
  hasOwnKeys = false;
  readonly #format: LogFormat;
  readonly #fields: readonly StoredField[];
  readonly #cursor: StageCursor;
  readonly #shapesOfLines = new Map<string, number>();
  #lastShape = 0;

  constructor({ format, partitionKeys, newPath, cursor }: StoredStageOptions) {
    this.#format = format;
    this.#fields = storedFields(format, partitionKeys);
    this.#cursor = cursor;
    this.rows = new StagedRows(newPath);
    this.shapes = new StagedRows(newPath);
  }

  /** What takes records with the keys of `shape`. */
  planFor(shape: ShapeNode): RecordTarget {
    if (this.#format.wholeRecord === true) return this.#wholeTarget();
    const keys = shapeKeys(shape);
    const sources = this.#fields.map(({ name }) => memberOf(name, keys, this.#format));
    const rest = keys.map((_, i) => i).filter((i) => !sources.includes(i));
    const members = { shape: this.#addShape(keys, sources), sources, rest };
    return {
      takesDashes: this.#format.takesDashes === true,
      rows: this.#rowPlan(members),
      record: (scanner, span) => this.#record(members, scanner, span),
    };
  }

  /** Stages a record that was split into fields already. */
  addFields(record: Readonly<Record<string, string | null>>): void {
    const keys = Object.keys(record);
    this.#begin(this.#shapeOfLine(keys));
    const marks = this.#fields.map(({ name, mark, wants }) => {
      const value = Object.hasOwn(record, name) ? record[name] : undefined;
      if (value === undefined || value === null) this.rows.addNull();
      else this.rows.addText(value);
      return wants === 'other' && value !== undefined && value !== null ? mark : '';
    });
    const names = new Set(this.#fields.map(({ name }) => name));
    const rest = keys.filter((key) => !names.has(key));
    this.#end(
      rest.map((key) => `${JSON.stringify(key)}:${JSON.stringify(record[key])}`),
      marks.join(''),
    );
  }

  /** Takes rows that the kernel wrote. */
  addRows(bytes: Uint8Array, about: WrittenRows): void {
    this.#cursor.staged += about.count;
    this.rows.addRows(bytes, about);
  }

  #rowPlan({ shape, sources, rest }: StoredMembers): RowPlan {
    const members = this.#fields.map(({ type, wants, mark }, i): RowColumn => {
      const column = { source: sources[i]!, isJson: type === 'json' };
      return wants === undefined ? column : { ...column, marked: { unless: wants, mark } };
    });
    return { sink: this, columns: [{ text: String(shape) }, ...members, { rest }, { marks: true }] };
  }

  #record({ shape, sources, rest }: StoredMembers, scanner: JsonScanner, { bytes }: ByteSpan): void {
    this.#begin(shape);
    const kept = rest.map((member) => keyAndValue(scanner, bytes, member));
    let marks = '';
    for (const [i, field] of this.#fields.entries()) {
      const member = sources[i]!;
      if (member < 0) this.rows.addNull();
      else if (scanner.oddEscape && hasLoneSurrogate(valueText(scanner, bytes, member))) {
        kept.push(keyAndValue(scanner, bytes, member));
        marks += this.#addOdd(field, scanner, { bytes, member });
      } else {
        addMember(this.rows, scanner, { bytes, member, isJson: field.type === 'json' });
        marks += isOtherKind(field, scanner.kind[member]!) ? field.mark : '';
      }
    }
    this.#end(kept, marks);
  }

  /** A text with half a surrogate pair is among the rest as it is; engines get the text that they can take. */
  #addOdd(
    { type, hasColumn, keptMark }: StoredField,
    scanner: JsonScanner,
    { bytes, member }: { readonly bytes: Uint8Array; readonly member: number },
  ): string {
    if (hasColumn && (type === 'text' || type === 'json')) {
      addMember(this.rows, scanner, { bytes, member, isJson: type === 'json' });
      return '';
    }
    this.rows.addNull();
    return keptMark;
  }

  #wholeTarget(): RecordTarget {
    const shape = this.#addShape(WHOLE_RECORD, [0]);
    return {
      takesDashes: false,
      record: (scanner, { bytes, start, end }) => {
        this.#begin(shape);
        const text = textOf(bytes, start, end);
        const isOdd = scanner.oddEscape && hasLoneSurrogate(text);
        addJson(this.rows, scanner, { bytes, start, end });
        this.#end(isOdd ? [`"record":${text}`] : [], '');
      },
    };
  }

  #begin(shape: number): void {
    this.rows.addInteger(this.#cursor.objectNumber);
    this.rows.addInteger(shape);
    this.#cursor.staged++;
  }

  #end(kept: readonly string[], marks: string): void {
    if (kept.length === 0) this.rows.addNull();
    else this.rows.addText(kept.join(','));
    if (marks === '') this.rows.addNull();
    else this.rows.addText(marks);
    this.rows.endRow();
  }

  #shapeOfLine(keys: readonly string[]): number {
    const joined = keys.join(KEY_SEPARATOR);
    let shape = this.#shapesOfLines.get(joined);
    if (shape === undefined) {
      shape = this.#addShape(
        keys,
        this.#fields.map(({ name }) => keys.indexOf(name)),
      );
      this.#shapesOfLines.set(joined, shape);
    }
    return shape;
  }

  #addShape(keys: readonly string[], sources: readonly number[]): number {
    const shape = ++this.#lastShape;
    const own = sources.map((source) => keys[source]);
    const isAsNamed = own.every((key, i) => key === undefined || key === this.#fields[i]!.name);
    this.shapes.addInteger(shape);
    this.shapes.addText(JSON.stringify(keys));
    this.hasOwnKeys ||= !isAsNamed;
    if (isAsNamed) this.shapes.addNull();
    else this.shapes.addText(own.map((key = '') => `${JSON.stringify(key)}:`).join(KEY_SEPARATOR));
    this.shapes.endRow();
    return shape;
  }
}

function isOtherKind({ wants }: StoredField, kind: number): boolean {
  if (wants === undefined || kind === KIND.null || kind === KIND.dash) return false;
  return wants !== (kind === KIND.string || kind === KIND.escaped ? 'text' : 'other');
}
