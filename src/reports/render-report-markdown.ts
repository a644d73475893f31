import type { Column, Row } from '../engines/engine.js';
import { escapeMarkdown, renderMarkdown } from '../output/markdown.js';
import { once } from '../output/once.js';
import { groupDigits } from './describe-change.js';
import { describeCompleteness } from './describe-completeness.js';
import { figureChange, figureText } from './describe-figure.js';
import { displaySection } from './display-section.js';
import type { Judgement, Report, ReportSection } from './report.js';

/** What a comment on a pull request of GitHub may have: 65,536 characters, which no text of as many bytes exceeds. */
export const COMMENT_BYTES = 65_536;

export interface MarkdownOptions {
  /** The most bytes that the text may have. */
  readonly mostBytes: number;
}

/** Kept free for the sentence that says what was cut. */
const SENTENCE_BYTES = 400;

/**
 * A report as Markdown of GitHub's kind, in which every value renders as its own text. What does not fit is cut between rows
 * and sections, and a sentence at the end says so.
 */
export async function renderReportMarkdown(report: Report, { mostBytes }: MarkdownOptions): Promise<string> {
  const budget = new Budget(mostBytes - SENTENCE_BYTES);
  const foot = `\n---\n${describeCompleteness(report.accounting).map(escapeMarkdown).join('  \n')}\n`;
  budget.reserve(foot);
  budget.add(await renderHead(report));
  const cut: Cut = { rows: 0, sections: 0 };
  for (const section of report.sections) await addSection(section, budget, cut);
  return `${budget.text}${foot}${cutSentence(cut, mostBytes)}`;
}

interface Cut {
  rows: number;
  sections: number;
}

class Budget {
  text = '';
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  reserve(text: string): void {
    this.#left -= Buffer.byteLength(text);
  }

  fits(text: string): boolean {
    return Buffer.byteLength(text) <= this.#left;
  }

  /** Adds the text if it fits. */
  add(text: string): boolean {
    const fits = this.fits(text);
    if (fits) {
      this.reserve(text);
      this.text += text;
    }
    return fits;
  }
}

async function renderHead(report: Report): Promise<string> {
  const { title, text, period, before, calls, sources, judgements, notes } = report;
  const facts = [
    `**${escapeMarkdown(period.label)}**`,
    ...(before === undefined ? [] : [`compared with ${escapeMarkdown(before.label)}`]),
    `${groupDigits(String(calls))} calls`,
  ];
  const parts = [
    `# ${escapeMarkdown(title)}`,
    ...(text === '' ? [] : [escapeMarkdown(text)]),
    facts.join(' · '),
    ...(sources.length === 0 ? [] : [`Read: ${sources.map(escapeMarkdown).join(', ')}`]),
    ...notes.map((note) => `> ${escapeMarkdown(note)}`),
    ...(judgements.length === 0 ? [] : [judgements.map(judgementLine).join('\n')]),
  ];
  return `${parts.join('\n\n')}\n${await renderFigures(report)}`;
}

function judgementLine({ condition, text, crossed, fails }: Judgement): string {
  const said = crossed === null ? 'not known' : crossed ? 'yes' : 'no';
  const mark = crossed === true ? (fails ? '❌' : '⚠️') : crossed === null ? '❔' : '✅';
  return `- ${mark} ${escapeMarkdown(condition)}: ${said}${text === '' || crossed !== true ? '' : `. ${escapeMarkdown(text)}`}`;
}

async function renderFigures({ figures, before }: Report): Promise<string> {
  if (figures.length === 0) return '';
  const columns: Column[] = [
    { name: 'figure', type: 'text' },
    { name: 'value', type: 'integer' },
    ...(before === undefined ? [] : [{ name: 'change', type: 'text' } as const]),
  ];
  const rows = figures.map((figure): Row => [
    figure.label,
    figureText(figure),
    ...(before === undefined ? [] : [figureChange(figure)]),
  ]);
  return `\n${(await tableLines(columns, rows)).join('')}`;
}

async function addSection(section: ReportSection, budget: Budget, cut: Cut): Promise<void> {
  if (section.show === 'number') return;
  const { title, text, empty, notes } = section;
  const { columns, rows, left } = displaySection(section);
  const said = [text, ...notes].filter((line) => line !== '').map((line) => `${escapeMarkdown(line)}\n\n`);
  const head = `\n## ${escapeMarkdown(title)}\n\n${said.join('')}`;
  if (rows.length === 0) {
    if (!budget.add(`${head}${escapeMarkdown(empty)}\n`)) cut.sections += 1;
    return;
  }
  const [names = '', rule = '', ...lines] = await tableLines(columns, rows);
  const more = `\n${groupDigits(String(left))} more rows are not shown.\n`;
  // A heading above nothing says nothing.
  if (!budget.add(`${head}${names}${rule}${lines[0]}`)) {
    cut.sections += 1;
    return;
  }
  const at = lines.slice(1).findIndex((line) => !budget.add(line));
  if (at >= 0) cut.rows += lines.length - 1 - at;
  else if (left > 0) budget.add(more);
}

/** The two lines of the head and one line a row. */
async function tableLines(columns: readonly Column[], rows: readonly Row[]): Promise<readonly string[]> {
  let text = '';
  for await (const block of renderMarkdown({
    columns: columns.map(readable),
    chunks: once(rows.map(grouped(columns))),
  }))
    text += block;
  return text.split(/(?<=\n)/);
}

function readable({ name, type }: Column): Column {
  return { name: name.replaceAll('_', ' '), type };
}

/** Whole numbers with their thousands apart; the cells are text then, and stay to the right. */
function grouped(columns: readonly Column[]): (row: Row) => Row {
  return (row) =>
    row.map((value, at) =>
      columns[at]?.type === 'integer' && typeof value === 'bigint' ? groupDigits(String(value)) : value,
    );
}

function cutSentence({ rows, sections }: Cut, mostBytes: number): string {
  if (rows === 0 && sections === 0) return '';
  const parts = [
    ...(rows === 0 ? [] : [`${groupDigits(String(rows))} rows`]),
    ...(sections === 0 ? [] : [`${sections} sections`]),
  ];
  const limit = groupDigits(String(mostBytes));
  return `\n**Cut: ${parts.join(' and ')} are left out, so that this stays below ${limit} bytes.** The whole report: --output html or json.\n`;
}
