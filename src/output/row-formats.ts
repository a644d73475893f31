import { renderCsv, type CsvOptions } from './csv.js';
import { renderJson, renderNdjson } from './json.js';
import { renderMarkdown } from './markdown.js';
import { renderTable, type TableOptions } from './table.js';

export type OutputFormat = 'table' | 'json' | 'ndjson' | 'csv' | 'markdown' | 'chart' | 'html';

/** The rows, and what single formats want to know; the others take no notice of it. */
export interface RowOptions extends TableOptions, CsvOptions {
  /** What the rows are, for a page. */
  readonly title?: string | undefined;
}

/** Gives the rows as blocks of text, one at a time; rows are read only as the blocks are taken. */
export type RowWriter = (options: RowOptions) => AsyncIterable<string>;

/** Every row format by the name that `--output` takes. */
export const OUTPUT_FORMATS: Readonly<Record<OutputFormat, RowWriter>> = {
  table: renderTable,
  json: renderJson,
  ndjson: renderNdjson,
  csv: renderCsv,
  markdown: renderMarkdown,
  chart: async function* (options) {
    yield* (await import('./terminal-chart.js')).renderTerminalChart(options);
  },
  html: async function* (options) {
    yield* (await import('./html-rows.js')).renderHtmlRows(options);
  },
};

/** Pictures of the rows of one answer. */
export const PICTURE_FORMATS: readonly OutputFormat[] = ['chart', 'html'];

/** Rows as text in one of the formats. Errors are those of the rows' source. */
export function renderRows(format: OutputFormat, options: RowOptions): AsyncIterable<string> {
  return OUTPUT_FORMATS[format](options);
}
