import type { Column, Row, RowStream } from '../engines/engine.js';
import { UserError } from '../errors.js';
import { chartLabels, type ChartData } from './chart-data.js';
import { isNumberType } from './number-type.js';

/** More points than this are no chart. */
const MOST_POINTS = 20_000;

/** The columns of a chart over time, by their places. */
export interface TimeColumns {
  readonly time: number;
  readonly value: number;
}

/**
 * The columns to draw: along the time of a column called `period` or `date`, or of the first one, the first column of numbers.
 * @returns undefined where there is no such pair
 */
export function findTimeColumns(columns: readonly Pick<Column, 'name' | 'type'>[]): TimeColumns | undefined {
  const isTime = ({ type }: Pick<Column, 'type'>): boolean => type === 'timestamp' || type === 'date';
  const named = columns.findIndex((column) => isTime(column) && ['period', 'date'].includes(column.name));
  const time = named < 0 && columns[0] !== undefined && isTime(columns[0]) ? 0 : named;
  const value = columns.findIndex(({ type }) => isNumberType(type));
  return time < 0 || value < 0 ? undefined : { time, value };
}

/**
 * Rows as a chart over time, the oldest first, in whatever order they come. Rows of one time (a principal each, a bucket each) are added up; rows without a time are left out.
 * @throws UserError where there is no time, or far too many of them
 */
export async function readTimeChart({ columns, chunks }: RowStream, title: string): Promise<ChartData> {
  const found = findTimeColumns(columns);
  if (found === undefined) {
    const names = columns.map(({ name }) => name).join(', ');
    throw new UserError(`A chart needs a column of times and one of numbers; these are ${names}`, {
      wayOut: 'Let the first column be a time or a date, and another one a number, or print a table.',
    });
  }
  const sums = new Map<string, number>();
  const statuses = new Map<string, string>();
  const status = columns.findIndex(({ name }) => name === 'status');
  for await (const rows of chunks) {
    for (const row of rows) {
      addRow(sums, row, found);
      if (row[status] === 'nok') statuses.set(String(row[found.time]), ' nok');
    }
    if (sums.size > MOST_POINTS)
      throw new UserError(`A chart of more than ${MOST_POINTS} points cannot be drawn`, {
        wayOut: 'Ask for longer periods (--every), a smaller window, or a --limit.',
      });
  }
  const name = columns[found.value]?.name.replaceAll('_', ' ') ?? '';
  const points = [...sums].sort(([a], [b]) => compareTimes(a, b));
  const times = points.map(([time]) => time);
  const labels = chartLabels(times).map((label, at) => `${label}${statuses.get(times[at] ?? '') ?? ''}`);
  return { kind: 'bar', title, labels, series: [{ name, values: points.map(([, sum]) => sum) }] };
}

function addRow(sums: Map<string, number>, row: Row, { time, value }: TimeColumns): void {
  const at = row[time] ?? null;
  if (at === null) return;
  const number = Number(row[value] ?? 0);
  sums.set(String(at), (sums.get(String(at)) ?? 0) + (Number.isFinite(number) ? number : 0));
}

/** Times of ISO, of which some may have fractions of a second. */
function compareTimes(a: string, b: string): number {
  return Date.parse(a) - Date.parse(b) || (a < b ? -1 : 1);
}
