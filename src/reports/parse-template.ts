import { UserError } from '../errors.js';
import { closestName } from '../closest-name.js';
import type { CannedQuery } from '../queries/canned-query.js';
import { parseQueryHeader } from '../queries/parse-query-header.js';
import { quoteBackticks } from '../queries/clickhouse-dialect.js';
import { loadQuery } from '../queries/query-catalog.js';
import { parametersIn } from '../queries/sql-tokens.js';
import { timeZoneName } from '../queries/time-zone-name.js';
import { bindParameters, type GivenParameters } from '../queries/bind-parameters.js';
import { parseCondition } from './condition.js';
import {
  AUTO,
  figureNames,
  figuresOf,
  SHOWS,
  type FigureName,
  type ReportTemplate,
  type TemplateSection,
  type Threshold,
} from './report-template.js';
import { faultAt, readYaml, type YamlMapping } from './yaml-reader.js';

export interface TemplateSource {
  readonly name: string;
  /** The file's name for errors. */
  readonly file: string;
  readonly text: string;
  /** Makes the path of a question's file, written in the report, one from the working folder. */
  readonly locate: (path: string) => string;
  /** Whether it comes with awsusage: its SQL is ours. */
  readonly isOurs: boolean;
}

const KEYS = ['title', 'text', 'startDate', 'endDate', 'timezone', 'compare', 'sections', 'thresholds'];
const SECTION_KEYS = [
  ...['title', 'text', 'empty', 'question', 'sql', 'parameters', 'show', 'x', 'y', 'columns', 'limit'],
  ...['key', 'compare', 'new', 'figures', 'count', 'csv'],
];
const THRESHOLD_KEYS = ['when', 'text', 'fail'];
const ROWS_SHOWN = 20;

/**
 * Reads a report file. Names of questions, parameters, columns and figures are checked as far as that can be told without data.
 * @throws UserError with file, line and column
 */
export function parseTemplate(source: TemplateSource): ReportTemplate {
  const yaml = readYaml(source.text, source.file);
  yaml.expectNames(KEYS);
  const sections = yaml.mappings('sections').map((section) => readSection(section, source));
  if (sections.length === 0) throw faultAt(yaml.placeOf('sections'), '"sections" has to be a list of one or more');
  const named = nameApart(sections, source.file);
  const dates = readDates(yaml);
  return {
    name: source.name,
    title: yaml.requiredText('title'),
    text: yaml.text('text')?.trim() ?? '',
    ...dates,
    timezone: readTimezone(yaml),
    compare: yaml.boolean('compare') ?? true,
    sections: named,
    thresholds: yaml.mappings('thresholds').map((one) => readThreshold(one, figureNames({ sections: named }))),
  };
}

function readDates(yaml: YamlMapping): Pick<ReportTemplate, 'startDate' | 'endDate'> {
  const [startDate, endDate] = ['startDate', 'endDate'].map((name) => {
    const text = yaml.text(name);
    if (text === undefined || isDay(text)) return text;
    throw faultAt(yaml.placeOf(name), `"${name}" is a day: 2026-10-01`);
  });
  if ((startDate === undefined) !== (endDate === undefined))
    throw faultAt(yaml.place, '"startDate" and "endDate" go together; equal days mean that day');
  if (startDate !== undefined && endDate !== undefined && endDate < startDate)
    throw faultAt(yaml.placeOf('endDate'), `"endDate" ${endDate} is before "startDate" ${startDate}`);
  return { startDate, endDate };
}

