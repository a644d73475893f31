import { jsonRowWriter, keyedColumns } from '../output/json.js';
import { JSON_VERSION } from '../output/json-version.js';
import { quoteJson, stringifyJson } from '../output/stringify-json.js';
import type { Report, ReportPeriod, ReportSection } from './report.js';

/**
 * A report as one JSON object, the data behind its other forms: `{version, title, text, template, sources, timezone, period, before,
 * calls, figures, thresholds, sections, notes, accounting}`, members always there and in this order. Rows are objects as
 * `jsonRowWriter` makes them.
 */
export function renderReportJson(report: Report): string {
  const { title, text, template, sources, timezone, period, before, calls, figures, judgements, notes } = report;
  const members = {
    ...{ version: JSON_VERSION, title, text, template, sources, timezone },
    period: periodJson(period),
    before: before === undefined ? null : periodJson(before),
    calls,
    figures: figures.map(({ name, label, section, value, before: was }) => ({
      ...{ name, label, section, value, before: was },
    })),
    thresholds: judgements.map(({ condition, text: why, crossed, fails }) => ({
      condition,
      text: why,
      crossed,
      fails,
    })),
  };
  const head = Object.entries(members).map(([name, value]) => member(name, indented(value)));
  const sections = report.sections.map((section) => `    ${sectionJson(section)}`);
  const list = sections.length === 0 ? '[]' : `[\n${sections.join(',\n')}\n  ]`;
  const tail = [member('notes', indented(notes)), member('accounting', indented(report.accounting))];
  return `{\n${[...head, member('sections', list), ...tail].join(',\n')}\n}\n`;
}

function member(name: string, json: string): string {
  return `  ${quoteJson(name)}: ${json}`;
}

function indented(value: unknown): string {
  return stringifyJson(value, 2).replaceAll('\n', '\n  ');
}

function periodJson({ label, since, until }: ReportPeriod): unknown {
  return { label, since: since ?? null, until: until ?? null };
}

function sectionJson(section: ReportSection): string {
  const { id, title, text, question, show, total, columns, rows, compared = null, notes } = section;
  const object = jsonRowWriter(columns);
  const keyed = keyedColumns(columns).map(({ name, type }) => ({ name, type }));
  const members = { id, title, text, question, show, compared, notes, total, columns: keyed };
  const lines = Object.entries(members).map(([name, value]) => `      ${quoteJson(name)}: ${stringifyJson(value)}`);
  const list = rows.map((row) => `        ${object(row)}`);
  const json = list.length === 0 ? '[]' : `[\n${list.join(',\n')}\n      ]`;
  return `{\n${[...lines, `      "rows": ${json}`].join(',\n')}\n    }`;
}
