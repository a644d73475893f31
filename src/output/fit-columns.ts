import type { Column } from '../engines/engine.js';
import { displayWidth } from './display-width.js';
import type { TableCell } from './table-cell.js';

export interface FitOptions {
  readonly columns: readonly Column[];
  /** The header's cells. */
  readonly names: readonly string[];
  /** The rows that the widths are taken from. */
  readonly rows: readonly (readonly TableCell[])[];
  /** Whether more rows follow, whose values may be longer: then what is left of the line is shared out. */
  readonly moreFollow: boolean;
  /** Terminal columns there are; undefined means any number. */
  readonly width: number | undefined;
}

/** What a column takes beside its text: a border and a space on each side. One more border ends the line. */
const FRAME_PER_COLUMN = 3;

/** A text column that is narrower says too little. */
const MINIMUM_TEXT_WIDTH = 8;

/** Padding every row to one huge value would multiply the output; a wider value sticks out of its column instead. */
const MAXIMUM_PADDED_WIDTH = 1000;

/**
 * Each column's text width. When they do not fit, the widest shrink first: text down to 8, other types to their longest
 * value; on a tie the later one. Undefined when they do not fit even so.
 */
export function fitColumns(options: FitOptions): readonly number[] | undefined {
  const { columns, names, width } = options;
  const data = columns.map((_, at) => longest(options.rows, at));
  const natural = names.map((name, at) => Math.max(displayWidth(name), data[at] ?? 0, 1));
  if (width === undefined) return natural.map((wanted) => Math.min(wanted, MAXIMUM_PADDED_WIDTH));
  const least = natural.map((wanted, at) => Math.min(wanted, minimumWidth(columns[at], data[at] ?? 0)));
  const room = width - columns.length * FRAME_PER_COLUMN - 1;
  if (sum(least) > room) return undefined;
  const fitted = shrink(natural, { least, room });
  return options.moreFollow ? shareOut(fitted, room - sum(fitted)) : fitted;
}

function longest(rows: FitOptions['rows'], at: number): number {
  return rows.reduce((width, row) => Math.max(width, displayWidth(row[at] ?? '')), 0);
}

function minimumWidth(column: Column | undefined, dataWidth: number): number {
  const isText = column?.type === 'text' || column?.type === 'json';
  return isText ? MINIMUM_TEXT_WIDTH : Math.max(dataWidth, MINIMUM_TEXT_WIDTH / 2);
}

interface ShrinkLimits {
  readonly least: readonly number[];
  readonly room: number;
}

function shrink(natural: readonly number[], { least, room }: ShrinkLimits): readonly number[] {
  const widths = [...natural];
  for (let excess = sum(widths) - room; excess > 0; excess--) {
    const widest = widestShrinkable(widths, least);
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

function widestShrinkable(widths: readonly number[], least: readonly number[]): number {
  let widest = -1;
  widths.forEach((width, at) => {
    if (width > (least[at] ?? 0) && width >= (widths[widest] ?? 0)) widest = at;
  });
  return widest;
}

function shareOut(widths: readonly number[], spare: number): readonly number[] {
  const share = Math.floor(spare / widths.length);
  return widths.map((width) => width + share);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
