import { UserError, EXIT_CODES } from '../errors.js';
import { askReport, type AskedReport } from '../reports/ask-report.js';
import { buildReport } from '../reports/build-report.js';
import { parseCondition } from '../reports/condition.js';
import type { Report } from '../reports/report.js';
import { renderReport } from '../reports/render-report.js';
import { figureNames } from '../reports/report-template.js';
import { loadTemplate } from '../reports/template-catalog.js';
import { cachedReading } from './cached-reading.js';
import { explainUnknown } from './explain-unknown.js';
import type { CommandFlags } from './flags.js';
import { planReading, type ReadingPlan } from './plan-reading.js';
import { planReport, type ReportPlan } from './plan-report.js';
import { printPlan } from './print-plan.js';
import { openReadingRun, startEngine, withRequests, type OpeningEngine } from './reading-run.js';
import { reportAccounting } from './report-accounting.js';
import type { ReportFlags } from './report-flags.js';
import { withRunResources, type RunResources } from './run-resources.js';
import { sanitizeForTerminal } from '../output/sanitize.js';
import { writeStdout } from './write-stdout.js';

export interface WriteReportRequest {
  readonly sources: readonly string[];
  readonly flags: ReportFlags;
  readonly toolVersion: string;
}

/**
 * Reads the sources once, writes the report where it is to go, and then tells of it: on stdout or in a file or bucket, in the
 * summary of a step of GitHub Actions, and to an SNS topic.
 * @throws UserError for everything that the user can mend
 */
export async function writeReport(request: WriteReportRequest): Promise<void> {
  const { flags } = request;
  const template = loadTemplate(flags.template);
  const failOn = (flags['fail-on'] ?? []).map((text) => parseCondition(text, figureNames(template)));
  await withRunResources(flags, async (resources) => {
    const planned = planReport({ template, failOn, flags, now: Date.now() });
    const opening = flags['dry-run'] ? undefined : startEngine(planned.reading, resources);
    const listed = await planReading(request.sources, planned.reading, resources);
    if (opening !== undefined) return readAndWrite(request, planned, { listed, resources, opening });
    resources.progress.stop();
    await printPlan(listed, planned.reading);
  });
}

interface Reading {
  readonly listed: ReadingPlan;
  readonly resources: RunResources;
  readonly opening: OpeningEngine;
}

async function readAndWrite(
  { sources, flags, toolVersion }: WriteReportRequest,
  planned: ReportPlan,
  { listed, resources, opening }: Reading,
): Promise<void> {
  const { progress, started } = resources;
  const { reading } = await cachedReading(listed, { flags: planned.reading, sources, toolVersion }, resources);
  const run = await openReadingRun(reading, planned.reading, { resources, opening });
  const { template, period, before, timezone } = planned;
  const asked = await askReport({ ...run, template, period, before, timezone });
  const { unknownKeys } = asked.dataset;
  if (unknownKeys !== undefined) throw explainUnknown(unknownKeys);
  refuseEmpty(asked, planned.reading);
  progress.stop();
  const accounting = withRequests(asked.dataset.accounting, reading);
  const names = reading.placed.map(({ store }) => store.name);
  const report = buildReport({ ...planned, asked, accounting, sources: names, title: flags.title });
  const text = await renderReport(report, planned.format);
  if ((await writeStdout(once(text), process.stdout)) === 'closed') return;
  const seconds = (performance.now() - started) / 1000;
  reportAccounting({ accounting, notes: notesOf(report), seconds, flags });
  if (report.judgements.some(({ crossed, fails }) => crossed === true && fails)) process.exitCode = EXIT_CODES.gate;
}

/** A report of a window that misses all calls would pass for "nothing happened". */
function refuseEmpty({ dataset, calls, callsBefore = 0n }: AskedReport, { since, until }: CommandFlags): void {
  const { timeSpan, accounting } = dataset;
  if (since === undefined && until === undefined) return;
  if (timeSpan === undefined || calls > 0n || callsBefore > 0n || accounting.records.kept > 0) return;
  throw new UserError(`No call is in the period; the calls there are from ${timeSpan.first} to ${timeSpan.last}`, {
    wayOut: 'Ask for another one with --month, or --since and --until.',
  });
}

function notesOf({ notes, judgements, sections }: Report): readonly string[] {
  const crossed = judgements.filter(({ crossed }) => crossed === true);
  const unknown = judgements.filter(({ crossed, fails }) => crossed === null && fails);
  return [
    ...notes,
    ...sections.flatMap((section) => section.notes.map((note) => `${section.title}: ${note}`)),
    ...crossed.map(
      ({ condition, text, fails }) => `${fails ? 'failed' : 'note'}: ${condition}${text === '' ? '' : ` (${text})`}`,
    ),
    ...unknown.map(({ condition }) => `${condition} cannot be told: a number that it needs is not known`),
  ].map((note) => sanitizeForTerminal(note));
}

async function* once(text: string): AsyncIterable<string> {
  yield text;
}
