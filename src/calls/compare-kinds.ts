import { rangeOf, type CallKind } from './call-kind.js';
import type { Measure, Tolerance } from './tolerance.js';

export const CHANGES = ['added', 'removed', 'changed'] as const;
export type Change = (typeof CHANGES)[number];

/** One measure of a kind that differs by more than is tolerated; `errors` is the share of the calls that failed. */
export interface MeasureChange {
  readonly measure: Measure;
  readonly base: bigint | number | string;
  readonly head: bigint | number | string;
}

/** One kind of calls that is not the same on both sides. */
export interface KindChange {
  readonly change: Change;
  readonly values: CallKind['values'];
  readonly base?: CallKind;
  readonly head?: CallKind;
  /** For `changed`: what has changed. */
  readonly measures: readonly MeasureChange[];
}

/** Latencies that differ by less, in milliseconds, are noise whatever their ratio. */
const LEAST_LATENCY_MS = 1;

/** What differs between the kinds of two sides, in the order of their values. Only what both sides measure is compared. */
export function compareKinds(
  base: readonly CallKind[],
  head: readonly CallKind[],
  tolerance: Tolerance,
): readonly KindChange[] {
  const before = new Map(base.map((kind) => [keyOf(kind), kind]));
  const after = new Map(head.map((kind) => [keyOf(kind), kind]));
  const removed = base
    .filter((kind) => !after.has(keyOf(kind)))
    .map((kind) => oneSided('removed', { base: kind }, kind));
  const others = head.flatMap((kind): KindChange[] => {
    const old = before.get(keyOf(kind));
    if (old === undefined) return [oneSided('added', { head: kind }, kind)];
    const measures = compareMeasures(old, kind, tolerance);
    return measures.length === 0 ? [] : [{ change: 'changed', values: kind.values, base: old, head: kind, measures }];
  });
  return [...removed, ...others].sort((a, b) => compareValues(a.values, b.values));
}

function oneSided(change: Change, sides: Pick<KindChange, 'base' | 'head'>, { values }: CallKind): KindChange {
  return { change, values, ...sides, measures: [] };
}

function keyOf({ values }: CallKind): string {
  return JSON.stringify(values);
}

function compareMeasures(base: CallKind, head: CallKind, tolerance: Tolerance): readonly MeasureChange[] {
  return [
    ...compareCalls(base, head, tolerance.calls),
    ...compareErrors(base, head, tolerance.errors),
    ...compareLatency(base, head, tolerance.latency),
  ];
}

function compareCalls(base: CallKind, head: CallKind, tolerance: number | undefined): MeasureChange[] {
  if (tolerance === undefined) return [];
  if (base.range !== undefined || head.range !== undefined) {
    const [before, after] = [base, head].map(
      ({ range, calls }) => range ?? (calls === undefined ? undefined : rangeOf(calls)),
    );
    if (before === undefined || after === undefined || before === after) return [];
    return [{ measure: 'calls', base: before, head: after }];
  }
  if (base.calls === undefined || head.calls === undefined) return [];
  const [before, after] = [Number(base.calls), Number(head.calls)];
  const isTolerated = base.calls === head.calls || Math.abs(after - before) <= before * tolerance;
  return isTolerated ? [] : [{ measure: 'calls', base: base.calls, head: head.calls }];
}

function compareErrors(base: CallKind, head: CallKind, tolerance: number | undefined): MeasureChange[] {
  const [before, after] = [errorShare(base), errorShare(head)];
  if (tolerance === undefined || before === undefined || after === undefined) return [];
  return Math.abs(after - before) <= tolerance ? [] : [{ measure: 'errors', base: before, head: after }];
}

/** The share of a kind's calls that failed; undefined where that was not counted. */
export function errorShare({ calls, errors }: CallKind): number | undefined {
  return calls === undefined || calls === 0n || errors === undefined ? undefined : Number(errors) / Number(calls);
}

function compareLatency(base: CallKind, head: CallKind, tolerance: number | undefined): MeasureChange[] {
  const [before, after] = [base.latencyMs, head.latencyMs];
  if (tolerance === undefined || before === undefined || after === undefined) return [];
  const difference = Math.abs(after - before);
  if (difference < LEAST_LATENCY_MS || difference <= before * tolerance) return [];
  return [{ measure: 'latency', base: before, head: after }];
}

/** Null first, then by code units. */
function compareValues(a: CallKind['values'], b: CallKind['values']): number {
  for (const [at, one] of a.entries()) {
    const other = b[at] ?? null;
    if (one === other) continue;
    if (one === null) return -1;
    return other === null || one > other ? 1 : -1;
  }
  return 0;
}
