import type { Column, Row, Value } from '../engines/engine.js';
import { escapeHtml } from './html-text.js';
import { isNumberType } from './number-type.js';
import { tableCells } from './table-cell.js';

export interface HtmlTable {
  /** What the table is about, for those who do not see it. */
  readonly label: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

/** Rows as a table of a page; numbers to the right with their thousands apart, NULL an empty cell. */
export function renderHtmlTable({ label, columns, rows }: HtmlTable): string {
  const types = columns.map(({ type }) => type);
  const head = columns.map(({ name, type }) => `<th scope="col"${classOf(type)}>${escapeHtml(readable(name))}</th>`);
  const body = rows.map((row) => {
    const cells = tableCells(row, types, undefined);
    return `<tr>${cells.map((cell, at) => `<td${cellClass(types[at], row[at])}>${escapeHtml(cell ?? '')}</td>`).join('')}</tr>`;
  });
  const table = `<table><thead><tr>${head.join('')}</tr></thead>\n<tbody>\n${body.join('\n')}\n</tbody></table>`;
  return `<div class="scroll" role="region" tabindex="0" aria-label="${escapeHtml(label)}">${table}</div>`;
}

/** Column names as words. */
export function readable(name: string): string {
  return name.replaceAll('_', ' ');
}

function classOf(type: Column['type']): string {
  return isNumberType(type) ? ' class="n"' : '';
}

/** Longer text may be broken. */
const SHORT = 28;

function cellClass(type: Column['type'] | undefined, value: Value | undefined): string {
  if (type !== undefined && isNumberType(type)) return ' class="n"';
  return ` class="${typeof value === 'string' && value.length > SHORT ? 'text' : 'short'}"`;
}
