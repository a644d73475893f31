import { UserError } from '../errors.js';
import { once } from '../output/once.js';
import { sanitizeForTerminal } from '../output/sanitize.js';
import { parseTopic, type SnsTopic } from '../publish/sns-topic.js';
import { askReport, type AskedReport } from '../reports/ask-report.js';
import { buildReport } from '../reports/build-report.js';
import { composeMessage } from '../reports/compose-message.js';
import { parseCondition } from '../reports/condition.js';
import type { Judgement, Report } from '../reports/report.js';
import { renderAttachments } from '../reports/render-attachments.js';
import { renderReportMarkdown } from '../reports/render-report-markdown.js';
import { renderReport } from '../reports/render-report.js';
import { figureNames } from '../reports/report-template.js';
import { loadTemplate } from '../reports/template-catalog.js';
import { cachedReading } from './cached-reading.js';
import { explainUnknown } from './explain-unknown.js';
import type { CommandFlags } from './flags.js';
import { annotateFailedGate, markFailedGate } from './mark-failed-gate.js';
import type { ReadingPlan } from './plan-reading.js';
import { planReport, type ReportPlan } from './plan-report.js';
import { readS3Access } from './read-s3-access.js';
import { openReadingRun, withRequests, type OpeningEngine } from './reading-run.js';
import { readOrPlan } from './read-or-plan.js';
import { reportAccounting } from './report-accounting.js';
import { findReportDestination, type ReportDestination } from './report-destination.js';
import type { ReportFlags } from './report-flags.js';
import { addToStepSummary } from './step-summary.js';
import { withRunResources, type RunResources } from './run-resources.js';
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
  const topic = flags.publish === undefined ? undefined : parseTopic(flags.publish);
  await withRunResources(flags, async (resources) => {
    const destination = await findReportDestination(flags, resources);
    const planned = planReport({ template, failOn, flags, now: Date.now() });
    await readOrPlan({ sources: request.sources, flags: planned.reading, resources }, (listed, opening) =>
      readAndWrite(request, planned, { listed, resources, opening, destination, topic }),
    );
  });
}

interface Reading {
  readonly listed: ReadingPlan;
  readonly resources: RunResources;
  readonly opening: OpeningEngine;
  readonly destination: ReportDestination | undefined;
  readonly topic: SnsTopic | undefined;
}

async function readAndWrite(
  { sources, flags, toolVersion }: WriteReportRequest,
  planned: ReportPlan,
  { listed, resources, opening, destination, topic }: Reading,
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
  const places = destination === undefined ? [] : await writeParts(report, text, { planned, flags, destination });
  const failures = report.judgements.filter(({ crossed, fails }) => crossed === true && fails);
  if (failures.length > 0) markFailedGate();
  // A link that nobody publishes is what was asked for.
  const printed = destination === undefined ? text : topic === undefined ? await linkLine(destination) : '';
  if ((await writeStdout(once(printed), process.stdout)) === 'closed') return;
  const render = (mostBytes: number): Promise<string> => renderReportMarkdown(report, { mostBytes });
  const path = flags['step-summary'] ? process.env['GITHUB_STEP_SUMMARY'] : undefined;
  const unwritten = await addToStepSummary({ path, render });
  const written = places.map((place) => `written: ${place}`);
  const notes = [...notesOf(report), ...(unwritten === undefined ? [] : [unwritten]), ...written];
  reportAccounting({ accounting, notes, seconds: (performance.now() - started) / 1000, flags });
  if (failures.length > 0) annotateFailedGate(failures.map(describeJudgement), flags);
  if (topic !== undefined && destination !== undefined) await publish(report, { topic, destination, places, flags });
}

const CONTENT_TYPES = {
  markdown: 'text/markdown; charset=utf-8',
  html: 'text/html; charset=utf-8',
  json: 'application/json',
} as const;

interface Writing {
  readonly planned: ReportPlan;
  readonly flags: ReportFlags;
  readonly destination: ReportDestination;
}

/** What belongs to the report is written before it: where the report is, all of it is. */
async function writeParts(report: Report, text: string, writing: Writing): Promise<readonly string[]> {
  const { planned, flags, destination } = writing;
  const beside: string[] = [];
  for (const { ending, text: rows } of await renderAttachments(report, flags['csv-raw']))
    beside.push(await destination.write(rows, 'text/csv; charset=utf-8', ending));
  return [await destination.write(text, CONTENT_TYPES[planned.format]), ...beside];
}

async function linkLine({ link }: ReportDestination): Promise<string> {
  return link === undefined ? '' : `${await link()}\n`;
}

interface Publishing {
  readonly topic: SnsTopic;
  readonly destination: ReportDestination;
  readonly places: readonly string[];
  readonly flags: ReportFlags;
}

/** @throws UserError that says where the report is kept */
async function publish(report: Report, { topic, destination, places, flags }: Publishing): Promise<void> {
  const kept = `The report is kept: ${places.join(', ')}`;
  try {
    const link = await destination.link?.();
    const said = places.map((place, index) => `${index === 0 ? 'Report' : 'Beside it'}: ${sanitizeForTerminal(place)}`);
    const message = composeMessage(report, [...said, ...(link === undefined ? [] : [`Link: ${link}`])]);
    const { publishToSns } = await import('../publish/publish-to-sns.js');
    await publishToSns(topic, message, readS3Access({ flags, source: {}, env: process.env }));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { message, wayOut } = error;
    throw new UserError(message, { wayOut: [...wayOut, kept], exitCode: 'incomplete', cause: error });
  }
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
    ...crossed.map(describeJudgement),
    ...unknown.map(({ condition }) => `${condition} cannot be told: a number that it needs is not known`),
  ].map((note) => sanitizeForTerminal(note));
}

function describeJudgement({ condition, text, fails }: Judgement): string {
  return `${fails ? 'failed' : 'note'}: ${condition}${text === '' ? '' : ` (${text})`}`;
}
