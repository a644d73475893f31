import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ChangedInPlace, withFilesInPlace } from '../dataset/calls-in-place.js';
import { openDataset, type Dataset, type DatasetRequest } from '../dataset/open-dataset.js';
import type { Statement } from '../dataset/needed-columns.js';
import { NO_QUARANTINE } from '../dataset/quarantine.js';
import { SqlError, type Engine, type Parameters } from '../engines/engine.js';
import { UserError } from '../errors.js';
import { API_CALL_COLUMNS } from '../formats/api-call-columns.js';
import { callsWithoutSession, type SessionCoverage } from './calls-without-session.js';
import type { CannedQuery } from './canned-query.js';
import { checkOneSelect } from './check-one-select.js';
import { AWS_API_CALLS_VIEW } from './clickhouse-dialect.js';
import { pickParameters } from './pick-parameters.js';
import { runQuery, type QueryAnswer } from './run-query.js';

/** One question with what it was told. */
export interface Question {
  readonly query: CannedQuery;
  /** As `bindParameters` gives them. */
  readonly parameters: Parameters;
  /** How many rows to give; 0 is all. Where absent, the question's own limit. */
  readonly limit?: number;
}

export interface NamedAnswer extends QueryAnswer {
  /** The question's name. */
  readonly query: string;
}

export interface Answers {
  readonly dataset: Dataset;
  /** One has to be read to its end before the next. */
  readonly answers: AsyncIterable<NamedAnswer>;
  /** How many calls carry no session, where a question counts sessions. */
  readonly sessions: SessionCoverage | undefined;
}

export type AskRequest = Omit<DatasetRequest, 'statements' | 'views' | 'inPlace'> & {
  readonly questions: readonly Question[];
  /** Closes the engine and opens another one. */
  readonly openAnother: () => Promise<Engine>;
};

/**
 * Reads the source once and asks all questions of it.
 * @throws UserError when a question is wrong, before anything is read where that can be told; and all that `openDataset` throws
 */
export async function askQuestions(request: AskRequest): Promise<Answers> {
  const { engine, questions } = request;
  for (const { query } of questions) {
    if (query.file !== undefined) await checkOneSelect(engine, query.sql, query.file);
  }
  const countsSessions = questions.some(({ query }) => /\bsession_id\b/.test(query.sql) && query.file === undefined);
  const statements = [...questions.flatMap(statementsOf), ...(countsSessions ? [SESSIONS_STATEMENT] : [])];
  const asking = { ...request, statements, views: [AWS_API_CALLS_VIEW], countsSessions };
  const [question] = questions;
  if (question === undefined || questions.length > 1 || question.query.file !== undefined) return answerLoaded(asking);
  return (await answerInPlace(asking, question)) ?? answerLoaded(await startAnew(asking));
}

interface Asking extends DatasetRequest, Pick<AskRequest, 'questions' | 'openAnother'> {
  readonly countsSessions: boolean;
}

async function answerLoaded(asking: Asking): Promise<Answers> {
  return answersOf(await openDataset(asking), asking);
}

async function answersOf(dataset: Dataset, asking: Asking): Promise<Answers> {
  return { dataset, answers: answerAll(asking.engine, asking.questions), sessions: await countSessions(asking) };
}

/**
 * Asks one question of ours without loading what can be asked where it lies. Undefined where the files there turn out to be
 * damaged, or to be others by now.
 */
async function answerInPlace(asking: Asking, question: Question): Promise<Answers | undefined> {
  try {
    const dataset = await openDataset({ ...asking, inPlace: true });
    const { inPlace } = dataset;
    if (inPlace.length === 0) return await answersOf(dataset, asking);
    return await withFilesInPlace(inPlace, async () => {
      const sessions = await countSessions(asking);
      return { dataset, answers: only(await answerOne(asking.engine, question)), sessions };
    });
  } catch (error) {
    if (error instanceof ChangedInPlace) return undefined;
    throw error;
  }
}

/** What was read is left to the engine that has it, for that is locked. What was put aside of it is put aside already. */
async function startAnew(asking: Asking): Promise<Asking> {
  const folder = join(asking.folder, 'anew');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return { ...asking, engine: await asking.openAnother(), folder, quarantine: NO_QUARANTINE };
}

async function countSessions({ engine, countsSessions }: Asking): Promise<SessionCoverage | undefined> {
  return countsSessions ? callsWithoutSession(engine) : undefined;
}

const SESSIONS_STATEMENT: Statement = { sql: 'SELECT session_id, calls FROM api_calls', parameters: {} };

/** What a question asks, for finding out what it reads. */
export function statementsOf({ query, parameters }: Question): Statement[] {
  const { file, guard } = query;
  const texts = [query.sql, ...(guard === undefined ? [] : [guard.sql])];
  const explain = file === undefined ? {} : { explain: (error: SqlError) => explainSql(error, file) };
  return texts.map((sql) => ({ sql, parameters: pickParameters(sql, parameters), ...explain }));
}

async function* answerAll(engine: Engine, questions: readonly Question[]): AsyncGenerator<NamedAnswer> {
  for (const question of questions) {
    try {
      yield await answerOne(engine, question);
    } catch (error) {
      throw explainOwnSql(error, question.query);
    }
  }
}

async function answerOne(engine: Engine, { query, parameters, limit }: Question): Promise<NamedAnswer> {
  const answer = await runQuery(engine, query, { parameters, ...(limit === undefined ? {} : { limit }) });
  return { ...answer, query: query.name };
}

async function* only(answer: NamedAnswer): AsyncGenerator<NamedAnswer> {
  yield answer;
}

/** What went wrong with a question: where its SQL is the user's, in words for them. */
export function explainOwnSql(error: unknown, { file }: CannedQuery): unknown {
  return error instanceof SqlError && file !== undefined ? explainSql(error, file) : error;
}

function explainSql(error: SqlError, what: string): UserError {
  const namesColumn = /column|Binder/i.test(error.message);
  return new UserError(`${what} cannot be answered: ${error.message}`, {
    wayOut: namesColumn ? [`api_calls has the columns: ${Object.keys(API_CALL_COLUMNS).join(', ')}.`] : [],
    cause: error,
  });
}
