import type { Parameters, Row } from '../engines/engine.js';
import type { Question } from '../queries/ask-questions.js';
import { plainQuery } from '../queries/plain-query.js';
import { CALL_DIMENSIONS, type DimensionName } from './call-dimensions.js';
import type { CallKind } from './call-kind.js';
import { EXAMPLE_SQL, FAILED_SQL } from './example-sql.js';
import type { NormalRule } from './normal-rules.js';

export interface KindsRequest {
  readonly by: readonly DimensionName[];
  readonly rules: readonly NormalRule[];
  /** Whether counts, errors, times and an example of each kind are wanted, too. */
  readonly isMeasured: boolean;
}

/**
 * The question which kinds of calls there are, after the rules have been applied to what callers chose; the kinds come in the
 * order of their values' bytes. Each rule is bound, so that no pattern is part of the SQL.
 */
export function callKindsQuestion({ by, rules, isMeasured }: KindsRequest): Question {
  const named = by.map((name, at) => `${CALL_DIMENSIONS[name].sql} AS raw_${at}`);
  const free = by.flatMap((name, at) => (CALL_DIMENSIONS[name].isFree && rules.length > 0 ? [at] : []));
  const normalised = free.map(
    (at) =>
      `normal_${at} AS (SELECT raw, ${applied(rules)} AS normal FROM (SELECT DISTINCT raw_${at} AS raw FROM named WHERE raw_${at} IS NOT NULL))`,
  );
  const kinds = by.map((_, at) => (free.includes(at) ? `normal_${at}.normal` : `raw_${at}`));
  const joins = free.map((at) => `LEFT JOIN normal_${at} ON normal_${at}.raw = raw_${at}`);
  const places = by.map((_, at) => String(at + 1));
  const sql = `WITH named AS (SELECT ${[...named, 'calls', ...(isMeasured ? MEASURED : [])].join(', ')} FROM api_calls),
${[...normalised, `kinds AS (SELECT ${[...kinds.map((kind, at) => `${kind} AS kind_${at}`), 'named.*'].join(', ')} FROM named ${joins.join(' ')})`].join(',\n')}
SELECT ${[...by.map((_, at) => `kind_${at}`), ...(isMeasured ? MEASURES : ['CAST(sum(calls) AS BIGINT) AS calls'])].join(', ')}
FROM kinds
GROUP BY ${places.join(', ')}
ORDER BY ${places.map((place) => `${place} NULLS FIRST`).join(', ')}`;
  const query = plainQuery({ name: 'call-kinds', summary: 'which kinds of calls', sql });
  return { query, parameters: ruleParameters(rules), limit: 0 };
}

const MEASURED = [
  `${FAILED_SQL} AS failed`,
  'duration_ms',
  ...Object.entries(EXAMPLE_SQL).map(([name, sql]) => `${sql} AS "${name}"`),
];

const MEASURES = [
  'CAST(sum(calls) AS BIGINT) AS calls',
  'CAST(coalesce(sum(calls) FILTER (WHERE failed), 0) AS BIGINT) AS errors',
  'CAST(median(duration_ms) AS DOUBLE) AS latency_ms',
  `CAST(to_json(min(struct_pack(${Object.keys(EXAMPLE_SQL)
    .map((name) => `"${name}" := "${name}"`)
    .join(', ')}))) AS VARCHAR) AS example`,
];

function applied(rules: readonly NormalRule[]): string {
  return rules.reduce(
    (sql, _, at) => `system.main.regexp_replace(${sql}, $pattern_${at}, $replacement_${at}, 'g')`,
    'raw',
  );
}

function ruleParameters(rules: readonly NormalRule[]): Parameters {
  return Object.fromEntries(
    rules.flatMap(({ pattern, replacement }, at) => [
      [`pattern_${at}`, pattern],
      [`replacement_${at}`, replacement],
    ]),
  );
}

/** A row of the answer to `callKindsQuestion`. */
export function readCallKind(row: Row, { by, isMeasured }: Pick<KindsRequest, 'by' | 'isMeasured'>): CallKind {
  const values = by.map((_, at) => (row[at] === null || row[at] === undefined ? null : String(row[at])));
  const [calls = 0n, errors = 0n, latencyMs = null, example = null] = row.slice(by.length);
  const counted = { values, calls: BigInt(calls as bigint) };
  if (!isMeasured) return counted;
  return {
    ...counted,
    errors: BigInt(errors as bigint),
    ...(typeof latencyMs === 'number' ? { latencyMs } : {}),
    ...(example === null ? {} : { example: String(example) }),
  };
}
