import type { Report, ReportSection } from '../../src/reports/report.js';

/** A section with nothing in it but what is given. */
export function madeSection(given: Partial<ReportSection>): ReportSection {
  return {
    ...{ id: 's', title: 'Section', text: '', empty: 'There are none.', question: 'sql', show: 'table' },
    ...{ x: undefined, y: [], shown: (given.columns ?? []).map(({ name }) => name), columns: [], rows: [], limit: 0 },
    ...{ total: given.rows?.length ?? 0, compared: undefined, notes: [], csv: undefined },
    ...given,
  };
}

/** A report with nothing in it but what is given. */
export function madeReport(given: Partial<Report>): Report {
  const zero = { listed: 0, read: 0, skipped: 0, failed: 0 };
  const none = { read: 0, kept: 0, duplicate: 0, filtered: 0, quarantined: 0 };
  return {
    ...{ title: 'Report', text: '', template: 'usage', sources: ['./logs/'], timezone: 'UTC' },
    ...{ period: { label: 'October 2026 (UTC)', since: '2026-10-01T00:00:00Z', until: '2026-11-01T00:00:00Z' } },
    ...{ before: undefined, calls: 0n, figures: [], judgements: [], sections: [], notes: [] },
    accounting: { objects: zero, records: none, bytes: { read: 0, decompressed: 0 }, reasons: [] },
    ...given,
  };
}
