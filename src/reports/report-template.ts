import type { GivenParameters } from '../queries/bind-parameters.js';
import type { CannedQuery } from '../queries/canned-query.js';
import type { Condition } from './condition.js';

/** How a section can be shown. `number`: one row of figures; charts stand above the table of the same rows. */
export const SHOWS = ['table', 'bar', 'line', 'number'] as const;

export type Show = (typeof SHOWS)[number];

/** As the value of a parameter `every`: a step of time that suits the length of the period. */
export const AUTO = 'auto';

/** A number with a name, that thresholds and `--fail-on` can be about. */
export interface FigureName {
  /** Letters, digits and `_`. */
  readonly name: string;
  /** What people read: `failed calls`. */
  readonly label: string;
}

/** One question of a report and how its answer is shown. */
export interface TemplateSection {
  /** The title in kebab-case; no other section has it. */
  readonly id: string;
  readonly title: string;
  readonly text: string;
  /** Said in place of a table without rows. */
  readonly empty: string;
  readonly query: CannedQuery;
  readonly given: GivenParameters;
  readonly show: Show;
  /** The column along the chart, and those that it draws; where absent the first column, and the first of numbers. */
  readonly x: string | undefined;
  readonly y: readonly string[];
  /** The columns that the table shows; empty is all. */
  readonly columns: readonly string[];
  /** How many rows are shown; 0 is all. */
  readonly limit: number;
  /** What tells rows apart, so that a row can be found in the period before. */
  readonly key: readonly string[];
  /** The column of numbers that is held against the period before. */
  readonly compare: string | undefined;
  /** Only rows whose key was not there in the period before. */
  readonly onlyNew: boolean;
  /** The figures of the one row, for `number`. */
  readonly figures: readonly FigureName[];
  /** The figure that is the number of rows. */
  readonly count: FigureName | undefined;
  /** The ending of the name under which the rows are also written as CSV, beside the report. */
  readonly csv: string | undefined;
}

export interface Threshold {
  readonly condition: Condition;
  readonly text: string;
  /** Whether the command ends with exit code 1 where the condition holds. */
  readonly fails: boolean;
}

/** A report as it is written down: questions, how to show them, and what is too much. */
export interface ReportTemplate {
  /** `usage`, or the path of a user's own file. */
  readonly name: string;
  readonly title: string;
  readonly text: string;
  /** Days, `2026-10-01`, both inclusive. */
  readonly startDate: string | undefined;
  readonly endDate: string | undefined;
  readonly timezone: string | undefined;
  /** Whether figures are held against the period before. */
  readonly compare: boolean;
  readonly sections: readonly TemplateSection[];
  readonly thresholds: readonly Threshold[];
}

/** The names of all figures of a report. */
export function figureNames({ sections }: Pick<ReportTemplate, 'sections'>): readonly string[] {
  return sections.flatMap(figuresOf).map(({ name }) => name);
}

/** The figures that a section gives. */
export function figuresOf({ figures, count }: TemplateSection): readonly FigureName[] {
  return count === undefined ? figures : [...figures, count];
}
