import type { Accounting } from '../dataset/accounting.js';
import type { Dataset } from '../dataset/open-dataset.js';
import type { Engine, Row } from '../engines/engine.js';
import { askQuestions, type Question } from '../queries/ask-questions.js';
import { cachedReading } from './cached-reading.js';
import { explainUnknown } from './explain-unknown.js';
import type { CommandFlags } from './flags.js';
import type { Config } from './parse-config.js';
import type { ReadingPlan } from './plan-reading.js';
import { openReadingRun, withRequests, type OpeningEngine } from './reading-run.js';
import { readOrPlan } from './read-or-plan.js';
import { withRunResources, type RunResources } from './run-resources.js';

export interface SourceRequest {
  readonly sources: readonly string[];
  readonly flags: CommandFlags;
  readonly toolVersion: string;
  /** Only the calls of this session. */
  readonly session?: string | undefined;
  /** There may be no object to read. */
  readonly mayBeEmpty?: boolean;
  /** Makes the questions, once the configuration is known and before anything is read. */
  readonly prepare: (context: QuestionContext) => Promise<readonly Question[]>;
}

export interface QuestionContext {
  readonly engine: Engine;
  readonly config: Config | undefined;
}

/** All rows of all questions, for answers that are small. */
export interface SourceAnswers {
  /** The rows of each question, in the order of the questions. */
  readonly answers: readonly (readonly Row[])[];
  readonly accounting: Accounting;
  readonly timeSpan: Dataset['timeSpan'];
  readonly seconds: number;
}

/**
 * Reads the sources once and gives the answers to all questions. With `--dry-run` it prints what would be read.
 * @returns undefined where nothing was asked, or the run was interrupted
 * @throws UserError for everything that the user can mend
 */
export async function askSource(request: SourceRequest): Promise<SourceAnswers | undefined> {
  const { sources, flags, mayBeEmpty = false } = request;
  let found: SourceAnswers | undefined;
  await withRunResources(flags, (resources) =>
    readOrPlan({ sources, flags, resources, mayBeEmpty }, async (listed, opening) => {
      found = await readAndAsk(request, ofSession(listed, request.session), { resources, opening });
    }),
  );
  return found;
}

function ofSession(reading: ReadingPlan, session: string | undefined): ReadingPlan {
  if (session === undefined) return reading;
  const { filters } = reading.selection;
  const values = { ...filters.values, session_id: [session] };
  return { ...reading, selection: { ...reading.selection, filters: { ...filters, values } } };
}

async function readAndAsk(
  { sources, flags, toolVersion, prepare }: SourceRequest,
  listed: ReadingPlan,
  { resources, opening }: { readonly resources: RunResources; readonly opening: OpeningEngine },
): Promise<SourceAnswers> {
  const { reading } = await cachedReading(listed, { flags, sources, toolVersion }, resources);
  const run = await openReadingRun(reading, flags, { resources, opening });
  const questions = await prepare({ engine: run.engine, config: listed.config });
  const { dataset, answers: asked } = await askQuestions({ ...run, questions });
  if (dataset.unknownKeys !== undefined) throw explainUnknown(dataset.unknownKeys);
  resources.progress.begin('asking');
  const answers: Row[][] = [];
  for await (const { chunks } of asked) {
    const rows: Row[] = [];
    for await (const chunk of chunks) rows.push(...chunk);
    answers.push(rows);
  }
  const seconds = (performance.now() - resources.started) / 1000;
  return { answers, accounting: withRequests(dataset.accounting, reading), timeSpan: dataset.timeSpan, seconds };
}
