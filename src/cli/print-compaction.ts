import type { CompactionOutcome } from '../compaction/compaction-outcome.js';
import type { CompactFlags } from './compact-flags.js';
import { formatRequests } from './count-requests.js';
import { formatBytes, formatCount, formatCountOf, formatSeconds } from './format-amount.js';
import { listNames } from './list-names.js';
import { markIncomplete } from './mark-incomplete.js';
import { describePartitioning } from './print-compaction-plan.js';
import { printSections, type Section } from './print-sections.js';

export interface FinishedCompaction {
  readonly outcome: CompactionOutcome;
  readonly seconds: number;
  /** Undefined where requests cost nothing. */
  readonly requests: Readonly<Record<string, number>> | undefined;
}

/**
 * Prints what a run has merged to stdout, and to stderr one line that accounts for every object, with the names of those that
 * are in trouble. Sets the exit code where something is wrong with some.
 */
export async function printCompaction(finished: FinishedCompaction, flags: CompactFlags): Promise<void> {
  const { outcome, requests } = finished;
  const slots = flags.partitions || flags.json ? [describeSlots(outcome)] : [];
  const { objects, records, duplicates, skipped, failed, changed } = outcome;
  const extra = {
    objects,
    records,
    duplicates,
    skipped,
    failed,
    changed,
    ...(requests === undefined ? {} : { requests }),
  };
  const printed = await printSections([describeTotal(outcome), ...slots], flags, extra);
  if (printed === 'closed') return;
  const isIncomplete = objects.failed + objects.changed + records.quarantined > 0 && !flags['allow-partial'];
  const lines = describe(finished, isIncomplete);
  if (!flags.quiet) process.stderr.write(`${lines.join('\n')}\n`);
  if (isIncomplete) markIncomplete(lines, flags);
}

function describeTotal({ destination, description, slots, objects, records }: CompactionOutcome): Section {
  const texts = ['table', 'format', 'partition_by'].map((name) => ({ name, type: 'text' as const }));
  const counts = ['partitions', 'files_in', 'files_out', 'bytes_in', 'bytes_out', 'rows'];
  return {
    title: 'merged',
    columns: [...texts, ...counts.map((name) => ({ name, type: 'integer' as const }))],
    rows: [
      [
        destination,
        description.format,
        describePartitioning(description.partitionBy, description.partitionKeys),
        BigInt(new Set(slots.map(({ partition }) => partition)).size),
        BigInt(objects.merged),
        BigInt(slots.length),
        BigInt(slots.reduce((sum, { bytesIn }) => sum + bytesIn, 0)),
        BigInt(slots.reduce((sum, { bytes }) => sum + bytes, 0)),
        BigInt(records.rows),
      ],
    ],
  };
}

function describeSlots({ slots }: CompactionOutcome): Section {
  const counts = ['files_in', 'bytes_in', 'rows', 'bytes_out'];
  return {
    title: 'slots',
    columns: [{ name: 'slot', type: 'text' }, ...counts.map((name) => ({ name, type: 'integer' as const }))],
    rows: [...slots]
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .map(({ key, files, bytesIn, rows, bytes }) => [
        key,
        BigInt(files),
        BigInt(bytesIn),
        BigInt(rows),
        BigInt(bytes),
      ]),
  };
}

function describe({ outcome, seconds, requests }: FinishedCompaction, isIncomplete: boolean): string[] {
  const { objects, records, duplicates, skipped, failed, changed } = outcome;
  const parts = [
    `objects: ${countsOf([
      [objects.merged, 'merged'],
      [objects.mergedBefore, 'merged before'],
      [objects.tooYoung, 'too young'],
      [objects.waiting, 'waiting'],
      [objects.empty, 'empty'],
      [objects.skipped, 'skipped'],
      [objects.failed, 'failed'],
      [objects.changed, 'changed after merging'],
    ])}`,
    `records: ${countsOf([
      [records.rows, 'merged'],
      [records.quarantined, 'quarantined'],
      [records.passedOver, 'no calls'],
    ])}`,
    ...(duplicates > 0
      ? [`${formatCountOf(duplicates, 'object')} with the same bytes as another (merged all the same)`]
      : []),
    `${formatBytes(outcome.slots.reduce((sum, { bytesIn }) => sum + bytesIn, 0))} in ${formatSeconds(seconds)}`,
    ...(requests === undefined ? [] : [formatRequests(requests)]),
  ];
  return [
    parts.join(' · '),
    ...hintsOf(outcome),
    ...reasonsOf(skipped),
    ...listNames(failed.map(({ key, reason }) => `failed: ${key}: ${reason}`)),
    ...listNames(changed.map((key) => `changed after it was merged, and not added: ${key}`)),
    ...(isIncomplete ? ['Something was left out: see above. --allow-partial accepts it.'] : []),
  ];
}

function countsOf(counts: readonly (readonly [number, string])[]): string {
  const shown = counts.filter(([count], index) => index === 0 || count > 0);
  return shown.map(([count, name]) => `${formatCount(count)} ${name}`).join(', ');
}

/** What a newcomer would wonder at: nothing was merged, and what it waits for. */
function hintsOf({ objects, slots }: CompactionOutcome): string[] {
  if (slots.length > 0) return [];
  return [
    ...(objects.tooYoung > 0 ? ['  too young: they may still be written to; --min-age 0 takes them'] : []),
    ...(objects.waiting > 0
      ? [
          '  waiting: their partitions have too few; --min-files 1 takes them, --partition-by day makes larger partitions',
        ]
      : []),
  ];
}

/** How often each reason, with the first key. */
function reasonsOf(skipped: CompactionOutcome['skipped']): string[] {
  const reasons = new Map<string, { count: number; example: string }>();
  for (const { key, reason } of skipped) {
    const known = reasons.get(reason);
    if (known === undefined) reasons.set(reason, { count: 1, example: key });
    else known.count += 1;
  }
  return listNames(
    [...reasons].map(([reason, { count, example }]) => `skipped × ${formatCount(count)}: ${reason} (e.g. ${example})`),
  );
}
