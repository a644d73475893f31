import type { Column, Row, Value } from '../engines/engine.js';
import { chartLabels, type ChartData } from '../output/chart-data.js';
import { isNumberType } from '../output/number-type.js';
import { displaySection } from './display-section.js';
import type { ReportSection } from './report.js';

/** What a section draws; undefined where it is no chart, or has nothing to draw. */
export function sectionChart(section: ReportSection): ChartData | undefined {
  const { show, rows, title } = section;
  if ((show !== 'bar' && show !== 'line') || rows.length === 0) return undefined;
  const whole = displaySection({ ...section, limit: 0, shown: section.columns.map(({ name }) => name) });
  return chartOf({ kind: show, title, x: section.x, y: section.y }, whole);
}

interface ChartWish {
  readonly kind: 'bar' | 'line';
  readonly title: string;
  readonly x: string | undefined;
  readonly y: readonly string[];
}

function chartOf({ kind, title, x, y }: ChartWish, { columns, rows }: Table): ChartData | undefined {
  const along = x === undefined ? 0 : columns.findIndex(({ name }) => name === x);
  const numbers = columns.flatMap(({ name, type }, at) => (isNumberType(type) && at !== along ? [{ name, at }] : []));
  const drawn = y.length === 0 ? numbers.slice(0, 1) : numbers.filter(({ name }) => y.includes(name));
  if (drawn.length === 0) return undefined;
  return {
    kind,
    title,
    labels: chartLabels(rows.map((row) => row[along] ?? null)),
    series: drawn.map(({ name, at }) => ({
      name: name.replaceAll('_', ' '),
      values: rows.map((row) => numberOf(row[at] ?? null)),
    })),
  };
}

interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

function numberOf(value: Value): number | null {
  if (value === null) return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}
