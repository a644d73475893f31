import type { PlannedBatch } from '../compaction/plan-compaction.js';
import type { PreparedCompaction } from '../compaction/prepare-compaction.js';
import type { Row } from '../engines/engine.js';
import { sanitizeForTerminal } from '../output/sanitize.js';
import type { CompactFlags } from './compact-flags.js';
import { formatRequests } from './count-requests.js';
import { printSections, type Section } from './print-sections.js';

export interface PlannedCompaction {
  readonly destination: string;
  /** Made to find out; undefined where none count. */
  readonly requests: Readonly<Record<string, number>> | undefined;
}

/** A slot takes its plan, itself, a look at it, and the copy of its facts. */
const REQUESTS_OF_SLOT = 4;

/** Prints what a run would merge: the total, what is left out, and the partitions. */
export async function printCompactionPlan(
  prepared: PreparedCompaction,
  { destination, requests }: PlannedCompaction,
  flags: CompactFlags,
): Promise<void> {
  const sections = [describeTotal(prepared, destination, requests !== undefined), describeLeftOut(prepared)];
  const partitions = flags.partitions || flags.json ? [describePartitions(prepared.plan.batches)] : [];
  await printSections([...sections, ...partitions], flags, requests === undefined ? {} : { requests });
  if (flags.quiet) return;
  const made = requests === undefined ? '' : `${formatRequests(requests)} so far; `;
  process.stderr.write(`${sanitizeForTerminal(`${made}nothing was merged`)}\n`);
}

function describeTotal(
  { description, plan: { batches } }: PreparedCompaction,
  destination: string,
  isFar: boolean,
): Section {
  const files = batches.reduce((sum, { inputs }) => sum + inputs.length, 0);
  const partitions = new Set(batches.map(({ partition }) => partition)).size;
  const columns = ['table', 'format', 'partition_by'].map((name) => ({ name, type: 'text' as const }));
  const counts = ['partitions', 'files', 'bytes', 'expected_files', 'expected_bytes'];
  return {
    title: 'to merge',
    columns: [
      ...columns,
      ...[...counts, ...(isFar ? ['expected_requests'] : [])].map((name) => ({ name, type: 'integer' as const })),
    ],
    rows: [
      [
        destination,
        description.format,
        describePartitioning(description.partitionBy, description.partitionKeys),
        BigInt(partitions),
        BigInt(files),
        sumOf(batches, ({ bytes }) => bytes),
        BigInt(batches.length),
        sumOf(batches, ({ expectedBytes }) => expectedBytes),
        ...(isFar ? [BigInt(files + REQUESTS_OF_SLOT * batches.length)] : []),
      ],
    ],
  };
}

/** `hive (year, month, day, hour)`. */
export function describePartitioning(mode: string, keys: readonly string[]): string {
  return keys.length === 0 ? 'none' : `${mode} (${keys.join(', ')})`;
}

function describeLeftOut({ plan, scan, changed, rewritten, unreadable }: PreparedCompaction): Section {
  const rows: Row[] = [
    ['merged before', BigInt(plan.merged.length + rewritten.length)],
    ['too young', BigInt(plan.tooYoung.length)],
    ['waiting for more', BigInt(plan.waiting.length)],
    ['changed after merging', BigInt(changed.length)],
    ['merged file gone', BigInt(plan.slotGone.length)],
    ['skipped', BigInt(scan.skipped.length)],
    ['unreadable', BigInt(scan.failed.length + unreadable.length)],
  ];
  return {
    title: 'left out',
    columns: [
      { name: 'why', type: 'text' },
      { name: 'objects', type: 'integer' },
    ],
    rows: rows.filter(([, count]) => count !== 0n),
  };
}

function describePartitions(batches: readonly PlannedBatch[]): Section {
  const partitions = new Map<string, PlannedBatch[]>();
  for (const batch of batches) partitions.set(batch.partition, [...(partitions.get(batch.partition) ?? []), batch]);
  return {
    title: 'partitions',
    columns: [
      { name: 'partition', type: 'text' },
      ...['files', 'bytes', 'expected_files', 'expected_bytes'].map((name) => ({ name, type: 'integer' as const })),
    ],
    rows: [...partitions].map(([partition, all]) => [
      partition,
      sumOf(all, ({ inputs }) => inputs.length),
      sumOf(all, ({ bytes }) => bytes),
      BigInt(all.length),
      sumOf(all, ({ expectedBytes }) => expectedBytes),
    ]),
  };
}

function sumOf(batches: readonly PlannedBatch[], pick: (batch: PlannedBatch) => number): bigint {
  return BigInt(batches.reduce((sum, batch) => sum + pick(batch), 0));
}
