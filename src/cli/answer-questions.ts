import type { Accounting } from '../dataset/accounting.js';
import { UserError } from '../errors.js';
import { renderJsonAnswer } from '../output/json-answer.js';
import { renderRows } from '../output/row-formats.js';
import { startFilling } from './start-filling.js';
import { sanitizeForTerminal } from '../output/sanitize.js';
import { askQuestions, type Answers, type NamedAnswer, type Question } from '../queries/ask-questions.js';
import type { SessionCoverage } from '../queries/calls-without-session.js';
import type { CommandFlags, OutputFlags } from './flags.js';
import { cachedReading } from './cached-reading.js';
import { expectTime } from './expect-time.js';
import { explainUnknown } from './explain-unknown.js';
import { formatCount } from './format-amount.js';
import type { ReadingPlan } from './plan-reading.js';
import { refuseFormats, ROW_FORMATS } from './print-sections.js';
import { openReadingRun, withRequests, type OpeningEngine } from './reading-run.js';
import { readOrPlan } from './read-or-plan.js';
import { reportAccounting } from './report-accounting.js';
import { withRunResources, type RunResources } from './run-resources.js';
import { terminalOptions } from './terminal-options.js';
import { writeStdout } from './write-stdout.js';

export interface AnswerRequest {
  readonly questions: readonly Question[];
  readonly sources: readonly string[];
  readonly flags: CommandFlags;
  readonly toolVersion: string;
}

/**
 * Asks questions of the sources and prints the answers: rows on stdout, notes and the accounting on stderr. With `--dry-run`
 * it prints what would be read.
 * @throws UserError for everything that the user can mend
 */
export async function answerQuestions(request: AnswerRequest): Promise<void> {
  const { questions, sources, flags } = request;
  if (flags['dry-run']) refuseFormats('a plan of several tables', ROW_FORMATS, flags);
  else if (questions.length > 1) refuseFormats(`${questions.length} answers`, [...ROW_FORMATS, 'json'], flags);
  if (flags.output === 'chart' && !flags.json) for (const { query } of questions) expectTime(query);
  await withRunResources(flags, (resources) =>
    readOrPlan({ sources, flags, resources }, (listed, opening) =>
      readAndAnswer(request, listed, { resources, opening }),
    ),
  );
}

async function readAndAnswer(
  { questions, sources, flags, toolVersion }: AnswerRequest,
  listed: ReadingPlan,
  { resources, opening }: { readonly resources: RunResources; readonly opening: OpeningEngine },
): Promise<void> {
  const { progress, started } = resources;
  const { reading, isCached, isFillable } = await cachedReading(listed, { flags, sources, toolVersion }, resources);
  const run = await openReadingRun(reading, flags, { resources, opening });
  const answers = await askQuestions({ ...run, questions });
  const readingMs = performance.now() - started;
  const { unknownKeys } = answers.dataset;
  if (unknownKeys !== undefined) throw explainUnknown(unknownKeys);
  refuseEmptyWindow(reading, answers);
  progress.begin('asking');
  const notes: string[] = [];
  const named = collectNotes(answers.answers, { notes, many: questions.length > 1 });
  const accounting = withRequests(answers.dataset.accounting, reading);
  const text = renderAnswers(named, accounting, { questions, flags });
  const printed = await writeStdout(
    beforeFirst(text, () => progress.stop()),
    process.stdout,
  );
  const isFar = reading.stores.some(({ requests }) => requests !== undefined);
  if (isFillable && (isCached || isFar || readingMs > WORTH_CACHING_MS)) startFilling(sources, flags);
  if (printed === 'closed') return;
  reportAccounting({
    accounting,
    notes: [...notes, ...sessionNotes(answers.sessions)],
    seconds: (performance.now() - started) / 1000,
    flags,
  });
}

/** A source that is read faster than this on a disk is not kept a second time. */
const WORTH_CACHING_MS = 1000;

/** An empty answer to a window that misses all records would pass for "nothing happened". */
function refuseEmptyWindow({ selection }: ReadingPlan, { dataset }: Answers): void {
  const { since, until } = selection.filters.window;
  const { timeSpan, accounting } = dataset;
  if ((since === undefined && until === undefined) || timeSpan === undefined || accounting.records.kept > 0) return;
  const inWindow =
    (since === undefined || Date.parse(timeSpan.last) >= since) &&
    (until === undefined || Date.parse(timeSpan.first) < until);
  if (inWindow) return;
  throw new UserError(`No call is in the window; the calls there are from ${timeSpan.first} to ${timeSpan.last}`, {
    wayOut: 'Ask for another window with --since and --until.',
  });
}

/** A progress line and an answer may share a terminal. */
async function* beforeFirst(chunks: AsyncIterable<string>, act: () => void): AsyncGenerator<string> {
  for await (const chunk of chunks) {
    act();
    yield chunk;
  }
}

interface Notes {
  readonly notes: string[];
  readonly many: boolean;
}

async function* collectNotes(answers: AsyncIterable<NamedAnswer>, { notes, many }: Notes): AsyncGenerator<NamedAnswer> {
  for await (const answer of answers) {
    yield answer;
    const { shown, total } = answer.counted();
    const cut = `${formatCount(shown)} of ${formatCount(total)} rows; --limit 0 shows all`;
    const own = [...(shown < total ? [cut] : []), ...answer.notes];
    notes.push(...own.map((note) => (many ? `${answer.query}: ${note}` : note)));
  }
}

function sessionNotes(coverage: SessionCoverage | undefined): string[] {
  if (coverage === undefined || coverage.without === 0n) return [];
  return [`${formatCount(Number(coverage.without))} of ${formatCount(Number(coverage.total))} calls carry no session`];
}

interface Rendering {
  readonly questions: readonly Question[];
  readonly flags: OutputFlags;
}

/** A question's name may be that of a file, which may be anything. */
function heading(name: string, { output }: OutputFlags): string {
  const shown = sanitizeForTerminal(name);
  return output === 'markdown' ? `## \`${shown.replaceAll('`', "'")}\`\n` : shown;
}

async function* renderAnswers(
  named: AsyncIterable<NamedAnswer>,
  accounting: Accounting,
  { questions, flags }: Rendering,
): AsyncIterable<string> {
  const many = questions.length > 1;
  if (flags.json) {
    yield* renderJsonAnswer({ answers: named, many, accounting: () => accounting });
    return;
  }
  let first = true;
  for await (const answer of named) {
    if (many) yield `${first ? '' : '\n'}${heading(answer.query, flags)}\n`;
    first = false;
    yield* renderRows(flags.output, {
      ...terminalOptions(flags),
      title: answer.query,
      columns: answer.columns,
      chunks: answer.chunks,
    });
  }
}
