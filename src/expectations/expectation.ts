import type { JsonPath } from '../queries/json-path.js';

/** What the calls of an expectation look like. */
export interface CallPattern {
  /** `s3:Get*`: `*` is any text and `?` any character, upper and lower case are the same, as in policies of IAM. */
  readonly service: string;
  readonly operation: string;
  /** All have to hold. */
  readonly conditions: readonly Condition[];
}

/** Columns that a condition can look at, besides the fields of the request. */
export const CONDITION_COLUMNS = [
  'account_id',
  'error_code',
  'error_message',
  'outcome',
  'principal',
  'region',
  'resource',
  'session_id',
  'source_ip',
  'status_code',
  'user_agent',
] as const;

export type ConditionColumn = (typeof CONDITION_COLUMNS)[number];

/** `=` and `!=` compare texts, `~` and `!~` look for a regular expression of RE2. What is not there is different from every text. */
export const CONDITION_OPERATORS = ['!=', '!~', '=', '~'] as const;

export interface Condition {
  readonly field: { readonly path: JsonPath } | { readonly column: ConditionColumn };
  readonly operator: (typeof CONDITION_OPERATORS)[number];
  readonly value: string;
}

export const BOUND_OPERATORS = ['>=', '<=', '!=', '==', '>', '<', '='] as const;

/** How many calls there have to be. */
export interface Bound {
  readonly operator: (typeof BOUND_OPERATORS)[number];
  readonly calls: number;
}

/** Which calls are counted: those that match a pattern, all `others`, those that `failed`, or `all`. */
export type Counted =
  | { readonly kind: 'matching' | 'others'; readonly patterns: readonly CallPattern[] }
  | { readonly kind: 'failed' }
  | { readonly kind: 'all' };

export interface Expectation {
  readonly name: string;
  readonly reason?: string;
  readonly counted: Counted;
  readonly bound: Bound;
}

export const NONE: Bound = { operator: '=', calls: 0 };
