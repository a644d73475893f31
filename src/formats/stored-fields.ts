import type { FieldSpelling, FieldType, LogFormat } from './log-format.js';

/** A field of a format on its way into a merged file. */
export interface StoredField {
  readonly name: string;
  readonly type: FieldType;
  readonly spelling: FieldSpelling | undefined;
  /** What its column stands for in JSON: a string, or anything else; undefined where the column has the JSON text itself. */
  readonly wants: 'text' | 'other' | undefined;
  /** False where a partition has its name. */
  readonly hasColumn: boolean;
  /** Says of a row that the field's value is of the other kind than its column stands for. */
  readonly mark: string;
  /** Says of a row that the field's value is among its rest already, and not in its column. */
  readonly keptMark: string;
}

/** Beginnings of ranges of characters that mean nothing in CSV, SQL or JSON. */
const FIRST_MARK = 0x30;
const FIRST_KEPT_MARK = 0xc0;

/** The fields of a format, in its order. */
export function storedFields(format: LogFormat, partitionKeys: readonly string[]): readonly StoredField[] {
  const taken = new Set(partitionKeys.map((key) => key.toLowerCase()));
  return Object.entries(format.fields).map(([name, type], i) => {
    const spelling = format.spellings?.[name];
    return {
      name,
      type,
      spelling,
      wants: wantedKind(type, spelling),
      hasColumn: !taken.has(name.toLowerCase()),
      mark: String.fromCharCode(FIRST_MARK + i),
      keptMark: String.fromCharCode(FIRST_KEPT_MARK + i),
    };
  });
}

function wantedKind(type: FieldType, spelling: FieldSpelling | undefined): StoredField['wants'] {
  if (type === 'json') return undefined;
  if (type === 'text' || spelling === 'quoted') return 'text';
  return type === 'timestamp' && spelling !== 'milliseconds' ? 'text' : 'other';
}
