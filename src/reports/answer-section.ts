import { closestName } from '../closest-name.js';
import type { Column, Engine, Row, Value } from '../engines/engine.js';
import { UserError } from '../errors.js';
import { isNumberType } from '../output/number-type.js';
import type { Question } from '../queries/ask-questions.js';
import { runQuery } from '../queries/run-query.js';
import { figuresOf, type TemplateSection } from './report-template.js';

/** A section with its question as it is asked. */
export interface SectionQuestion {
  readonly section: TemplateSection;
  readonly question: Question;
}

/** What is kept of a section's answer over the period before. */
export interface SectionMemory {
  /** The compared column's value by the row's key; null where nothing is compared. */
  readonly values: ReadonlyMap<string, Value>;
  /** By name. */
  readonly figures: ReadonlyMap<string, bigint | number | null>;
}

/** A section's answer over the period, with what it was before. */
export interface AnsweredSection {
  readonly section: TemplateSection;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  readonly total: number;
  /** The column with the values of the period before; absent where nothing is compared. */
  readonly beforeColumn: string | undefined;
  readonly figures: ReadonlyMap<string, bigint | number | null>;
  /** Absent where the period before was not asked, or has no calls. */
  readonly memory: SectionMemory | undefined;
  readonly notes: readonly string[];
}

const NOTHING_BEFORE = 'There is no period before with calls: all rows are listed.';
/** More points are no chart that a person reads. */
const CHART_ROWS = 2000;

/** Asks a section's question of the period before, and keeps of it what comparing needs. */
export async function rememberSection(engine: Engine, { section, question }: SectionQuestion): Promise<SectionMemory> {
  const values = new Map<string, Value>();
  if (!isCompared(section)) return { values, figures: new Map() };
  const { columns, chunks } = await runQuery(engine, question.query, { parameters: question.parameters, limit: 0 });
  const keyOf = keyFinder(section, columns);
  const at = section.compare === undefined ? undefined : numberColumn(section, columns, section.compare);
  let first: Row | undefined;
  let total = 0;
  for await (const rows of chunks) {
    first ??= rows[0];
    total += rows.length;
    if (section.key.length === 0) continue;
    for (const row of rows) values.set(keyOf(row), at === undefined ? null : (row[at] ?? null));
  }
  return { values, figures: readFigures(section, { columns, first, total }) };
}

function isCompared(section: TemplateSection): boolean {
  return section.key.length > 0 || figuresOf(section).length > 0;
}

/**
 * Asks a section's question of the period.
 * @throws UserError for a column that the report names and the answer has not
 */
export async function answerSection(
  engine: Engine,
  { section, question }: SectionQuestion,
  memory: SectionMemory | undefined,
): Promise<AnsweredSection> {
  const answer = await runQuery(engine, question.query, { parameters: question.parameters, limit: 0 });
  const { columns, chunks } = answer;
  for (const name of [...section.columns, ...section.y, ...(section.x === undefined ? [] : [section.x])])
    findColumn(section, columns, name);
  const keyOf = keyFinder(section, columns);
  const beforeColumn = memory === undefined ? undefined : addedColumn(section, columns);
  const isNew = (row: Row): boolean => !section.onlyNew || memory?.values.has(keyOf(row)) !== true;
  const isUnknown = section.onlyNew && memory === undefined;
  const most = rowsKept(section);
  const kept: Row[] = [];
  let total = 0;
  for await (const rows of chunks) {
    for (const row of rows.filter(isNew)) {
      total += 1;
      if (kept.length >= most) continue;
      kept.push(beforeColumn === undefined ? row : [...row, memory?.values.get(keyOf(row)) ?? null]);
    }
  }
  const added = beforeColumn === undefined ? [] : [{ ...compareColumn(section, columns), name: beforeColumn }];
  return {
    section,
    columns: [...columns, ...added],
    rows: kept,
    total,
    beforeColumn,
    figures: isUnknown ? new Map() : readFigures(section, { columns, first: kept[0], total }),
    memory: section.onlyNew ? undefined : memory,
    notes: isUnknown ? [...answer.notes, NOTHING_BEFORE] : answer.notes,
  };
}

function rowsKept({ csv, show, limit }: TemplateSection): number {
  if (csv !== undefined || limit === 0) return Infinity;
  return show === 'table' ? limit : CHART_ROWS;
}

function addedColumn({ compare, onlyNew }: TemplateSection, columns: readonly Column[]): string | undefined {
  if (compare === undefined || onlyNew) return undefined;
  const taken = columns.map(({ name }) => name);
  const name = `${compare}_before`;
  return taken.includes(name) ? `${name}_2` : name;
}

function compareColumn(section: TemplateSection, columns: readonly Column[]): Column {
  const column = columns[numberColumn(section, columns, section.compare ?? '')];
  if (column === undefined) throw new Error('a compared column is among the columns');
  return column;
}

/** Rows of the same key are the same row in two periods. */
function keyFinder(section: TemplateSection, columns: readonly Column[]): (row: Row) => string {
  const at = section.key.map((name) => findColumn(section, columns, name));
  return (row) =>
    JSON.stringify(
      at.map((index) => row[index] ?? null),
      (_, value: unknown) => textOfBig(value),
    );
}

function textOfBig(value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value;
}

function numberColumn(section: TemplateSection, columns: readonly Column[], name: string): number {
  const at = findColumn(section, columns, name);
  if (isNumberType(columns[at]?.type ?? 'text')) return at;
  throw new UserError(`The section "${section.title}" compares ${name}, which is no column of numbers`);
}

function findColumn({ title }: TemplateSection, columns: readonly Column[], name: string): number {
  const names = columns.map((column) => column.name);
  const at = names.indexOf(name);
  if (at >= 0) return at;
  const meant = closestName(name, names);
  throw new UserError(`The section "${title}" names the column ${name}, which its question does not give`, {
    wayOut: [...(meant === undefined ? [] : [`Did you mean ${meant}?`]), `Its columns are: ${names.join(', ')}.`],
  });
}

interface FirstRow {
  readonly columns: readonly Column[];
  readonly first: Row | undefined;
  readonly total: number;
}

function readFigures(
  section: TemplateSection,
  { columns, first, total }: FirstRow,
): ReadonlyMap<string, bigint | number | null> {
  const figures = section.figures.map(({ name }): [string, bigint | number | null] => [
    name,
    numberOf(first?.[findColumn(section, columns, name)] ?? null),
  ]);
  if (section.count !== undefined) figures.push([section.count.name, BigInt(total)]);
  return new Map(figures);
}

function numberOf(value: Value): bigint | number | null {
  if (typeof value === 'bigint' || value === null) return value;
  const number = typeof value === 'boolean' ? Number(value) : typeof value === 'number' ? value : Number(value);
  return Number.isFinite(number) ? number : null;
}
