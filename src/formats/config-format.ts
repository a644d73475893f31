import { UserError } from '../errors.js';
import { API_CALL_COLUMNS } from './api-call-columns.js';
import type { ProjectedColumn } from './api-call-columns.js';
import { LOG_FORMATS } from './format-catalog.js';
import { jsonContentSql, jsonValueSql } from './json-value-sql.js';
import type { KeySignature, LogFormat } from './log-format.js';
import { sqlLiteral } from './sql-literal.js';

const COLUMN_NAMES = Object.keys(API_CALL_COLUMNS).filter((name) => name !== 'log_format' && name !== 'object_key');
const RESERVED_NAMES = new Set(
  LOG_FORMATS.flatMap(({ name, label }) => (label === undefined ? [name] : [name, label])),
);

/**
 * The formats that a user describes under `formats` in `awsusage.config.json`; `where` names that place in messages.
 * @throws UserError saying the path in the config and what is accepted there.
 */
export function configFormats(definitions: unknown, where: string): readonly LogFormat[] {
  if (!Array.isArray(definitions)) throw refused(where, 'must be a list of formats');
  const formats = definitions.map((definition, i) => configFormat(definition, `${where}[${i}]`));
  formats.forEach(({ name }, i) => {
    if (formats.findIndex((other) => other.name === name) < i)
      throw refused(`${where}[${i}].name`, `"${name}" is there twice`);
  });
  return formats;
}

/**
 * One format as a user describes it: `{"name", "detect": {"all", "any", "none"}, "columns": {"timestamp": "$.time", "service":
 * {"sql": "'myapp'"}}}`. A path goes over the whole record; a SQL expression, too, as `record` (JSON text), and is not tried here.
 * @throws UserError saying the path in the config and what is accepted there.
 */
export function configFormat(definition: unknown, where: string): LogFormat {
  const format = objectAt(definition, where, ['name', 'summary', 'detect', 'columns']);
  return {
    name: nameAt(format['name'], `${where}.name`),
    summary:
      format['summary'] === undefined
        ? 'described in the configuration'
        : textAt(format['summary'], `${where}.summary`),
    signatures: [signatureAt(format['detect'], `${where}.detect`)],
    fields: { record: 'json' },
    wholeRecord: true,
    columns: columnsAt(format['columns'], `${where}.columns`),
  };
}

function nameAt(value: unknown, where: string): string {
  const name = textAt(value, where);
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(name))
    throw refused(where, 'must be lower-case letters, digits and -, at most 40');
  if (RESERVED_NAMES.has(name)) throw refused(where, `"${name}" is the name of a built-in format`);
  return name;
}

function signatureAt(value: unknown, where: string): KeySignature {
  const detect = objectAt(value, where, ['all', 'any', 'none']);
  const keys = (part: string) => (detect[part] === undefined ? [] : keysAt(detect[part], `${where}.${part}`));
  const [all, any, none] = [keys('all'), keys('any'), keys('none')];
  if (all.length + any.length === 0) throw refused(where, 'needs at least one key in "all" or "any"');
  return { all, none, ...(any.length === 0 ? {} : { any }) };
}

function keysAt(value: unknown, where: string): readonly string[] {
  if (!Array.isArray(value)) throw refused(where, 'must be a list of top-level keys');
  return value.map((key, i) => textAt(key, `${where}[${i}]`));
}

function columnsAt(value: unknown, where: string): Partial<Record<ProjectedColumn, string>> {
  const columns = objectAt(value, where, COLUMN_NAMES);
  if (columns['timestamp'] === undefined)
    throw refused(where, 'needs "timestamp": without a time no window and no day can be told');
  return Object.fromEntries(
    Object.entries(columns).map(([name, column]) => [name, columnSql(name, column, `${where}.${name}`)]),
  );
}

function columnSql(name: string, column: unknown, where: string): string {
  if (typeof column === 'string') return pathSql(name, column, where);
  const sql = textAt(objectAt(column, where, ['sql'], EITHER)['sql'], `${where}.sql`);
  if (sql.includes(';')) throw refused(`${where}.sql`, 'must be one SQL expression, without ;');
  // The line breaks end a comment that the expression may end with.
  return `(\n${sql}\n)`;
}

const EITHER = 'must be a path such as "$.time" or {"sql": "an expression over record"}';

function pathSql(name: string, path: string, where: string): string {
  const parsed = duckdbPath(path);
  if (parsed === undefined)
    throw refused(where, `is "${path}", no JSON path: write "$.key", "$.a.b[0]" or {"sql": "…"}`);
  const isJson = name === 'request' || name === 'response';
  if (!isJson) return jsonValueSql('"record"', parsed);
  return jsonContentSql(`TRY(CAST(json_extract("record", ${sqlLiteral(parsed)}) AS VARCHAR))`);
}

const PATH_STEP = /\.([^.[\]"'\s*]+)|\."([^"]+)"|\["([^"]+)"\]|\['([^'"]+)'\]|\[(\d+)\]/y;

/** The path in DuckDB's spelling with every key quoted, so that no key is taken for a wildcard; undefined where it is no path. */
function duckdbPath(path: string): string | undefined {
  if (!path.startsWith('$') || path === '$') return undefined;
  let steps = '$';
  PATH_STEP.lastIndex = 1;
  for (let at = 1; at < path.length; at = PATH_STEP.lastIndex) {
    const match = PATH_STEP.exec(path);
    if (match === null) return undefined;
    const index = match[5];
    steps += index === undefined ? `."${match[1] ?? match[2] ?? match[3] ?? match[4] ?? ''}"` : `[${index}]`;
  }
  return steps;
}

function objectAt(
  value: unknown,
  where: string,
  known: readonly string[],
  must = 'must be an object',
): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refused(where, must);
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined) throw refused(where, `has an unknown key "${unknown}"; accepted are: ${known.join(', ')}`);
  return { ...value };
}

function textAt(value: unknown, where: string): string {
  if (typeof value !== 'string' || value.trim() === '') throw refused(where, 'must be text that is not empty');
  return value;
}

function refused(where: string, what: string): UserError {
  return new UserError(`Cannot use the format in the configuration: ${where} ${what}.`, {
    wayOut: 'Mend it in awsusage.config.json; the README shows an example of a format.',
  });
}
