import { UserError } from '../errors.js';
import { renderJsonAnswer } from '../output/json-answer.js';
import { renderRows, type OutputFormat } from '../output/row-formats.js';
import { askQuestions, type Answers, type NamedAnswer, type Question } from '../queries/ask-questions.js';
import type { SessionCoverage } from '../queries/calls-without-session.js';
import type { CommandFlags, OutputFlags } from './flags.js';
import { formatCount } from './format-amount.js';
import { openReadingRun, planReading, type ReadingPlan } from './reading-run.js';
import { printSections } from './print-sections.js';
import { reportAccounting } from './report-accounting.js';
import { describePlan } from './describe-plan.js';
import { terminalOptions } from './terminal-options.js';
import { writeStdout } from './write-stdout.js';

export interface AnswerRequest {
  readonly questions: readonly Question[];
  readonly sources: readonly string[];
  readonly flags: CommandFlags;
}

/**
 * Asks questions of the sources and prints the answers: rows on stdout, notes and the accounting on stderr. With `--dry-run`
 * it prints what would be read.
 * @throws UserError for everything that the user can mend
 */
export async function answerQuestions({ questions, sources, flags }: AnswerRequest): Promise<void> {
  refuseManyRows(questions, flags.output, flags.json);
  const started = performance.now();
  const reading = await planReading(sources, flags);
  if (flags['dry-run']) {
    await printSections(describePlan(reading), flags);
    return;
  }
  const run = await openReadingRun(reading, flags);
  try {
    const answers = await askQuestions({ ...run.request, questions });
    run.progress.stop();
    refuseEmptyWindow(reading, answers);
    const notes: string[] = [];
    const printed = await writeStdout(
      renderAnswers(collectNotes(answers.answers, notes), answers, { questions, flags }),
      process.stdout,
    );
    if (printed === 'closed') return;
    reportAccounting({
      accounting: answers.dataset.accounting,
      notes: [...notes, ...sessionNotes(answers.sessions)],
      seconds: (performance.now() - started) / 1000,
      flags,
    });
  } catch (error) {
    if (run.watch.signal === undefined) throw error;
  } finally {
    run.close();
  }
}

function refuseManyRows(questions: readonly Question[], output: OutputFormat, json: boolean): void {
  if (questions.length <= 1 || json || output === 'table' || output === 'markdown') return;
  throw new UserError(`Cannot print ${questions.length} answers as ${output}: their rows have different columns`, {
    wayOut: 'Use --json for one object with all answers, --output table or markdown, or ask one question at a time.',
  });
}

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

async function* collectNotes(answers: AsyncIterable<NamedAnswer>, notes: string[]): AsyncGenerator<NamedAnswer> {
  for await (const answer of answers) {
    yield answer;
    const { shown, total } = answer.counted();
    if (shown < total) notes.push(`${formatCount(shown)} of ${formatCount(total)} rows; --limit 0 shows all`);
    notes.push(...answer.notes);
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

async function* renderAnswers(
  named: AsyncIterable<NamedAnswer>,
  { dataset }: Answers,
  { questions, flags }: Rendering,
): AsyncIterable<string> {
  const many = questions.length > 1;
  if (flags.json) {
    yield* renderJsonAnswer({ answers: named, many, accounting: () => dataset.accounting });
    return;
  }
  let first = true;
  for await (const answer of named) {
    if (many) yield `${first ? '' : '\n'}${flags.output === 'markdown' ? `## ${answer.query}\n` : answer.query}\n`;
    first = false;
    yield* renderRows(flags.output, { ...terminalOptions(flags), columns: answer.columns, chunks: answer.chunks });
  }
}
