import type { ProjectedColumn } from './api-call-columns.js';

/**
 * How a top-level field of a record is typed. `text`: a JSON string arrives unescaped, anything else as its JSON text.
 * `json`: always the JSON text, verbatim, strings with their quotes. The rest arrives as text and is cast in SQL; a value
 * that does not fit its type is NULL in its column and stays in `extra`.
 */
export type FieldType = 'text' | 'integer' | 'double' | 'boolean' | 'timestamp' | 'json';

/**
 * How the writers of a format spell a value, where its type has several spellings: `quoted` is a number in a JSON string;
 * `local` is a time without `Z` (`2026-10-01T06:15:00`), which is in UTC all the same; `milliseconds` are a JSON number;
 * `web-server` is `01/Oct/2026:06:15:00 +0000`.
 */
export type FieldSpelling = 'quoted' | 'local' | 'milliseconds' | 'web-server';

/** A set of top-level keys that gives a format away. */
export interface KeySignature {
  /** All of these are present. */
  readonly all: readonly string[];
  /** At least one of these is present, where given. */
  readonly any?: readonly string[];
  /** None of these is present. */
  readonly none?: readonly string[];
  /** Nothing but these is present, where given: for records with so few fields that any other JSON would fit. */
  readonly only?: readonly string[];
}

/**
 * What a record of one kind means. A format is data: nothing outside `formats/` knows a format by name.
 */
export interface LogFormat {
  /** `cloudtrail`: the end of the view `raw_<format>` (with `_` for `-`), and the column `log_format` where there is no `label`. */
  readonly name: string;
  /** The value of the column `log_format`, where several record kinds are one format to people: `api-call`. */
  readonly label?: string;
  /** One line for people. */
  readonly summary: string;
  /** A record belongs to the format when one of these fits. The first format that fits, in the catalog's order, takes it. */
  readonly signatures: readonly KeySignature[];
  /** The known top-level fields with their types, in the order of the columns of `raw_<format>`. */
  readonly fields: Readonly<Record<string, FieldType>>;
  /**
   * How most writers spell a field, where that is not a number without quotes, or a time as `2026-10-01T06:15:00Z`. Any other
   * spelling is read just as well, but costs room in merged files.
   */
  readonly spellings?: Readonly<Record<string, FieldSpelling>>;
  /** The format has one field, `record`: the JSON text of the whole record. No key of the record is looked at or staged. */
  readonly wholeRecord?: true;
  /**
   * Fields that are the same field under another name: `request_id` → `requestId`. The canonical name is one of `fields`;
   * where both are present the canonical one counts.
   */
  readonly aliases?: Readonly<Record<string, string>>;
  /**
   * Each `api_calls` column as a SQL expression over the fields, each of which is a VARCHAR column in double quotes
   * (`"eventTime"`), NULL where the record has none or JSON null. A column that is left out is NULL, except `calls`, which is 1.
   * An expression gives VARCHAR, or the column's own type; text is cast with TRY_CAST afterwards.
   */
  readonly columns: Readonly<Partial<Record<ProjectedColumn, string>>>;
  /** A bare `-` in place of a value is absent, as templates of API Gateway write it; everywhere else it is not JSON. */
  readonly takesDashes?: true;
  /**
   * For records that give several rows: a SQL table expression over the fields, joined laterally (`FROM staged, <rows>`).
   * `columns` may use its columns, `drop` may not. Every record that is not dropped gives at least one row.
   */
  readonly rows?: string;
  /** SQL over the fields that is true for a record that is no call of the user's; such a record is filtered, with `reason`. */
  readonly drop?: { readonly when: string; readonly reason: string };
}

/** A kind of JSON document that lies beside logs and is none: skipped as an object, with the reason. */
export interface Decoy {
  readonly reason: string;
  readonly signatures: readonly KeySignature[];
}
