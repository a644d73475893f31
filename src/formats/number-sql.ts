/**
 * SQL that turns text into a BIGINT: digits with or without a minus, nothing else. DuckDB's own cast also takes
 * `1.7` (as 2), `0x1F`, `1e3`, `1_000` and blanks around it (measured on 1.5.6). NULL where it does not fit.
 */
export function integerSql(expression: string): string {
  const integer = `TRY_CAST(${expression} AS BIGINT)`;
  // Nearly all integers are spelt as they are printed, and comparing costs less than matching.
  return `CASE WHEN CAST(${integer} AS VARCHAR) = ${expression} OR regexp_full_match(${expression}, '-?[0-9]+') THEN ${integer} END`;
}

/** SQL that turns text into a DOUBLE: a finite number in JSON's spelling; NULL for anything else (`inf`, `nan`, `1e400`). */
export function doubleSql(expression: string): string {
  const number = `TRY_CAST(${expression} AS DOUBLE)`;
  return `CASE WHEN regexp_full_match(${expression}, '-?[0-9]+(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?') AND isfinite(${number}) THEN ${number} END`;
}
