import type { Column, Parameters } from '../engines/engine.js';

/** What is going to run: SQL, its parameters, and what to call and how to write the columns where SQL does not say. */
export interface PlannedQuery {
  readonly sql: string;
  readonly parameters: Parameters;
  /** Names and types of the answer's columns, in place of those the engine gives. */
  readonly columns?: readonly Column[];
  /** What the user should know about the answer, one line each; for stderr. */
  readonly notes: readonly string[];
}
