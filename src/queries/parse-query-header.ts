import type { ColumnType } from '../engines/engine.js';
import { UserError } from '../errors.js';
import type { CannedQuery, DescribedColumn, QueryGuard } from './canned-query.js';
import { sqlName } from './canned-query.js';
import { parseHeaderParameter } from './parse-header-parameter.js';
import type { HeaderEntry } from './split-query-header.js';
import { splitQueryHeader } from './split-query-header.js';
import { parametersIn } from './sql-tokens.js';

const KEYS = ['summary', 'parameter', 'column', 'limit', 'guard', 'plan', 'example', 'note'];
const ONCE = ['summary', 'limit', 'guard', 'plan'];
const COLUMN_TYPES: readonly ColumnType[] = [
  'text',
  'integer',
  'decimal',
  'double',
  'boolean',
  'timestamp',
  'date',
  'json',
];

export interface QuerySource {
  readonly name: string;
  /** The file's name for error messages. */
  readonly file: string;
  readonly text: string;
}

/**
 * Reads a question: a header of comment lines, then SQL.
 *
 * ```sql
 * -- summary: buckets and how often each was called          first line, one line
 * -- parameter: every                                        the flag --every, bound to $every ($fill_gaps for fill-gaps)
 * --   type: choice                                          text integer number boolean choice timezone list
 * --   choices: hour, day                                    for a choice
 * --   default: hour                                         without one: NULL, false for a boolean, [] for a list
 * --   required: yes                                         instead of a default
 * --   min: 0                                                min and max: for integer and number
 * --   description: how long a period is
 * -- column: bucket text: the bucket's name                  text integer decimal double boolean timestamp date json
 * -- limit: 20                                               rows shown without --limit; 0 (all) where absent
 * -- guard: at most 10000 periods                            SQL that runs first: a count, the first and last timestamp
 * --   SELECT …
 * -- plan: denormalize                                       code that makes the final SQL from the SQL below
 * -- example: awsusage query buckets ./logs
 * -- note: anything else, which may
 * --   go on in indented lines
 * ```
 *
 * `parameter`, `column`, `example` and `note` may come any number of times.
 * @throws UserError that names the file and the line
 */
export function parseQueryHeader(source: QuerySource): CannedQuery {
  const { name, file, text } = source;
  const { entries, body } = splitQueryHeader(text, file);
  checkKeys(entries, file);
  const all = (key: string): readonly HeaderEntry[] => entries.filter((entry) => entry.key === key);
  const guard = all('guard').map((entry) => parseGuard(entry, file))[0];
  const plan = all('plan').map((entry) => entry.text)[0];
  const query: CannedQuery = {
    name,
    summary: all('summary')[0]?.text ?? '',
    parameters: all('parameter').map((entry) => parseHeaderParameter(entry, file)),
    columns: all('column').map((entry) => parseColumn(entry, file)),
    examples: all('example').map(joinLines),
    notes: all('note').map(joinLines),
    limit: all('limit').map((entry) => parseCount(entry, file))[0] ?? 0,
    ...(guard === undefined ? {} : { guard }),
    ...(plan === undefined ? {} : { plan }),
    sql: body,
  };
  checkBody(query, file);
  return query;
}

function checkKeys(entries: readonly HeaderEntry[], file: string): void {
  const seen = new Set<string>();
  for (const entry of entries) {
    if (!KEYS.includes(entry.key))
      throw headerError(file, entry, `unknown key "${entry.key}"; known: ${KEYS.join(', ')}`);
    if (entry.text === '') throw headerError(file, entry, `"${entry.key}:" says nothing`);
    if (ONCE.includes(entry.key) && seen.has(entry.key)) throw headerError(file, entry, `"${entry.key}" comes twice`);
    seen.add(entry.key);
  }
}

function parseColumn(entry: HeaderEntry, file: string): DescribedColumn {
  const [, name = '', typeName, description = ''] = /^(\S+) ([a-z]+): (.+)$/.exec(joinLines(entry)) ?? [];
  const type = COLUMN_TYPES.find((known) => known === typeName);
  if (type === undefined) {
    throw headerError(file, entry, `a column is "NAME TYPE: description", TYPE one of ${COLUMN_TYPES.join(', ')}`);
  }
  return { name, type, description };
}

function parseCount(entry: HeaderEntry, file: string): number {
  if (!/^\d{1,9}$/.test(entry.text)) throw headerError(file, entry, 'a limit is a whole number, 0 for none');
  return Number(entry.text);
}

function parseGuard(entry: HeaderEntry, file: string): QueryGuard {
  const [, most, noun] = /^at most (\d{1,9}) (\S.*)$/.exec(entry.text) ?? [];
  const sql = entry.lines.map((line) => line.text).join('\n');
  if (most === undefined || noun === undefined || sql.trim() === '') {
    throw headerError(file, entry, 'a guard is "at most NUMBER THINGS" with SQL in indented lines below it');
  }
  return { most: Number(most), noun, sql };
}

function checkBody(query: CannedQuery, file: string): void {
  if (query.sql === '') throw new UserError(`${file}: there is no SQL below the header`);
  const declared = query.parameters.map((parameter) => sqlName(parameter.name));
  const twice = declared.find((name, index) => declared.indexOf(name) !== index);
  if (twice !== undefined) throw new UserError(`${file}: the parameter $${twice} is declared twice`);
  const used = parametersIn(`${query.sql}\n${query.guard?.sql ?? ''}`);
  const undeclared = used.find((name) => !declared.includes(name));
  if (undeclared !== undefined) {
    throw new UserError(`${file}: the SQL uses $${undeclared}, which the header does not declare`, {
      wayOut: 'Begin the file with "-- summary: …", "-- parameter: NAME" and, below that, "--   type: text".',
    });
  }
  const unused = declared.find((name) => !used.includes(name));
  if (unused !== undefined && query.plan === undefined) {
    throw new UserError(`${file}: the header declares $${unused}, which the SQL does not use`);
  }
}

function joinLines(entry: HeaderEntry): string {
  return [entry.text, ...entry.lines.map((line) => line.text.trim())].join(' ');
}

function headerError(file: string, entry: HeaderEntry, fault: string): UserError {
  return new UserError(`${file}:${entry.line}: ${fault}`);
}
