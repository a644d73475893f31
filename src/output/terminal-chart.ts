import { stripVTControlCharacters } from 'node:util';
import Chartscii from 'chartscii';
import plot from 'simple-ascii-chart';
import { displayWidth, shorten } from './display-width.js';
import type { ChartData } from './chart-data.js';
import type { TableOptions } from './table.js';
import { readTimeChart } from './time-chart.js';

/** The width where there is no terminal. */
const PIPED_WIDTH = 80;
/** More bars would be more than a screen or two: they become a line. */
const MOST_BARS = 60;
const LINE_HEIGHT = 16;

/**
 * Rows as a chart over time within the terminal's width: a bar each, or a line where there are many. It says the same without
 * colour. Rows of one time are added up.
 * @throws UserError where the rows have no times or no numbers
 */
export async function* renderTerminalChart(options: TableOptions): AsyncIterable<string> {
  const { width = 0, colour = false } = options;
  const chart = await readTimeChart(options, '');
  const [series] = chart.series;
  if (series === undefined || chart.labels.length === 0) {
    yield '(0 rows)\n';
    return;
  }
  const room = Math.max(20, width === 0 ? PIPED_WIDTH : width);
  yield `${shorten(series.name, room)}\n`;
  const text = chart.labels.length > MOST_BARS ? drawLine(chart, room) : drawBars(chart, room, colour);
  const plain = colour ? text : stripVTControlCharacters(text);
  yield `${plain
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => stripVTControlCharacters(line) !== '')
    .join('\n')}\n`;
}

/** The values stand beside the labels: a bar cannot tell 0 from less. */
function drawBars({ labels, series }: ChartData, room: number, colour: boolean): string {
  const values = (series[0]?.values ?? []).map((value) => value ?? 0);
  const texts = values.map(numberText);
  const cut = labels.map((label) => shorten(label, Math.floor(room / 2)));
  const [labelWidth, textWidth] = [longest(cut), longest(texts)];
  const shown = cut.map((label, at) => {
    const gap = labelWidth - displayWidth(label) + textWidth - (texts[at]?.length ?? 0);
    return `${label} ${' '.repeat(gap)}${texts[at]}`;
  });
  const bars = values.map((value, at) => ({ label: shown[at] ?? '', value: Math.max(0, value) }));
  const chart = new Chartscii(bars, {
    ...{ type: 'bar', orientation: 'horizontal', barSize: 1, padding: 0, richLabels: false, colorLabels: false },
    ...{ width: Math.max(4, room - labelWidth - textWidth - 4), valueLabels: false },
    ...(colour ? { color: 'cyan' } : {}),
  });
  return chart.create();
}

function drawLine({ labels, series }: ChartData, room: number): string {
  const values = (series[0]?.values ?? []).map((value) => value ?? 0);
  const margin = longest(values.map(numberText)) + 4;
  const width = Math.max(10, room - margin);
  const drawn = plot(
    inColumns(values, width).map((value, at): [number, number] => [at, value]),
    {
      ...{ width, height: LINE_HEIGHT, hideXAxisTicks: true, showTickLabel: true },
      formatter: (value: number) => numberText(value),
    },
  );
  const [first = '', last = ''] = [labels[0], labels.at(-1)].map((label) => shorten(label ?? '', room / 2 - 1));
  const gap = Math.max(1, room - displayWidth(first) - displayWidth(last));
  return `${drawn}\n${first}${' '.repeat(gap)}${last}`;
}

/** The most of each column's values, where there are more values than columns: a peak is not to be lost. */
function inColumns(values: readonly number[], columns: number): readonly number[] {
  if (values.length <= columns) return values;
  return Array.from({ length: columns }, (_, at) => {
    const part = values.slice(
      Math.floor((at * values.length) / columns),
      Math.floor(((at + 1) * values.length) / columns),
    );
    return Math.max(...part);
  });
}

function numberText(value: number): string {
  return (Math.round(value * 100) / 100).toLocaleString('en-US');
}

function longest(texts: readonly string[]): number {
  return texts.reduce((width, text) => Math.max(width, displayWidth(text)), 0);
}
