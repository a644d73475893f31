import { API_CALL_COLUMNS } from './api-call-columns.js';
import type { ApiCallColumn, ProjectedColumn } from './api-call-columns.js';
import type { LogFormat } from './log-format.js';
import { doubleSql, integerSql } from './number-sql.js';
import { copiedField } from './present-sql.js';
import { timestampSql } from './timestamp-sql.js';

const CASTS: Readonly<Record<(typeof API_CALL_COLUMNS)[ProjectedColumn], (text: string) => string>> = {
  VARCHAR: (text) => text,
  TIMESTAMP: timestampSql,
  INTEGER: (text) => `TRY_CAST(${integerSql(text)} AS INTEGER)`,
  BIGINT: integerSql,
  DOUBLE: doubleSql,
};

/** A record that claims to stand for more calls than this, or for less than one, counts as one: sums must neither overflow nor shrink. */
const MOST_CALLS = 1_000_000_000_000;

export interface ProjectionOptions {
  readonly columns: readonly ApiCallColumn[];
  /** Fields that are there with their own types, too, as `typedField` names them: what is nothing but the field is not read as text. */
  readonly typedFields?: ReadonlySet<string>;
}

/** The name of a field's column that has its own type, beside the one of its text. */
export function typedField(field: string): string {
  return `"typed ${field}"`;
}

/**
 * The select list that turns staged records of a format (one VARCHAR column a field) into the asked columns of `api_calls`:
 * `expression AS "column"`, each of the column's own type, in the asked order. `log_format` and `object_key` are left out:
 * they are known from where a record lay.
 */
export function projectionSql(format: LogFormat, options: ProjectionOptions): readonly string[] {
  return options.columns.filter(isProjected).map((column) => {
    const direct = directSql(format, column, options.typedFields);
    return `${direct ?? columnSql(format, column)} AS "${column}"`;
  });
}

/** The fields that a projection reads as text, in the format's order. */
export function fieldsReadAsText(format: LogFormat, options: ProjectionOptions): readonly string[] {
  const asText = options.columns
    .filter(isProjected)
    .filter((column) => directSql(format, column, options.typedFields) === undefined);
  return neededFields(format, asText);
}

/** The staged fields that the asked columns, the rows and the drop rule of a format use, in the format's order. */
export function neededFields(format: LogFormat, columns: readonly ApiCallColumn[]): readonly string[] {
  const fields = Object.keys(format.fields);
  if (format.wholeRecord === true) return fields;
  const expressions = columns.filter(isProjected).map((column) => format.columns[column] ?? '');
  const used = new Set([...expressions, format.rows ?? '', format.drop?.when ?? ''].flatMap(quotedNames));
  return fields.filter((field) => used.has(field));
}

/**
 * Whether a record may have an event id: false where it has none of the fields that the format's id is made of, all of which
 * are absent alone where the record lacks them.
 * @param hasField whether the record has a field
 */
export function mayHaveEventId(format: LogFormat, hasField: (field: string) => boolean): boolean {
  const expression = format.columns.event_id;
  if (expression === undefined) return false;
  return format.wholeRecord === true || quotedNames(expression).some(hasField);
}

/** The text field that a column has the text of, or NULL; undefined for a column that is anything else. */
export function copiedTextField({ columns, fields }: LogFormat, column: ApiCallColumn): string | undefined {
  const field = isProjected(column) ? copiedField(columns[column] ?? '') : undefined;
  return field !== undefined && fields[field] === 'text' ? field : undefined;
}

function isProjected(column: ApiCallColumn): column is ProjectedColumn {
  return column !== 'log_format' && column !== 'object_key';
}

/** A column that is nothing but a field of its own type; undefined for any other. */
function directSql(
  { columns, fields }: LogFormat,
  column: ProjectedColumn,
  typedFields: ReadonlySet<string> = new Set(),
): string | undefined {
  const [, field = ''] = /^"(\w+)"$/.exec(columns[column] ?? '') ?? [];
  if (!typedFields.has(field) || column === 'calls') return undefined;
  const typed = typedField(field);
  switch (`${fields[field] ?? ''} ${API_CALL_COLUMNS[column]}`) {
    case 'integer INTEGER':
      return `TRY_CAST(${typed} AS INTEGER)`;
    case 'integer BIGINT':
    case 'double DOUBLE':
    case 'timestamp TIMESTAMP':
      return typed;
    default:
      return undefined;
  }
}

function columnSql(format: LogFormat, column: ProjectedColumn): string {
  const type = API_CALL_COLUMNS[column];
  const expression = format.columns[column];
  if (expression === undefined) return column === 'calls' ? 'CAST(1 AS BIGINT)' : `CAST(NULL AS ${type})`;
  const typed = CASTS[type](`CAST(${expression} AS VARCHAR)`);
  return column === 'calls' ? `CASE WHEN ${typed} BETWEEN 1 AND ${MOST_CALLS} THEN ${typed} ELSE 1 END` : typed;
}

/** The names in double quotes; single-quoted text is stepped over, for a JSON path may hold quotes, too. */
function quotedNames(sql: string): string[] {
  return [...sql.matchAll(/'(?:[^']|'')*'|"((?:[^"]|"")*)"/g)].flatMap(([, name]) =>
    name === undefined ? [] : [name.replaceAll('""', '"')],
  );
}
