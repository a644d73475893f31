import { Chalk } from 'chalk';
import { displayWidth, shorten } from './display-width.js';
import { joinLines } from './join-lines.js';
import type { TableCell } from './table-cell.js';

export interface RecordListOptions {
  /** The columns' names, sanitised. */
  readonly names: readonly string[];
  readonly chunks: AsyncIterable<readonly (readonly TableCell[])[]>;
  readonly width: number;
  readonly colour: boolean;
}

/** Sanitised cells as one `name: value` line each, for rows of too many columns to stand side by side. No line is wider than `width`. */
export async function* renderRecordList({ names, chunks, width, colour }: RecordListOptions): AsyncIterable<string> {
  const style = new Chalk({ level: colour ? 1 : 0 });
  const labels = labelColumn(names, width);
  const valueWidth = width - displayWidth(labels[0] ?? '');
  const heading = (index: number) => style.dim(shorten(`── row ${index + 1} ──`, width));
  const member = (cell: TableCell, at: number) => {
    const value = cell === undefined || valueWidth < 1 ? '' : shorten(cell, valueWidth);
    return `${style.bold(value === '' ? labels[at]?.trimEnd() : labels[at])}${value}\n`;
  };
  yield* joinLines({ chunks, line: (row, index) => `${heading(index)}\n${row.map(member).join('')}` });
}

/** Names with their colon, all padded to the longest, which leaves at least half of the line to the values. */
function labelColumn(names: readonly string[], width: number): readonly string[] {
  const most = Math.max(1, Math.floor(width / 2) - 2);
  const cut = names.map((name) => shorten(name, most));
  const longest = Math.max(...cut.map(displayWidth));
  return cut.map((name) => shorten(`${name}: ${' '.repeat(longest - displayWidth(name))}`, width));
}
