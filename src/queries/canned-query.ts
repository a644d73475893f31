import type { ColumnType } from '../engines/engine.js';

/** How the value of a parameter is read and bound. A `list` is bound as the JSON text of an array of texts. */
export const PARAMETER_TYPES = ['text', 'integer', 'number', 'boolean', 'choice', 'timezone', 'list'] as const;

export type ParameterType = (typeof PARAMETER_TYPES)[number];

/** One thing a question can be told: the flag `--fill-gaps`, bound to `$fill_gaps`. */
export interface QueryParameter {
  /** In kebab-case, as the flag says it. */
  readonly name: string;
  readonly type: ParameterType;
  readonly description: string;
  /** As the user would write it; where there is none, the parameter is bound as NULL (a boolean as false, a list as `[]`). */
  readonly defaultText?: string;
  readonly required: boolean;
  /** For `choice` only. */
  readonly choices: readonly string[];
  readonly min?: number;
  readonly max?: number;
}

export interface DescribedColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly description: string;
}

/**
 * Runs before the question. Its SQL gives one row: how many of a thing the answer would have, and the timestamps of the
 * first and the last call. More than `most` is a UserError.
 */
export interface QueryGuard {
  readonly most: number;
  /** What is counted: `periods`. */
  readonly noun: string;
  readonly sql: string;
}

export interface QuerySummary {
  readonly name: string;
  readonly summary: string;
}

/** A question: what the header of its file says, and its SQL. */
export interface CannedQuery extends QuerySummary {
  readonly parameters: readonly QueryParameter[];
  /** Empty where the header names none (a user's own file). */
  readonly columns: readonly DescribedColumn[];
  readonly examples: readonly string[];
  readonly notes: readonly string[];
  /** The `--limit` where the user gives none; 0 is no limit. */
  readonly limit: number;
  readonly guard?: QueryGuard;
  /** The name of the code that makes the final SQL, where the columns are known only from the data. */
  readonly plan?: string;
  readonly sql: string;
  /** The path of a user's own file; absent for the questions that come with awsusage. */
  readonly file?: string;
}

/** The name of a parameter in SQL, without the `$`. */
export function sqlName(parameter: string): string {
  return parameter.replaceAll('-', '_');
}
