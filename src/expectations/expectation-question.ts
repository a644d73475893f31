import { CALL_DIMENSIONS } from '../calls/call-dimensions.js';
import { EXAMPLE_SQL, FAILED_SQL } from '../calls/example-sql.js';
import type { Parameter, Parameters } from '../engines/engine.js';
import { toJsonPointer } from '../queries/json-path.js';
import type { Question } from '../queries/ask-questions.js';
import { plainQuery } from '../queries/plain-query.js';
import type { CallPattern, Condition, ConditionColumn, Expectation } from './expectation.js';

/** Calls that decide an expectation are shown up to this number. */
const SHOWN_CALLS = 10;
/** Calls that fail only the conditions. */
const SHOWN_OTHERS = 3;

const COLUMNS: Readonly<Record<ConditionColumn, string>> = {
  account_id: 'account_id',
  error_code: CALL_DIMENSIONS.error_code.sql,
  error_message: 'error_message',
  outcome: `CASE WHEN ${FAILED_SQL} THEN 'failed' ELSE 'ok' END`,
  principal: 'principal',
  region: 'region',
  resource: CALL_DIMENSIONS.resource.sql,
  session_id: 'session_id',
  source_ip: 'source_ip',
  status_code: 'CAST(status_code AS VARCHAR)',
  user_agent: 'user_agent',
};

const SHOWN = Object.entries(EXAMPLE_SQL)
  .map(([name, sql]) => `"${name}" := ${sql}`)
  .join(', ');

/**
 * The question that decides an expectation, of one row: how many calls count, the earliest of them as a JSON list, and the
 * same of calls that only fail the conditions. Whatever the user wrote is bound.
 */
export function expectationQuestion({ counted }: Expectation): Question {
  const binder = new Binder();
  const { wide, exact } = countedSql(counted, binder);
  const sql = `WITH near AS (SELECT calls, (${exact}) AS counts, struct_pack(${SHOWN}) AS call FROM api_calls WHERE ${wide})
SELECT
  CAST(coalesce(sum(calls) FILTER (WHERE counts), 0) AS BIGINT) AS calls,
  CAST(to_json(min(call, ${SHOWN_CALLS}) FILTER (WHERE counts)) AS VARCHAR) AS shown,
  CAST(coalesce(sum(calls) FILTER (WHERE NOT counts), 0) AS BIGINT) AS other_calls,
  CAST(to_json(min(call, ${SHOWN_OTHERS}) FILTER (WHERE NOT counts)) AS VARCHAR) AS other_shown
FROM near`;
  const query = plainQuery({ name: 'expectation', summary: 'which calls', sql });
  return { query, parameters: binder.parameters(), limit: 0 };
}

function countedSql(counted: Expectation['counted'], binder: Binder): { wide: string; exact: string } {
  if (counted.kind === 'all') return { wide: 'true', exact: 'true' };
  if (counted.kind === 'failed') return { wide: FAILED_SQL, exact: 'true' };
  const actions = counted.patterns.map((pattern) => ({ pattern, action: actionSql(pattern, binder) }));
  const whole = actions.map(({ pattern, action }) =>
    [action, ...pattern.conditions.map((condition) => conditionSql(condition, binder))].join(' AND '),
  );
  if (counted.kind === 'others') return { wide: `NOT (${whole.map((one) => `(${one})`).join(' OR ')})`, exact: 'true' };
  return {
    wide: `(${actions.map(({ action }) => `(${action})`).join(' OR ')})`,
    exact: whole.map((one) => `(${one})`).join(' OR '),
  };
}

function actionSql({ service, operation }: CallPattern, binder: Binder): string {
  const like = (column: string, pattern: string): string =>
    `coalesce(lower(${column}) LIKE lower(${binder.bind(likePattern(pattern))}) ESCAPE '\\', false)`;
  return `${like('service', service)} AND ${like('operation', operation)}`;
}

/** Wildcards of IAM as those of SQL. */
function likePattern(pattern: string): string {
  return pattern
    .replace(/[\\%_]/g, String.raw`\$&`)
    .replaceAll('*', '%')
    .replaceAll('?', '_');
}

function conditionSql({ field, operator, value }: Condition, binder: Binder): string {
  const actual =
    'column' in field
      ? COLUMNS[field.column]
      : `TRY(json_extract_string(request, ${binder.bind(toJsonPointer(field.path))}))`;
  const wanted = binder.bind(value);
  const matches =
    operator === '=' || operator === '!=' ? `${actual} = ${wanted}` : `regexp_matches(${actual}, ${wanted})`;
  const holds = `coalesce(${matches}, false)`;
  return operator.startsWith('!') ? `NOT ${holds}` : holds;
}

class Binder {
  readonly #values: Parameter[] = [];

  bind(value: string): string {
    this.#values.push(value);
    return `$value_${this.#values.length - 1}`;
  }

  parameters(): Parameters {
    return Object.fromEntries(this.#values.map((value, at) => [`value_${at}`, value]));
  }
}
