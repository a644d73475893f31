import { renderHtmlChart } from '../output/html-chart.js';
import { renderHtmlPage } from '../output/html-page.js';
import { renderHtmlTable } from '../output/html-table.js';
import { escapeHtml } from '../output/html-text.js';
import { groupDigits } from './describe-change.js';
import { describeCompleteness } from './describe-completeness.js';
import { figureChange, figureText } from './describe-figure.js';
import { displaySection } from './display-section.js';
import type { Figure, Judgement, Report, ReportSection } from './report.js';
import { sectionChart } from './section-chart.js';

/** A report as one HTML file that needs no script and no network. */
export function renderReportHtml(report: Report): string {
  const { title, figures, sections } = report;
  const parts = [
    renderHead(report),
    renderJudgements(report.judgements),
    renderFigures(figures),
    ...sections.map(renderSection),
    renderFoot(report),
  ];
  return renderHtmlPage({ title, body: parts.filter((part) => part !== '').join('\n') });
}

function renderHead({ title, text, period, before, calls, notes }: Report): string {
  const facts = [
    `<strong>${escapeHtml(period.label)}</strong>`,
    ...(before === undefined ? [] : [`compared with ${escapeHtml(before.label)}`]),
    `${groupDigits(String(calls))} calls`,
  ];
  return [
    '<header>',
    `<h1>${escapeHtml(title)}</h1>`,
    ...(text === '' ? [] : [`<p>${escapeHtml(text)}</p>`]),
    `<p>${facts.join(' · ')}</p>`,
    ...notes.map((note) => `<p class="note">${escapeHtml(note)}</p>`),
    '</header>',
  ].join('\n');
}

function renderJudgements(judgements: readonly Judgement[]): string {
  if (judgements.length === 0) return '';
  const items = judgements.map(({ condition, text, crossed, fails }) => {
    const said = crossed === null ? 'not known' : crossed ? (fails ? 'yes: failed' : 'yes') : 'no';
    const name = crossed === true ? 'crossed' : 'kept';
    const why = text === '' || crossed !== true ? '' : ` <span class="soft">${escapeHtml(text)}</span>`;
    return `<li class="${name}">${escapeHtml(condition)}: <strong>${said}</strong>.${why}</li>`;
  });
  return `<ul class="thresholds" aria-label="thresholds">\n${items.join('\n')}\n</ul>`;
}

function renderFigures(figures: readonly Figure[]): string {
  if (figures.length === 0) return '';
  const items = figures.map((figure) => {
    const change = figureChange(figure);
    const shown = change === '=' ? 'as before' : change;
    const more = shown === '' ? '' : `<dd class="change">${escapeHtml(shown)}</dd>`;
    return `<div><dt>${escapeHtml(figure.label)}</dt><dd>${escapeHtml(figureText(figure))}</dd>${more}</div>`;
  });
  return `<dl class="figures">\n${items.join('\n')}\n</dl>`;
}

function renderSection(section: ReportSection): string {
  if (section.show === 'number') return '';
  const { id, title, text, empty, notes } = section;
  const chart = sectionChart(section);
  const { columns, rows, left } = displaySection(section);
  const more = left > 0 ? `<p class="soft">${groupDigits(String(left))} more rows are not shown.</p>` : '';
  const table = `${renderHtmlTable({ label: title, columns, rows })}${more}`;
  const body =
    rows.length === 0
      ? `<p class="soft">${escapeHtml(empty)}</p>`
      : chart === undefined
        ? table
        : `${renderHtmlChart(chart, `chart-${id}`)}\n<details><summary>As a table</summary>${table}</details>`;
  return [
    `<section aria-labelledby="${id}">`,
    `<h2 id="${id}">${escapeHtml(title)}</h2>`,
    ...[text, ...notes].filter((line) => line !== '').map((line) => `<p class="soft">${escapeHtml(line)}</p>`),
    body,
    '</section>',
  ].join('\n');
}

function renderFoot({ sources, accounting }: Report): string {
  const [said = '', missing] = describeCompleteness(accounting);
  const read = sources.length === 0 ? '' : `<p>Read: ${sources.map(escapeHtml).join(', ')}</p>`;
  const bad = missing === undefined ? '' : `<p class="bad"><strong>${escapeHtml(missing)}</strong></p>`;
  return `<footer>\n${bad}${read}<p>${escapeHtml(said)}</p>\n</footer>`;
}
