import type { Report } from './report.js';
import { renderReportJson } from './render-report-json.js';
import { COMMENT_BYTES, renderReportMarkdown } from './render-report-markdown.js';

/** A report in one of its forms. */
export async function renderReport(report: Report, format: 'markdown' | 'html' | 'json'): Promise<string> {
  if (format === 'json') return renderReportJson(report);
  if (format === 'markdown') return renderReportMarkdown(report, { mostBytes: COMMENT_BYTES });
  const { renderReportHtml } = await import('./render-report-html.js');
  return renderReportHtml(report);
}
