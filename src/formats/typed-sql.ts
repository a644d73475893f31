import type { FieldType } from './log-format.js';
import { doubleSql, integerSql } from './number-sql.js';
import { timestampSql } from './timestamp-sql.js';

const TYPED: Readonly<Record<FieldType, (expression: string) => string>> = {
  text: (expression) => expression,
  json: (expression) => expression,
  integer: integerSql,
  double: doubleSql,
  boolean: (expression) => `CASE ${expression} WHEN 'true' THEN true WHEN 'false' THEN false END`,
  timestamp: timestampSql,
};

/** SQL that gives a staged field (VARCHAR) its type, for `raw_<format>`. NULL where the value does not fit. */
export function typedSql(expression: string, type: FieldType): string {
  return TYPED[type](expression);
}
