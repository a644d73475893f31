import type { Value } from '../engines/engine.js';

/** What a chart draws: one value of each series for each label. */
export interface ChartData {
  readonly kind: 'bar' | 'line';
  readonly title: string;
  readonly labels: readonly string[];
  readonly series: readonly ChartSeries[];
}

export interface ChartSeries {
  readonly name: string;
  /** As many as there are labels; null where there is none. */
  readonly values: readonly (number | null)[];
}

const TIME = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::00)?(.*)Z$/;

/** Values as labels; times as short as they can be told apart: without the day where it is one day, without seconds of 0. */
export function chartLabels(values: readonly Value[]): readonly string[] {
  const texts = values.map((value) => (value === null ? '–' : String(value)));
  const times = texts.map((text) => TIME.exec(text));
  const days = new Set(times.map((time) => time?.[1]));
  if (texts.every((text) => text === '–' || text.endsWith('T00:00:00Z'))) return texts.map((text) => text.slice(0, 10));
  const day = days.size === 1 && !days.has(undefined) ? '' : undefined;
  return texts.map((text, at) => {
    const [, date = '', minute = '', rest = ''] = times[at] ?? [];
    return date === '' ? text : `${day ?? `${date} `}${minute}${rest}`;
  });
}

/** What the chart shows, in words for those who do not see it. */
export function describeChart({ kind, labels, series }: ChartData): string {
  const points = `${labels.length} ${kind === 'bar' ? 'bars' : 'points'}`;
  const first = labels[0];
  const span = first === undefined ? '' : ` from ${first} to ${labels.at(-1)}`;
  return [`${points}${span}.`, ...series.map((one) => describeSeries(one, labels))].join(' ');
}

function describeSeries({ name, values }: ChartSeries, labels: readonly string[]): string {
  const known = values.flatMap((value, at) => (value === null ? [] : [{ value, label: labels[at] ?? '' }]));
  if (known.length === 0) return `${name}: no values.`;
  const most = known.reduce((best, one) => (one.value > best.value ? one : best));
  const least = known.reduce((best, one) => (one.value < best.value ? one : best));
  return `${name}: ${least.value} at ${least.label} is the least, ${most.value} at ${most.label} the most.`;
}
