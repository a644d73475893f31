import { openDataset, type Dataset, type DatasetRequest } from '../dataset/open-dataset.js';
import { parseSelect } from '../dataset/parse-sql.js';
import type { Engine, Row } from '../engines/engine.js';
import { UserError } from '../errors.js';
import { statementsOf, explainOwnSql, type Question } from '../queries/ask-questions.js';
import { bindParameters } from '../queries/bind-parameters.js';
import { checkOneSelect } from '../queries/check-one-select.js';
import { AWS_API_CALLS_VIEW } from '../queries/clickhouse-dialect.js';
import {
  answerSection,
  rememberSection,
  type AnsweredSection,
  type SectionMemory,
  type SectionQuestion,
} from './answer-section.js';
import type { Period } from './report-period.js';
import { AUTO, type ReportTemplate, type TemplateSection } from './report-template.js';

export interface ReportRequest extends Omit<DatasetRequest, 'statements' | 'views'> {
  readonly template: ReportTemplate;
  /** Absent: all calls that the filters leave. */
  readonly period: Period | undefined;
  /** The period that figures are held against; the filters' window has to reach back to it. */
  readonly before: Period | undefined;
  readonly timezone: string;
}

export interface AskedReport {
  readonly dataset: Dataset;
  readonly sections: readonly AnsweredSection[];
  /** How many calls there are in the period, and in the one before where that was asked. */
  readonly calls: bigint;
  readonly callsBefore: bigint | undefined;
}

/**
 * Reads the source once, for the period and the one before, and asks each question of the report over both.
 * @throws UserError when the report's own SQL is wrong, before anything is read where that can be told; and all that
 *   `openDataset` throws
 */
export async function askReport(request: ReportRequest): Promise<AskedReport> {
  const { engine, template, period, before } = request;
  const planned = template.sections.map((section) => questionOf(section, request.timezone, SOME_LENGTH));
  for (const question of planned) await checkOwnSql(engine, question);
  const statements = [...planned.flatMap(statementsOf), COUNT_STATEMENT];
  const dataset = await openDataset({ ...request, statements, views: [AWS_API_CALLS_VIEW] });
  const length = lengthOf(period ?? spanOf(dataset));
  const ask = (section: TemplateSection): Question => questionOf(section, request.timezone, length);
  const asked = template.sections.map((section) => ({ section, question: ask(section) }));
  await engine.run(`ALTER VIEW api_calls RENAME TO ${ALL_CALLS}`);
  const memories = new Map<string, SectionMemory>();
  let callsBefore: bigint | undefined;
  if (before !== undefined) {
    await limitCalls(engine, before);
    callsBefore = await countCalls(engine);
    for (const one of callsBefore > 0n ? asked : [])
      memories.set(one.section.id, await explained(one, () => rememberSection(engine, one)));
  }
  await limitCalls(engine, period);
  const calls = await countCalls(engine);
  const sections: AnsweredSection[] = [];
  for (const one of asked)
    sections.push(await explained(one, () => answerSection(engine, one, memories.get(one.section.id))));
  return { dataset, sections, calls, callsBefore };
}

const ALL_CALLS = 'calls_of_all_periods';
const COUNT_SQL = 'SELECT CAST(coalesce(sum(calls), 0) AS bigint), count("timestamp") FROM api_calls';
const COUNT_STATEMENT = { sql: COUNT_SQL, parameters: {} };

/** What is read does not depend on it. */
const SOME_LENGTH = 0;

function questionOf({ query, given }: TemplateSection, timezone: string, length: number): Question {
  const hasZone = query.parameters.some(({ name }) => name === 'timezone');
  const zone = hasZone && given['timezone'] === undefined ? { timezone } : {};
  const every = given['every'] === AUTO ? { every: everyFor(length) } : {};
  return { query, parameters: bindParameters(query, { ...given, ...zone, ...every }) };
}

const HOUR_MS = 3_600_000;

/** A step of time that gives a chart some ten to a hundred points. */
function everyFor(length: number): string {
  if (length <= 2 * HOUR_MS) return 'minute';
  return length <= 4 * 24 * HOUR_MS ? 'hour' : 'day';
}

function lengthOf({ since, until }: Period): number {
  return until - since;
}

function spanOf({ timeSpan }: Dataset): Period {
  if (timeSpan === undefined) return { since: 0, until: SOME_LENGTH };
  return { since: Date.parse(timeSpan.first), until: Date.parse(timeSpan.last) };
}

/** Views of raw records know no periods. */
async function checkOwnSql(engine: Engine, { query }: Question): Promise<void> {
  const { file, sql } = query;
  if (file === undefined) return;
  await checkOneSelect(engine, sql, file);
  const { tables } = await parseSelect(engine, sql);
  const raw = tables.find((table) => /^raw(_|$)/i.test(table));
  if (raw === undefined) return;
  throw new UserError(`${file} reads ${raw}, which holds more than the period of the report`, {
    wayOut: 'A report asks api_calls (or aws_api_calls).',
  });
}

async function explained<T>({ question }: SectionQuestion, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw explainOwnSql(error, question.query);
  }
}

/** From now on questions see the calls of one period. The numbers are ours, so they may stand in the view's SQL. */
async function limitCalls(engine: Engine, period: Period | undefined): Promise<void> {
  const micros = (time: number): string => `make_timestamp(${BigInt(Math.round(time)) * 1000n})`;
  const where =
    period === undefined
      ? ''
      : ` WHERE "timestamp" >= ${micros(period.since)} AND "timestamp" < ${micros(period.until)}`;
  await engine.run(`CREATE OR REPLACE VIEW api_calls AS SELECT * FROM ${ALL_CALLS}${where}`);
}

async function countCalls(engine: Engine): Promise<bigint> {
  const [row]: readonly (Row | undefined)[] = await engine.rows(COUNT_SQL);
  return BigInt(String(row?.[0] ?? 0));
}
