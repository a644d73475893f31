import { HIDDEN, presentSql } from './present-sql.js';
import { sqlLiteral } from './sql-literal.js';

/**
 * SQL for the text at a JSON path (`$.a.b`) in a JSON text: strings unescaped, other values as JSON text, NULL where
 * there is nothing, an empty string, or text that DuckDB does not take for JSON (it throws without TRY).
 */
export function jsonValueSql(expression: string, path: string): string {
  return presentSql(`TRY(json_extract_string(${expression}, ${sqlLiteral(path)}))`);
}

/** Like {@link jsonValueSql} for the first of several paths that has a known value; the text is parsed once. */
export function firstJsonValueSql(expression: string, paths: readonly string[]): string {
  const list = `TRY(json_extract_string(${expression}, [${paths.map(sqlLiteral).join(', ')}]))`;
  return `list_filter(${list}, lambda v: v NOT IN ('', ${sqlLiteral(HIDDEN)}))[1]`;
}

/**
 * SQL for a field of type `json` as `request` and `response` show it: verbatim, except that a JSON string which holds a JSON
 * object or array gives its content, and an empty, hidden or null one gives NULL.
 */
export function jsonContentSql(expression: string): string {
  const content = `TRY(json_extract_string(${expression}, '$'))`;
  return [
    'CASE',
    `WHEN ${expression} NOT LIKE '"%' THEN nullif(${expression}, 'null')`,
    `WHEN ${expression} IN ('""', '"null"', '"${HIDDEN}"') THEN NULL`,
    `WHEN ltrim(${content}, ' ' || chr(9) || chr(10) || chr(13))[1] IN ('{', '[') AND json_valid(${content}) THEN ${content}`,
    `ELSE ${expression} END`,
  ].join(' ');
}
