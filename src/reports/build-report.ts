import type { Accounting } from '../dataset/accounting.js';
import type { AnsweredSection } from './answer-section.js';
import type { AskedReport } from './ask-report.js';
import { holds, type Condition } from './condition.js';
import type { Figure, Judgement, Report, ReportPeriod, ReportSection } from './report.js';
import { describePeriod, isoTime, type Period } from './report-period.js';
import { figuresOf, type ReportTemplate, type Threshold } from './report-template.js';

export interface ReportParts {
  readonly template: ReportTemplate;
  /** In place of the template's own. */
  readonly title: string | undefined;
  readonly sources: readonly string[];
  readonly timezone: string;
  readonly period: Period | undefined;
  readonly before: Period | undefined;
  readonly asked: AskedReport;
  /** `--fail-on`. */
  readonly failOn: readonly Condition[];
  readonly accounting: Accounting;
}

/** Puts together what a report says. Nothing is rounded or cut here. */
export function buildReport(parts: ReportParts): Report {
  const { template, title, sources, timezone, period, before, asked, failOn, accounting } = parts;
  const figures = asked.sections.flatMap(readFigures);
  const thresholds: readonly Threshold[] = [
    ...template.thresholds,
    ...failOn.map((condition) => ({ condition, text: '', fails: true })),
  ];
  const hasBefore = before !== undefined && (asked.callsBefore ?? 0n) > 0n;
  return {
    title: title ?? template.title,
    text: template.text,
    template: template.name,
    sources,
    timezone,
    period: period === undefined ? wholeSpan(asked) : named(period, timezone),
    before: hasBefore ? named(before, timezone) : undefined,
    calls: asked.calls,
    figures,
    judgements: thresholds.map((threshold) => judge(threshold, figures)),
    sections: asked.sections.map(readSection),
    notes: findNotes(parts),
    accounting,
  };
}

function findNotes({ before, asked, timezone }: ReportParts): readonly string[] {
  return [
    ...(asked.calls === 0n ? ['There are no calls in this period.'] : []),
    ...(before !== undefined && asked.callsBefore === 0n
      ? [`There are no calls in the period before, ${describePeriod(before, timezone)}: nothing is compared.`]
      : []),
  ];
}

function named(period: Period, timezone: string): ReportPeriod {
  return {
    label: describePeriod(period, timezone),
    since: isoTime(period.since),
    until: isoTime(period.until),
  };
}

function wholeSpan({ dataset: { timeSpan } }: AskedReport): ReportPeriod {
  const label = timeSpan === undefined ? 'all calls' : `all calls, ${timeSpan.first} to ${timeSpan.last}`;
  return { label, since: undefined, until: undefined };
}

function readFigures({ section, figures, memory }: AnsweredSection): readonly Figure[] {
  return figuresOf(section).map(({ name, label }) => ({
    name,
    label,
    section: section.id,
    value: figures.get(name) ?? null,
    before: memory?.figures.get(name) ?? null,
  }));
}

function judge({ condition, text, fails }: Threshold, figures: readonly Figure[]): Judgement {
  const figure = figures.find(({ name }) => name === condition.figure);
  const number = (value: bigint | number | null): number | null => (value === null ? null : Number(value));
  const compared = { value: number(figure?.value ?? null), before: number(figure?.before ?? null) };
  return { condition: condition.text, text, crossed: holds(condition, compared) ?? null, fails };
}

function readSection(answered: AnsweredSection): ReportSection {
  const { section, columns, rows, total, beforeColumn, notes } = answered;
  const { id, title, text, empty, query, show, x, y, limit, compare, csv } = section;
  const own = columns.map(({ name }) => name).filter((name) => name !== beforeColumn);
  return {
    ...{ id, title, text, empty, question: query.name, show, x, y },
    shown: section.columns.length === 0 ? own : section.columns,
    columns,
    rows,
    limit,
    total,
    compared:
      beforeColumn === undefined || compare === undefined ? undefined : { column: compare, before: beforeColumn },
    notes,
    csv,
  };
}
