import type { Column, ColumnType, Engine, Parameters } from '../engines/engine.js';
import { UserError } from '../errors.js';
import type { CannedQuery } from './canned-query.js';
import { findFieldTypes, pointerNames, pointerParameters } from './find-field-types.js';
import type { DocumentSource } from './find-fields.js';
import { findFields } from './find-fields.js';
import type { JsonPath } from './json-path.js';
import { parseJsonPath, renderJsonPath, splitPaths, toJsonPointer } from './json-path.js';
import type { PlannedQuery } from './planned-query.js';

interface Field {
  readonly name: string;
  readonly path: JsonPath;
}

const FIXED: readonly Column[] = [
  { name: 'timestamp', type: 'timestamp' },
  { name: 'operation', type: 'text' },
];

/** How a field is read from its text, by its type. A number may be out of the type's range only in `text`. */
const CASTS: Readonly<Partial<Record<ColumnType, string>>> = {
  integer: 'BIGINT',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
};

/**
 * Makes the SQL that spreads the request (or response) of each call over columns: those that the parameters name, or
 * those that the chosen calls have. Paths are bound and columns get their names afterwards: nothing from a log enters SQL.
 * This is DuckDB's SQL: another engine has other JSON functions.
 * @throws UserError for a path that cannot be read, a name that comes twice, or too many different fields
 */
export async function planDenormalize(
  engine: Engine,
  query: CannedQuery,
  parameters: Parameters,
): Promise<PlannedQuery> {
  const from = String(parameters['from']);
  const source: DocumentSource = { sql: documentsSql(query.sql), parameters: { from } };
  const named = namedFields(parameters, from);
  const { fields, notes } =
    named.length > 0 ? { fields: named, notes: [] } : await foundFields(engine, source, parameters);
  const paths = fields.map((field) => field.path);
  const types = await findFieldTypes(engine, source, paths);
  const missing = fields.filter((_, index) => types[index]?.found === false);
  return {
    sql: extractSql(
      source.sql,
      paths,
      types.map((field) => field.type),
    ),
    parameters: { from, ...pointerParameters(paths) },
    columns: [...FIXED, ...fields.map(({ name }, index): Column => ({ name, type: types[index]?.type ?? 'text' }))],
    notes: [...notes, ...missing.map(({ path }) => `no chosen call has a ${from} field ${renderJsonPath(path)}`)],
  };
}

/** The documents as JSON. DuckDB takes no lone surrogate (`\ud800`): in a document that it refuses they are replaced. */
function documentsSql(sql: string): string {
  return String.raw`SELECT "timestamp", operation, calls, coalesce(
    TRY_CAST(document AS JSON),
    TRY_CAST(system.main.regexp_replace(document, '\\u[dD][89a-fA-F][0-9a-fA-F]{2}', '\\ufffd', 'g') AS JSON)
  ) AS document
FROM (${sql}) AS chosen`;
}

function namedFields(parameters: Parameters, from: string): readonly Field[] {
  const columns = textList(parameters['columns']).flatMap(splitPaths).map(parseJsonPath);
  const different = new Map(columns.map((path) => [toJsonPointer(path), path]));
  const renamed = textList(parameters['as']).map(parseRenamed);
  const reserved = renamed.map((field) => field.name);
  const twice = reserved.find(
    (name, index) => reserved.indexOf(name) !== index || FIXED.some((column) => column.name === name),
  );
  if (twice !== undefined) throw new UserError(`--as ${twice}=…: there is a column called ${twice} already`);
  return [...nameFields([...different.values()], from, reserved), ...renamed];
}

function parseRenamed(text: string): Field {
  const [, name = '', path = ''] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
  if (name.trim() === '') {
    throw new UserError(`--as ${JSON.stringify(text)} is not NAME=PATH`, {
      wayOut: 'Write --as tag=Tagging.TagSet[0].Key',
    });
  }
  return { name: name.trim(), path: parseJsonPath(path) };
}

async function foundFields(
  engine: Engine,
  source: DocumentSource,
  parameters: Parameters,
): Promise<{ fields: readonly Field[]; notes: readonly string[] }> {
  const paths = await findFields(engine, source);
  const shown = paths.slice(0, Number(parameters['max_columns']));
  const notes =
    shown.length < paths.length
      ? [`${shown.length} of ${paths.length} fields; --max-columns shows more, --columns those that you name`]
      : [];
  return { fields: nameFields(shown, String(parameters['from']), []), notes };
}

/** Columns are called like their paths; one that is called like another column gets a prefix. */
function nameFields(paths: readonly JsonPath[], from: string, reserved: readonly string[]): readonly Field[] {
  const plain = paths.map(renderJsonPath);
  const taken = new Set([...FIXED.map((column) => column.name), ...reserved]);
  return paths.map((path, index) => {
    let name = plain[index] ?? '';
    while (taken.has(name) || plain.indexOf(name, index + 1) !== -1) name = `${from}.${name}`;
    taken.add(name);
    return { name, path };
  });
}

function extractSql(documents: string, paths: readonly JsonPath[], types: readonly ColumnType[]): string {
  const columns = types.map((type, index) => `${readField(type, index + 1)} AS column_${index + 1}`);
  const order = [...FIXED, ...columns].map((_, index) => index + 1).join(', ');
  if (paths.length === 0) return `SELECT "timestamp", operation\nFROM (${documents}) AS documents\nORDER BY ${order}`;
  return `SELECT ${['"timestamp"', 'operation', ...columns].join(',\n  ')}
FROM (
  SELECT "timestamp", operation, json_extract_string(document, [${pointerNames(paths)}]) AS texts, document
  FROM (${documents}) AS documents
) AS fields
ORDER BY ${order}`;
}

function readField(type: ColumnType, position: number): string {
  // The text of a JSON string has lost its quotes: where values of other kinds lie beside it, it must stay JSON.
  if (type === 'json') return `nullif(CAST(json_extract(document, $path_${position}) AS VARCHAR), 'null')`;
  const cast = CASTS[type];
  return cast === undefined ? `texts[${position}]` : `TRY_CAST(texts[${position}] AS ${cast})`;
}

function textList(value: Parameters[string] | undefined): readonly string[] {
  return JSON.parse(String(value ?? '[]')) as string[];
}
