import type { Row } from '../engines/engine.js';
import { escapeHtml } from './html-text.js';
import { renderHtmlChart } from './html-chart.js';
import { renderHtmlPage } from './html-page.js';
import { renderHtmlTable } from './html-table.js';
import { once } from './once.js';
import type { TableOptions } from './table.js';
import { findTimeColumns, readTimeChart } from './time-chart.js';

export interface HtmlRowsOptions extends TableOptions {
  /** What the rows are; the page's title. */
  readonly title?: string | undefined;
}

/** Rows as one page: a table, and above it a chart where the rows have times and numbers. */
export async function* renderHtmlRows({ columns, chunks, title = 'Answer' }: HtmlRowsOptions): AsyncIterable<string> {
  const rows: Row[] = [];
  for await (const chunk of chunks) rows.push(...chunk);
  const isChart = findTimeColumns(columns) !== undefined && rows.length > 1;
  const chart = isChart ? renderHtmlChart(await readTimeChart({ columns, chunks: once(rows) }, title), 'chart') : '';
  const table =
    rows.length === 0 ? '<p class="soft">There are no rows.</p>' : renderHtmlTable({ label: title, columns, rows });
  yield renderHtmlPage({ title, body: `<h1>${escapeHtml(title)}</h1>\n${chart}\n${table}` });
}
