import { Chalk } from 'chalk';
import type { Column } from '../engines/engine.js';
import { displayWidth } from './display-width.js';
import { joinLines } from './join-lines.js';
import { isNumberType } from './number-type.js';
import { fitText, type TableCell } from './table-cell.js';

export interface FramedRowsOptions {
  readonly columns: readonly Column[];
  /** The header's cells, sanitised. */
  readonly names: readonly string[];
  readonly chunks: AsyncIterable<readonly (readonly TableCell[])[]>;
  /** Each column's text width. */
  readonly widths: readonly number[];
  /** Whether a longer value is cut; otherwise it sticks out. */
  readonly shortened: boolean;
  readonly colour: boolean;
}

/** Sanitised cells as lines of a table: numbers to the right, header bold and NULL dim where there is colour. */
export async function* renderFramedRows(options: FramedRowsOptions): AsyncIterable<string> {
  const { names, chunks, widths } = options;
  if (widths.length === 0) return;
  const style = new Chalk({ level: options.colour ? 1 : 0 });
  const pad = cellPadder(options);
  const frame = await drawFrame(widths);
  yield `${frame.top}\n│ ${names.map((name, at) => style.bold(pad(name, at))).join(' │ ')} │\n${frame.middle}\n`;
  const show = (cell: TableCell, at: number) => (cell === undefined ? style.dim(pad('', at)) : pad(cell, at));
  yield* joinLines({ chunks, line: (row) => `│ ${row.map(show).join(' │ ')} │\n` });
  yield `${frame.bottom}\n`;
}

function cellPadder({ columns, widths, shortened }: FramedRowsOptions): (text: string, at: number) => string {
  const toTheRight = columns.map((column) => isNumberType(column.type));
  return (text, at) => {
    const width = widths[at] ?? 0;
    const fitting = shortened ? fitText(text, width) : text;
    const padding = ' '.repeat(Math.max(0, width - displayWidth(fitting)));
    return toTheRight[at] ? padding + fitting : fitting + padding;
  };
}

/**
 * The three rules of the frame. Only these come from cli-table3: it lays out all rows at once, at a quarter of a
 * millisecond each, and measures text by older tables of Unicode, in which new emoji take one column.
 */
async function drawFrame(widths: readonly number[]): Promise<{ top: string; middle: string; bottom: string }> {
  const { default: Table } = await import('cli-table3');
  const blank = widths.map(() => '');
  const table = new Table({
    head: blank,
    colWidths: widths.map((width) => width + 2),
    style: { head: [], border: [] },
  });
  table.push(blank);
  const [top = '', , middle = '', , bottom = ''] = table.toString().split('\n');
  return { top, middle, bottom };
}
