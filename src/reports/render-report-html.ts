import type { Report } from './report.js';
export async function renderReportHtml(report: Report): Promise<string> {
  return report.title;
}
