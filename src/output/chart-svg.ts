import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent } from 'echarts/components';
import { init, use, type ECharts } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { describeChart, type ChartData } from './chart-data.js';
import { escapeHtml } from './html-text.js';

export interface ChartSize {
  readonly width: number;
  readonly height: number;
  /** Begins the ids in the drawing; no other drawing of the page has it. */
  readonly id: string;
}

/** Colours stand for classes of the page's style, which has them for light and dark. */
const AXIS = '#00fe01';
const LABEL = '#00fe02';
const GRID = '#00fe03';
const SERIES = ['#00fd00', '#00fd01', '#00fd02', '#00fd03', '#00fd04', '#00fd05'];
const CLASSES = new Map([
  [AXIS, 'axis'],
  [LABEL, 'label'],
  [GRID, 'grid'],
  ...SERIES.map((colour, at): [string, string] => [colour, `c${at}`]),
]);

/** A chart as SVG to stand in a page: no style, no script, no colour of its own, with a title and a description. */
export function renderChartSvg(chart: ChartData, { width, height, id }: ChartSize): string {
  use([BarChart, LineChart, GridComponent, SVGRenderer]);
  const drawn = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    drawn.setOption(chartOption(chart, width));
    const inner = childrenOf(readTree(drawn), id);
    const [title, text] = [escapeHtml(chart.title), escapeHtml(describeChart(chart))];
    const label = `aria-labelledby="${id}-title ${id}-text"`;
    const head = `<title id="${id}-title">${title}</title><desc id="${id}-text">${text}</desc>`;
    return `<svg role="img" ${label} viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">${head}${inner}</svg>`;
  } finally {
    drawn.dispose();
  }
}

const FONT_SIZE = 12;
/** More bars are a surface: a line shows more. */
const MOST_BARS = 120;

function chartOption({ kind, labels, series }: ChartData, width: number) {
  const type = kind === 'bar' && labels.length <= MOST_BARS ? ('bar' as const) : ('line' as const);
  const axisLabel = { color: LABEL, fontSize: FONT_SIZE, hideOverlap: true };
  return {
    animation: false,
    grid: { left: 4, right: 12, top: 12, bottom: 4, outerBoundsMode: 'same' as const },
    xAxis: {
      type: 'category' as const,
      data: labels.map(shortLabel(width)),
      silent: true,
      axisLabel,
      axisLine: { lineStyle: { color: AXIS } },
      axisTick: { show: false },
    },
    yAxis: {
      type: 'value' as const,
      minInterval: 1,
      silent: true,
      axisLabel: { ...axisLabel, formatter: (value: number) => value.toLocaleString('en-US') },
      splitLine: { lineStyle: { color: GRID } },
    },
    series: series.map(({ name, values }, at) => {
      const color = SERIES[at % SERIES.length] ?? LABEL;
      return {
        ...{ name, type, silent: true, emphasis: { disabled: true }, itemStyle: { color } },
        ...{ lineStyle: { color, width: 2 }, symbol: labels.length > 1 ? 'none' : 'circle', barMaxWidth: 36 },
        data: values.map((value) => value ?? '-'),
      };
    }),
  };
}

/** What all labels of a narrow chart cannot hold. */
function shortLabel(width: number): (label: string) => string {
  const most = Math.max(16, Math.floor(width / 24));
  return (label) => (label.length > most ? `${label.slice(0, most - 1)}…` : label);
}

/** The drawing as the library has it before it is text. */
interface SvgNode {
  readonly tag?: string;
  readonly attrs?: Readonly<Record<string, unknown>>;
  readonly children?: readonly (SvgNode | undefined)[] | null;
  readonly text?: string | null;
}

interface SvgPainter {
  renderToVNode(options: { readonly willUpdate: boolean }): SvgNode;
}

function readTree(chart: ECharts): SvgNode {
  const { painter } = chart.getZr() as unknown as { readonly painter: SvgPainter };
  return painter.renderToVNode({ willUpdate: false });
}

/** What a drawing is made of; anything else is left out, `style` too, which the page forbids. */
const TAGS = new Set([
  'g',
  'path',
  'text',
  'tspan',
  'defs',
  'clipPath',
  'rect',
  'circle',
  'line',
  'polyline',
  'polygon',
]);
const ATTRIBUTES = new Set([
  ...['d', 'x', 'y', 'dx', 'dy', 'cx', 'cy', 'r', 'x1', 'x2', 'y1', 'y2', 'width', 'height', 'points', 'transform'],
  ...['fill', 'stroke', 'stroke-width', 'stroke-linejoin', 'stroke-linecap', 'stroke-dasharray', 'fill-opacity'],
  ...['stroke-opacity', 'opacity', 'text-anchor', 'dominant-baseline', 'clip-path', 'id'],
]);

function childrenOf({ children }: SvgNode, id: string): string {
  return (children ?? []).map((child) => (child === undefined ? '' : nodeText(child, id))).join('');
}

function nodeText(node: SvgNode, id: string): string {
  const { tag = '', attrs = {}, text } = node;
  if (!TAGS.has(tag)) return '';
  const classes: string[] = [];
  const written = Object.entries(attrs).flatMap(([name, value]) => {
    if (!ATTRIBUTES.has(name) || value === undefined || value === false) return [];
    const shown = String(value);
    const colour = name === 'fill' || name === 'stroke' ? CLASSES.get(shown) : undefined;
    if (colour !== undefined) classes.push(`${name}-${colour}`);
    return colour === undefined ? [`${name}="${escapeHtml(ownId(name, shown, id))}"`] : [];
  });
  const all = [...(classes.length === 0 ? [] : [`class="${classes.join(' ')}"`]), ...written];
  const own = typeof text === 'string' ? escapeHtml(text) : '';
  return `<${[tag, ...all].join(' ')}>${own}${childrenOf(node, id)}</${tag}>`;
}

/** The library counts its ids over all drawings of a process. */
function ownId(name: string, value: string, id: string): string {
  if (name === 'id') return `${id}-${value.replace(/^zr\d+-/, '')}`;
  return name === 'clip-path' ? value.replace(/#zr\d+-/, `#${id}-`) : value;
}
