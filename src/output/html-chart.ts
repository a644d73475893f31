import type { ChartData } from './chart-data.js';
import { renderChartSvg } from './chart-svg.js';
import { escapeHtml } from './html-text.js';

/** A chart of a page, drawn twice: for wide pages, and for those of a phone, where the first one's text would be too small. */
export function renderHtmlChart(chart: ChartData, id: string): string {
  const wide = renderChartSvg(chart, { width: 900, height: 280, id: `${id}-wide` });
  const narrow = renderChartSvg(chart, { width: 360, height: 240, id: `${id}-narrow` });
  return `<figure>${renderKeys(chart)}<div class="wide">${wide}</div><div class="narrow">${narrow}</div></figure>`;
}

function renderKeys({ series }: ChartData): string {
  const items = series.map(({ name }, at) => `<li><i class="key-c${at % 6}"></i>${escapeHtml(name)}</li>`);
  return `<ul class="keys">${items.join('')}</ul>`;
}
