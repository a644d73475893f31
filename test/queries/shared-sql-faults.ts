import type { SqlToken } from '../../src/queries/sql-tokens.js';
import { tokenizeSql } from '../../src/queries/sql-tokens.js';

/** Functions that DuckDB, Trino and Athena have with one meaning, or for which DuckDB has a macro with Trino's. */
const FUNCTIONS = words(`
  abs any_value arbitrary array_agg array_join at_timezone avg bool_and bool_or cardinality ceil coalesce concat_ws corr
  count count_if date date_add date_diff date_format date_trunc day_of_week dense_rank element_at exp extract first_value
  floor from_iso8601_timestamp from_unixtime grouping hour if json_extract_scalar lag last_value lead length ln lower lpad
  max max_by min min_by minute month ntile nullif power rank regexp_extract regexp_like regexp_replace reverse round
  row_number sequence split split_part sqrt starts_with stddev_pop strpos substr sum trim try upper var_pop with_timezone
  year`);

/** Words that may stand before a bracket without being functions. */
const KEYWORDS = words(`
  all and any as between by case cast cross cube distinct else except exists filter following from group having in inner
  intersect interval is join left like not null offset on or order ordinality outer over partition preceding range recursive
  rollup rows select sets then try_cast union unnest using values when where window with within`);

const TYPES = words('bigint boolean date decimal double integer timestamp varchar');
const TIMES = words('timestamp period local_time local_period first_seen last_seen first_call');
const DUCKDB_WORDS = words(
  'ilike qualify asof exclude string_agg positional pivot unpivot summarize describe sample semi anti',
);
const DUCKDB_SYMBOLS = ['::', '->', '->>', '==', ':', '{', '}', ';', '^', '@'];
const COMPARISONS = ['=', '<', '>', '<=', '>=', '<>', '!='];

/**
 * What in a text is not in the part of SQL that DuckDB, Trino and Athena share; empty where there is nothing. Works on
 * tokens: it knows no types beyond the names of our own time columns.
 */
export function sharedSqlFaults(sql: string): readonly string[] {
  const tokens = tokenizeSql(sql).filter((token) => token.kind !== 'space' && token.kind !== 'comment');
  const at = new Reader(tokens);
  const single = tokens.flatMap((_, index) => [
    ...symbolFaults(at, index),
    ...wordFaults(at, index),
    ...functionFaults(at, index),
    ...typeFaults(at, index),
    ...timeFaults(at, index),
  ]);
  const last = tokens.at(-1)?.text;
  const fromFirst = at.is(0, 'from') ? ['FROM first'] : [];
  return [...single, ...aliasFaults(at), ...fromFirst, ...(last === ',' ? ['trailing ,'] : [])];
}

/** Tokens by place, compared in lower case; outside of the text there is nothing. */
class Reader {
  constructor(readonly tokens: readonly SqlToken[]) {}

  kind(index: number): string {
    return this.tokens[index]?.kind ?? '';
  }

  text(index: number): string {
    const token = this.tokens[index];
    if (token === undefined) return '';
    return token.kind === 'string' ? token.text : token.text.toLowerCase();
  }

  is(index: number, ...texts: readonly string[]): boolean {
    return this.kind(index) !== 'quoted' && texts.includes(this.text(index));
  }
}

function symbolFaults(at: Reader, index: number): readonly string[] {
  const text = at.text(index);
  if (at.kind(index) === 'backquoted') return ['backquoted name'];
  if (at.kind(index) === 'string' && !text.startsWith("'")) return [`string ${text.slice(0, 2)}`];
  if (at.kind(index) !== 'symbol') return [];
  if (DUCKDB_SYMBOLS.includes(text)) return [text];
  if (text === ',' && at.is(index + 1, 'from', ')', 'where', 'group', 'order')) return ['trailing ,'];
  if (text === '*' && at.is(index + 1, '*')) return ['**'];
  if (text === '[' && !isValueEnd(at, index - 1)) return ['list literal'];
  if (text === '/' && !(at.is(index - 2, 'double') && at.is(index - 1, ')')) && !/e/.test(at.text(index - 1))) {
    return ['/ of integers'];
  }
  return [];
}

/** Whether an index in square brackets may follow. */
function isValueEnd(at: Reader, index: number): boolean {
  if (at.kind(index) === 'word') return !KEYWORDS.includes(at.text(index));
  return at.kind(index) === 'quoted' || at.is(index, ')', ']');
}

