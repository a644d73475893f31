import { errorShare, type KindChange, type MeasureChange } from '../calls/compare-kinds.js';
import type { CallKind } from '../calls/call-kind.js';
import type { Measure } from '../calls/tolerance.js';
import type { Column, Row } from '../engines/engine.js';
import { shorten } from '../output/display-width.js';
import { JSON_VERSION } from '../output/json-version.js';
import { once } from '../output/once.js';
import { renderRows } from '../output/row-formats.js';
import { stringifyJson } from '../output/stringify-json.js';
import { describeExample, nameOf, readExample } from './example-call.js';
import type { OutputFlags } from './flags.js';
import { formatCountOf } from './format-amount.js';
import { printSections, ROW_FORMATS, type Section } from './print-sections.js';
import { terminalOptions } from './terminal-options.js';
import { writeStdout } from './write-stdout.js';

export interface PrintedChanges {
  readonly by: readonly string[];
  readonly changes: readonly KindChange[];
  /** What JSON has besides: members before the changes, and after them. */
  readonly before: Readonly<Record<string, unknown>>;
  readonly after: Readonly<Record<string, unknown>>;
}

/** Shown in tables; JSON and rows have all. */
const SHOWN_EXAMPLES = 20;
const EXAMPLE_WIDTH = 200;

/**
 * Prints what differs: as two tables, the changes and an example of each kind that was added; or as rows, or as one JSON
 * object `{version, …, by, summary, changes, …}`. Where nothing differs, tables are left out.
 */
export async function printChanges(printed: PrintedChanges, flags: OutputFlags): Promise<'written' | 'closed'> {
  if (flags.json || flags.output === 'json') return writeStdout(once(`${document(printed)}\n`), process.stdout);
  if (ROW_FORMATS.includes(flags.output)) {
    const rows = {
      ...terminalOptions(flags),
      columns: flatColumns(printed),
      chunks: once(printed.changes.map(flatRow)),
    };
    return writeStdout(renderRows(flags.output, rows), process.stdout);
  }
  return printed.changes.length === 0 ? 'written' : printSections(sections(printed), flags);
}

/** How many of each: `1 added, 2 removed`. */
export function countChanges(changes: readonly KindChange[]): Readonly<Record<KindChange['change'], number>> {
  const count = (change: KindChange['change']): number => changes.filter((one) => one.change === change).length;
  return { added: count('added'), removed: count('removed'), changed: count('changed') };
}

/** `1 added, 2 removed`, without what there is none of. */
export function describeCounts(changes: readonly KindChange[]): string {
  return Object.entries(countChanges(changes))
    .filter(([, count]) => count > 0)
    .map(([change, count]) => `${count} ${change}`)
    .join(', ');
}

function document({ by, changes, before, after }: PrintedChanges): string {
  const listed = changes.map(({ change, values, base, head, measures }) => ({
    change,
    ...Object.fromEntries(by.map((name, at) => [name, values[at] ?? null])),
    base: measuresOf(base),
    head: measuresOf(head),
    measures: measures.map(({ measure, base: from, head: to }) => ({ measure, base: from, head: to })),
    example: change === 'added' && head?.example !== undefined ? readExample(head.example) : null,
  }));
  return stringifyJson(
    { version: JSON_VERSION, ...before, by, summary: countChanges(changes), changes: listed, ...after },
    2,
  );
}

function measuresOf(kind: CallKind | undefined): unknown {
  if (kind === undefined) return null;
  const { calls, range, errors, latencyMs } = kind;
  return { calls: calls ?? range ?? null, errors: errors ?? null, latency_ms: latencyMs ?? null };
}

function text(name: string): Column {
  return { name, type: 'text' };
}

function sections({ by, changes }: PrintedChanges): readonly Section[] {
  const shown = by
    .map((name, at) => ({ name, at }))
    .filter(({ at }) => changes.some(({ values }) => values[at] !== null));
  const named = ({ values }: KindChange): Row => shown.map(({ at }) => values[at] ?? null);
  const columns = shown.map(({ name }) => text(name));
  const examples = changes.flatMap(({ change, head }): Row[] => {
    if (change !== 'added' || head?.example === undefined) return [];
    const example = readExample(head.example);
    return [[nameOf(example), shorten(describeExample(example), EXAMPLE_WIDTH)]];
  });
  const listed = changes.map((one) => [one.change, ...named(one), describeChange(one) || null]);
  const cut = examples.length > SHOWN_EXAMPLES ? ` (${SHOWN_EXAMPLES} of ${examples.length})` : '';
  return [
    { title: 'changes', columns: [text('change'), ...columns, text('what')], rows: listed },
    ...(examples.length === 0
      ? []
      : [
          {
            title: `examples of added calls${cut}`,
            columns: [text('call'), text('example')],
            rows: examples.slice(0, SHOWN_EXAMPLES),
          },
        ]),
  ];
}

/** What has changed of a kind, in words. */
function describeChange({ change, base, head, measures }: KindChange): string {
  if (change === 'changed') return measures.map(describeMeasure).join(', ');
  const kind = change === 'added' ? head : base;
  const { calls, range, errors = 0n } = kind ?? {};
  if (calls === undefined) return range === undefined ? '' : `${range} calls`;
  const counted = formatCountOf(Number(calls), 'call');
  return errors > 0n && change === 'added' ? `${counted}, ${errors === calls ? 'all' : errors} failed` : counted;
}

function describeMeasure({ measure, base, head }: MeasureChange): string {
  const show = SHOW[measure];
  const growth = Number(head) / Number(base);
  const grown = measure === 'errors' || !Number.isFinite(growth) ? '' : ` (${signed((growth - 1) * 100)})`;
  return `${measure} ${show(base)} → ${show(head)}${grown}`;
}

const SHOW: Readonly<Record<Measure, (value: MeasureChange['base']) => string>> = {
  calls: (value) => String(value),
  errors: (value) => `${rounded(Number(value) * 100)}%`,
  latency: (value) => `${rounded(Number(value))} ms`,
};

function signed(percent: number): string {
  return `${percent > 0 ? '+' : '-'}${rounded(Math.abs(percent))}%`;
}

function rounded(value: number): string {
  return String(value >= 10 ? Math.round(value) : Math.round(value * 10) / 10);
}

function flatColumns({ by }: PrintedChanges): readonly Column[] {
  const sides = ['base', 'head'].flatMap((side): Column[] => [
    text(`${side}_calls`),
    { name: `${side}_error_rate`, type: 'double' },
    { name: `${side}_latency_ms`, type: 'double' },
  ]);
  return [text('change'), ...by.map(text), ...sides, { name: 'example', type: 'json' }];
}

function flatRow({ change, values, base, head }: KindChange): Row {
  const side = (kind: CallKind | undefined): Row => [
    kind?.calls?.toString() ?? kind?.range ?? null,
    (kind === undefined ? undefined : errorShare(kind)) ?? null,
    kind?.latencyMs ?? null,
  ];
  return [
    change,
    ...values,
    ...side(base),
    ...side(head),
    change === 'added' && head?.example !== undefined ? JSON.stringify(readExample(head.example)) : null,
  ];
}
