import { closestName } from '../closest-name.js';
import { UserError } from '../errors.js';
import { resourceSql } from './resource-fields.js';

/** One thing that kinds of calls are told apart by. */
export interface CallDimension {
  /** SQL over the columns of `api_calls`, of type VARCHAR. */
  readonly sql: string;
  /** Whether its values come out of the caller's hands, so that the rules of `normal-rules.ts` apply to them. */
  readonly isFree: boolean;
}

/** Every dimension by the name that `--by` takes. */
export const CALL_DIMENSIONS = {
  service: { sql: 'service', isFree: false },
  operation: { sql: 'operation', isFree: true },
  resource: { sql: resourceSql(), isFree: true },
  principal: { sql: 'principal', isFree: true },
  account: { sql: 'account_id', isFree: false },
  region: { sql: 'region', isFree: false },
  status_code: { sql: 'CAST(status_code AS VARCHAR)', isFree: false },
  error_code: {
    sql: `CASE WHEN error_code IS NULL AND status_code >= 400 THEN 'HTTP ' || CAST(status_code AS VARCHAR) ELSE error_code END`,
    isFree: true,
  },
  user_agent: { sql: 'user_agent', isFree: true },
} as const satisfies Readonly<Record<string, CallDimension>>;

export type DimensionName = keyof typeof CALL_DIMENSIONS;

export const DIMENSION_NAMES = Object.keys(CALL_DIMENSIONS) as readonly DimensionName[];

/** Whether a text is the name of a dimension. */
export function isDimension(text: string): text is DimensionName {
  return Object.hasOwn(CALL_DIMENSIONS, text);
}

/**
 * Reads what `--by` says: names with commas between them, each once.
 * @throws UserError for another name
 */
export function parseDimensions(text: string): readonly DimensionName[] {
  const names = text.split(',').map((name) => name.trim().replaceAll('-', '_'));
  const unknown = names.find((name) => !isDimension(name));
  if (unknown !== undefined) {
    const meant = closestName(unknown, DIMENSION_NAMES);
    throw new UserError(`Calls cannot be told apart by ${JSON.stringify(unknown)}`, {
      wayOut: [
        ...(meant === undefined ? [] : [`Did you mean ${meant}?`]),
        `--by takes, with commas between them: ${DIMENSION_NAMES.join(', ')}.`,
      ],
    });
  }
  return [...new Set(names.filter(isDimension))];
}
