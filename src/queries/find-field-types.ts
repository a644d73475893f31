import type { ColumnType, Engine } from '../engines/engine.js';
import type { DocumentSource } from './find-fields.js';
import type { JsonPath } from './json-path.js';
import { toJsonPointer } from './json-path.js';

/** What the values of a field are: bits, so that one aggregate collects all kinds that occur. */
const KINDS = {
  text: 1,
  nested: 2,
  boolean: 4,
  integer: 8,
  /** Whole numbers that a double would round. */
  wideInteger: 16,
  double: 32,
  /** Numbers that neither BIGINT nor double can hold. */
  hugeNumber: 64,
} as const;

export interface FieldType {
  readonly type: ColumnType;
  /** False where no document has a value there. */
  readonly found: boolean;
}

/**
 * The narrowest type that holds every value of each field without rounding: integer, double, boolean, else text; `json`
 * where a value is an array or an object. In the order of `paths`.
 */
export async function findFieldTypes(
  engine: Engine,
  source: DocumentSource,
  paths: readonly JsonPath[],
): Promise<readonly FieldType[]> {
  if (paths.length === 0) return [];
  const { sql, parameters } = source;
  const [row] = await engine.rows(
    `SELECT ${paths.map((_, index) => kindsOf(index + 1)).join(',\n  ')}
FROM (
  SELECT json_type(document, [${pointerNames(paths)}]) AS kinds, json_extract_string(document, [${pointerNames(paths)}]) AS texts
  FROM (${sql}) AS documents
) AS fields`,
    { ...parameters, ...pointerParameters(paths) },
  );
  return paths.map((_, index) => typeOf(Number(row?.[index] ?? 0)));
}

/** `$path_1, $path_2, …`: the names of the parameters that hold the pointers to fields. */
export function pointerNames(paths: readonly JsonPath[]): string {
  return paths.map((_, index) => `$path_${index + 1}`).join(', ');
}

export function pointerParameters(paths: readonly JsonPath[]): Record<string, string> {
  return Object.fromEntries(paths.map((path, index) => [`path_${index + 1}`, toJsonPointer(path)]));
}

function kindsOf(position: number): string {
  const text = `texts[${position}]`;
  return `bit_or(CASE kinds[${position}]
    WHEN 'VARCHAR' THEN ${KINDS.text} WHEN 'OBJECT' THEN ${KINDS.nested} WHEN 'ARRAY' THEN ${KINDS.nested}
    WHEN 'BOOLEAN' THEN ${KINDS.boolean}
    WHEN 'UBIGINT' THEN ${integerKind(text)} WHEN 'BIGINT' THEN ${integerKind(text)}
    WHEN 'DOUBLE' THEN CASE WHEN regexp_matches(${text}, '^-?[0-9]+$') OR isinf(TRY_CAST(${text} AS DOUBLE))
      THEN ${KINDS.hugeNumber} ELSE ${KINDS.double} END
    ELSE 0 END)`;
}

function integerKind(text: string): string {
  return `CASE WHEN TRY_CAST(${text} AS BIGINT) IS NULL THEN ${KINDS.hugeNumber}
      WHEN abs(CAST(${text} AS HUGEINT)) > ${Number.MAX_SAFE_INTEGER} THEN ${KINDS.wideInteger} ELSE ${KINDS.integer} END`;
}

function typeOf(kinds: number): FieldType {
  const has = (kind: keyof typeof KINDS): boolean => (kinds & KINDS[kind]) !== 0;
  const found = kinds !== 0;
  const numeric = has('integer') || has('wideInteger') || has('double');
  if (has('nested')) return { type: 'json', found };
  if (!found || has('text') || has('hugeNumber') || (has('boolean') && numeric)) return { type: 'text', found };
  if (has('boolean')) return { type: 'boolean', found };
  if (!has('double')) return { type: 'integer', found };
  return { type: has('wideInteger') ? 'text' : 'double', found };
}