function wordFaults(at: Reader, index: number): readonly string[] {
  if (at.kind(index) !== 'word') return [];
  const text = at.text(index);
  if (DUCKDB_WORDS.includes(text)) return [text];
  if (text === 'limit' && at.is(index + 2, 'offset')) return ['LIMIT before OFFSET'];
  if (text === 'by' && at.is(index - 1, 'group') && at.is(index + 1, 'all')) return ['GROUP BY ALL'];
  if (text === 'by' && at.is(index - 1, 'union')) return ['UNION BY NAME'];
  if (text === 'distinct' && at.is(index + 1, 'on')) return ['DISTINCT ON'];
  if (text === 'from' && at.is(index - 1, '(')) return ['FROM first'];
  if (text === 'ignore') return ['IGNORE NULLS'];
  return [];
}

function functionFaults(at: Reader, index: number): readonly string[] {
  const callable = at.kind(index) === 'word' && at.is(index + 1, '(');
  const named = at.is(index - 1, 'as', ',', 'with') && closesBeforeAs(at, index + 1);
  // AS t (a, b) names columns.
  if (!callable || named || at.is(index - 1, 'as')) return [];
  const text = at.text(index);
  if (KEYWORDS.includes(text) || FUNCTIONS.includes(text) || (TYPES.includes(text) && at.is(index - 1, 'as')))
    return [];
  return [`function ${text}`];
}

/** WITH t (a, b) AS (…) */
function closesBeforeAs(at: Reader, open: number): boolean {
  let index = open;
  while (index < at.tokens.length && !at.is(index, ')')) index++;
  return at.is(index + 1, 'as');
}

function typeFaults(at: Reader, index: number): readonly string[] {
  if (!at.is(index, 'cast', 'try_cast') || !at.is(index + 1, '(')) return [];
  let depth = 0;
  for (let next = index + 1; next < at.tokens.length; next++) {
    if (at.is(next, '(')) depth++;
    if (at.is(next, ')')) depth--;
    if (depth === 1 && at.is(next, 'as')) {
      const type = at.text(next + 1);
      if (!TYPES.includes(type) || at.is(next + 2, '[')) return [`type ${type}`];
      return type === 'date' && at.is(next + 2, ')') ? datePlusNumber(at, next + 3) : [];
    }
  }
  return ['CAST without AS'];
}

function timeFaults(at: Reader, index: number): readonly string[] {
  if (at.is(index, 'interval')) {
    return at.kind(index + 1) === 'string' && /^'[+-]?\d+'$/.test(at.text(index + 1))
      ? []
      : ["INTERVAL is not '1' DAY"];
  }
  if (at.is(index, 'date') && at.kind(index + 1) === 'string') return datePlusNumber(at, index + 2);
  const isTime = TIMES.includes(at.text(index).replaceAll('"', ''));
  const isCompared = at.is(index + 1, ...COMPARISONS) && at.kind(index + 2) === 'string';
  return isTime && isCompared ? ['timestamp compared with a string'] : [];
}

function datePlusNumber(at: Reader, index: number): readonly string[] {
  return at.is(index, '+', '-') && at.kind(index + 1) === 'number' ? ['DATE + number'] : [];
}

/** An alias of a select list that is used in the WHERE, GROUP BY or HAVING of the same SELECT. */
function aliasFaults(at: Reader): readonly string[] {
  const faults: string[] = [];
  interface Level {
    aliases: string[];
    clause: string;
  }
  const levels: Level[] = [{ aliases: [], clause: '' }];
  at.tokens.forEach((token, index) => {
    const level = levels.at(-1);
    if (level === undefined) return;
    const text = at.text(index);
    if (token.text === '(')
      levels.push({
        aliases: at.is(index + 1, 'select') ? [] : level.aliases,
        clause: at.is(index + 1, 'select') ? '' : inner(level.clause),
      });
    if (token.text === ')') levels.pop();
    if (at.is(index, 'select', 'union', 'except', 'intersect')) Object.assign(level, { aliases: [], clause: text });
    if (at.is(index, 'from', 'where', 'having', 'order', 'window')) level.clause = text;
    if (at.is(index, 'group')) level.clause = 'group by';
    const name = text.replaceAll('"', '');
    if (level.clause === 'select' && at.is(index - 1, 'as')) level.aliases.push(name);
    const isName = /^(?:word|quoted)$/.test(token.kind) && !at.is(index - 1, '.') && !at.is(index + 1, '(', '.');
    const isClause = ['where', 'having', 'group by'].includes(level.clause);
    if (isName && isClause && level.aliases.includes(name))
      faults.push(`alias ${name} in ${level.clause.toUpperCase()}`);
  });
  return faults;
}

/** Inside brackets of a select list an AS belongs to CAST. */
function inner(clause: string): string {
  return clause === 'select' ? 'brackets' : clause;
}

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
