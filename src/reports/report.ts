import type { Accounting } from '../dataset/accounting.js';
import type { Column, Row } from '../engines/engine.js';
import type { Show } from './report-template.js';

/** A figure of a report; numbers with all their digits. */
export interface Figure {
  readonly name: string;
  readonly label: string;
  /** The section that it comes from. */
  readonly section: string;
  readonly value: bigint | number | null;
  /** In the period before; null where that is not known. */
  readonly before: bigint | number | null;
}

/** A threshold as it turned out. */
export interface Judgement {
  /** `errors > 0`. */
  readonly condition: string;
  readonly text: string;
  /** Whether the condition holds; null where a number that it needs is not known. */
  readonly crossed: boolean | null;
  /** Whether it decides the exit code. */
  readonly fails: boolean;
}

/** The answer to one question. */
export interface ReportSection {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  /** Said where there are no rows. */
  readonly empty: string;
  /** The question's name, `sql` for SQL of the report's own. */
  readonly question: string;
  readonly show: Show;
  /** The column along the chart and those that are drawn. */
  readonly x: string | undefined;
  readonly y: readonly string[];
  /** The columns that a table for people has. */
  readonly shown: readonly string[];
  readonly columns: readonly Column[];
  /** All that are kept: at least those that are shown. */
  readonly rows: readonly Row[];
  /** How many rows a table for people has. */
  readonly limit: number;
  /** How many rows there are. */
  readonly total: number;
  /** The column that is held against the period before, and the one that has its values there. */
  readonly compared: { readonly column: string; readonly before: string } | undefined;
  readonly notes: readonly string[];
  /** The ending of the name of the file beside the report that has all rows. */
  readonly csv: string | undefined;
}

/** A period for people and for programs. */
export interface ReportPeriod {
  /** `October 2026 (UTC)`. */
  readonly label: string;
  /** ISO times; the first inclusive, the last exclusive. Absent where the calls themselves set no bound. */
  readonly since: string | undefined;
  readonly until: string | undefined;
}

/** All that a report says, before it is put into words. */
export interface Report {
  readonly title: string;
  readonly text: string;
  /** `usage`, or the path of a user's own file. */
  readonly template: string;
  readonly sources: readonly string[];
  readonly timezone: string;
  readonly period: ReportPeriod;
  /** Absent where nothing is compared. */
  readonly before: ReportPeriod | undefined;
  /** Calls in the period. */
  readonly calls: bigint;
  readonly figures: readonly Figure[];
  readonly judgements: readonly Judgement[];
  readonly sections: readonly ReportSection[];
  readonly notes: readonly string[];
  readonly accounting: Accounting;
}
