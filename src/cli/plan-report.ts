import type { Condition } from '../reports/condition.js';
import { choosePeriod, isoTime, periodBefore, type Period } from '../reports/report-period.js';
import type { ReportTemplate } from '../reports/report-template.js';
import type { CommandFlags } from './flags.js';
import { readTimezone } from './read-selection.js';
import { REPORT_FORMATS, type ReportFlags, type ReportFormat } from './report-flags.js';

export interface ReportWish {
  readonly template: ReportTemplate;
  readonly failOn: readonly Condition[];
  readonly flags: ReportFlags;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** A report as it will be asked for. */
export interface ReportPlan {
  readonly template: ReportTemplate;
  readonly failOn: readonly Condition[];
  readonly timezone: string;
  readonly period: Period | undefined;
  readonly before: Period | undefined;
  readonly format: ReportFormat;
  /** The flags with the window that covers both periods. */
  readonly reading: CommandFlags;
}

/**
 * Decides which periods a report is about, what is to be read for them, and which form it has.
 * @throws UserError for a period, a time zone or a form that is none
 */
export function planReport({ template, failOn, flags, now }: ReportWish): ReportPlan {
  const timezone = readTimezone(flags.timezone ?? template.timezone ?? 'UTC');
  const { month, since, until } = flags;
  const { startDate, endDate } = template;
  const period = choosePeriod({ month, since, until, startDate, endDate, timezone, now });
  const before = period === undefined || !template.compare ? undefined : periodBefore(period, timezone);
  const window =
    period === undefined
      ? { since, until }
      : { since: isoTime((before ?? period).since), until: isoTime(period.until) };
  const reading = { ...flags, ...window, timezone, output: 'table' as const };
  return { template, failOn, timezone, period, before, format: chooseFormat(flags), reading };
}

const ENDINGS: Readonly<Record<string, ReportFormat>> = {
  '.html': 'html',
  '.htm': 'html',
  '.json': 'json',
  '.md': 'markdown',
};

function chooseFormat({ json, output, to = '' }: ReportFlags): ReportFormat {
  if (json) return 'json';
  const ending = /\.[a-z]+$/.exec(to.toLowerCase())?.[0] ?? '';
  return output ?? ENDINGS[ending] ?? REPORT_FORMATS[0];
}