/** A day of the calendar: not the thirtieth of February. */
function isDay(text: string): boolean {
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function readTimezone(yaml: YamlMapping): string | undefined {
  const text = yaml.text('timezone');
  if (text === undefined || timeZoneName(text) !== undefined) return text;
  throw faultAt(yaml.placeOf('timezone'), '"timezone" is UTC, an IANA name (Europe/Berlin) or an offset (+02:00)');
}

function readSection(yaml: YamlMapping, source: TemplateSource): TemplateSection {
  yaml.expectNames(SECTION_KEYS);
  const title = yaml.requiredText('title');
  const query = readQuery(yaml, source);
  const show = yaml.choice('show', SHOWS) ?? 'table';
  const [count] = readFigures(yaml, 'count');
  const section: TemplateSection = {
    id: idOf(title),
    title,
    text: yaml.text('text')?.trim() ?? '',
    empty: yaml.text('empty')?.trim() ?? 'There are none.',
    query,
    given: readParameters(yaml, query),
    show,
    x: yaml.text('x'),
    y: yaml.texts('y'),
    columns: yaml.texts('columns'),
    limit: yaml.count('limit') ?? ROWS_SHOWN,
    key: yaml.texts('key'),
    compare: yaml.text('compare'),
    onlyNew: yaml.boolean('new') ?? false,
    figures: readFigures(yaml, 'figures'),
    count,
    csv: yaml.text('csv'),
  };
  checkSection(section, yaml);
  return section;
}

function readQuery(yaml: YamlMapping, { file, isOurs, locate }: TemplateSource): CannedQuery {
  const question = yaml.text('question');
  const sql = yaml.text('sql');
  if ((question === undefined) === (sql === undefined))
    throw faultAt(yaml.place, 'a section has either "question" or "sql"');
  if (question !== undefined) {
    const path = /\.sql$|[/\\]/i.test(question) ? locate(question) : question;
    return atPlace(yaml, 'question', () => loadQuery(path));
  }
  const { at } = yaml.placeOf('sql');
  const text = `${sqlHeader(sql ?? '')}${quoteBackticks(sql ?? '')}`;
  const query = atPlace(yaml, 'sql', () => parseQueryHeader({ name: 'sql', file, text }));
  return isOurs ? query : { ...query, file: `The SQL at ${at}` };
}

/** SQL of a report may name one parameter. */
function sqlHeader(sql: string): string {
  const hasZone = parametersIn(sql).includes('timezone');
  return hasZone ? '-- summary: sql\n-- parameter: timezone\n--   type: timezone\n--   default: UTC\n\n' : '';
}

function readParameters(yaml: YamlMapping, query: CannedQuery): GivenParameters {
  const mapping = yaml.mapping('parameters');
  if (mapping === undefined) return {};
  const given: Record<string, string | readonly string[]> = {};
  for (const name of mapping.names()) {
    const type = query.parameters.find((parameter) => parameter.name === name)?.type;
    given[name] = type === 'list' ? mapping.texts(name) : (mapping.text(name) ?? '');
    atPlace(mapping, name, () => bindParameters(withOptional(query), bindable({ [name]: given[name] })));
  }
  atPlace(yaml, 'parameters', () => bindParameters(query, bindable(given)));
  return given;
}

function bindable(given: GivenParameters): GivenParameters {
  return given['every'] === AUTO ? { ...given, every: 'day' } : given;
}

function withOptional(query: CannedQuery): CannedQuery {
  return { ...query, parameters: query.parameters.map((parameter) => ({ ...parameter, required: false })) };
}

function readFigures(yaml: YamlMapping, name: string): readonly FigureName[] {
  const mapping = yaml.mapping(name);
  if (mapping === undefined) return [];
  return mapping.names().map((figure) => {
    if (!/^[a-z][a-z0-9_]*$/.test(figure))
      throw faultAt(mapping.placeOf(figure), `the figure "${figure}" is no name: letters, digits and _`);
    return { name: figure, label: mapping.text(figure)?.trim() ?? figure.replaceAll('_', ' ') };
  });
}

function checkSection(section: TemplateSection, yaml: YamlMapping): void {
  const { show, figures, key, compare, onlyNew, csv, query } = section;
  if (show === 'number' && figures.length === 0)
    throw faultAt(
      yaml.placeOf('show'),
      'numbers need "figures": the columns of the one row, each with what it is called',
    );
  if (show !== 'number' && figures.length > 0)
    throw faultAt(
      yaml.placeOf('figures'),
      '"figures" are of "show: number"; elsewhere "count" names the number of rows',
    );
  if (key.length === 0 && (onlyNew || compare !== undefined))
    throw faultAt(yaml.place, '"compare" and "new" need "key": the columns that tell rows apart');
  if (csv !== undefined && !/^[a-z0-9][a-z0-9-]{0,40}$/.test(csv))
    throw faultAt(yaml.placeOf('csv'), '"csv" is a word for the file name: small letters, digits and -');
  for (const name of ['x', 'y', 'columns', 'key', 'compare']) expectColumns(yaml, name, query);
}

/** The questions that come with awsusage say their columns; others are known when they are asked. */
function expectColumns(yaml: YamlMapping, name: string, { columns, plan }: CannedQuery): void {
  const known = columns.map((column) => column.name);
  if (known.length === 0 || plan !== undefined) return;
  const unknown = yaml.texts(name).find((column) => !known.includes(column));
  if (unknown === undefined) return;
  const meant = closestName(unknown, known);
  throw faultAt(yaml.placeOf(name), `the question has no column "${unknown}"`, [
    ...(meant === undefined ? [] : [`Did you mean ${meant}?`]),
    `Its columns are: ${known.join(', ')}.`,
  ]);
}

function readThreshold(yaml: YamlMapping, names: readonly string[]): Threshold {
  yaml.expectNames(THRESHOLD_KEYS);
  const when = yaml.requiredText('when');
  return {
    condition: atPlace(yaml, 'when', () => parseCondition(when, names)),
    text: yaml.text('text')?.trim() ?? '',
    fails: yaml.boolean('fail') ?? false,
  };
}

/** Sections and figures are told apart by their names. */
function nameApart(sections: readonly TemplateSection[], file: string): readonly TemplateSection[] {
  const names = sections.flatMap(figuresOf).map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new UserError(`${file}: the figure ${twice} comes twice`);
  const taken = new Set<string>();
  return sections.map((section) => {
    let id = section.id;
    for (let count = 2; taken.has(id); count++) id = `${section.id}-${count}`;
    taken.add(id);
    return { ...section, id };
  });
}

function idOf(title: string): string {
  const id = title.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return id.replace(/^-+|-+$/g, '') || 'section';
}

/** What others say is wrong, with its place. */
function atPlace<T>(yaml: YamlMapping, name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw faultAt(yaml.placeOf(name), error.message, error.wayOut);
  }
}
