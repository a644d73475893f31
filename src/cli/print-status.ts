import { OBJECT_STATES, type ObjectState, type TableStatus } from '../compaction/table-status.js';
import type { Row } from '../engines/engine.js';
import { sanitizeForTerminal } from '../output/sanitize.js';
import { formatRequests } from './count-requests.js';
import { formatCount, formatCountOf } from './format-amount.js';
import { listNames } from './list-names.js';
import { markIncomplete } from './mark-incomplete.js';
import { describePartitioning } from './print-compaction-plan.js';
import { printSections, type Section } from './print-sections.js';
import type { StatusFlags } from './status-flags.js';

export interface FoundStatus {
  readonly table: string;
  readonly source: string;
  readonly status: TableStatus;
  /** Undefined where requests cost nothing. */
  readonly requests: Readonly<Record<string, number>> | undefined;
}

/**
 * Prints how far the merging is to stdout, and to stderr what needs somebody. Sets the exit code where objects changed after
 * they were merged, or cannot be read.
 */
export async function printStatus(found: FoundStatus, flags: StatusFlags): Promise<void> {
  const { status, requests } = found;
  const { changed, unreadable } = status;
  const partitions = flags.partitions || flags.json ? [describePartitions(status)] : [];
  const extra = { changed, ...(requests === undefined ? {} : { requests }) };
  const printed = await printSections([describeTable(found), describeObjects(status), ...partitions], flags, extra);
  if (printed === 'closed') return;
  if (!flags.quiet) for (const line of describeTrouble(found)) process.stderr.write(`${sanitizeForTerminal(line)}\n`);
  if (changed.length + unreadable === 0 || flags['allow-partial']) return;
  const counts = `${formatCountOf(unreadable, 'object')} cannot be read, ${formatCount(changed.length)} changed after merging`;
  markIncomplete([counts, ...describeTrouble(found)], flags);
}

const SLOT_COUNTS = ['slots', 'rows', 'bytes'] as const;

function describeTable({ table, source, status: { description, slots } }: FoundStatus): Section {
  const { format, partitionBy, partitionKeys } = description;
  return {
    title: 'table',
    columns: [
      ...['table', 'source', 'format', 'partition_by'].map((name) => ({ name, type: 'text' as const })),
      ...[...SLOT_COUNTS, 'quarantined'].map((name) => ({ name, type: 'integer' as const })),
    ],
    rows: [
      [
        table,
        source,
        format,
        describePartitioning(partitionBy, partitionKeys),
        ...SLOT_COUNTS.map((name) => BigInt(slots[name])),
        BigInt(slots.quarantined),
      ],
    ],
  };
}

function describeObjects({ objects, slots, skipped, unreadable, removed }: TableStatus): Section {
  const rows: Row[] = [
    ...OBJECT_STATES.map((state): Row => [state, BigInt(objects[state].objects), BigInt(objects[state].bytes)]),
    ['skipped', BigInt(skipped), null],
    ['unreadable', BigInt(unreadable), null],
    ['merged and not there any more', BigInt(removed), null],
    ['merged without a record', BigInt(slots.withoutRecords), null],
  ];
  return {
    title: 'objects',
    columns: [
      { name: 'state', type: 'text' },
      { name: 'objects', type: 'integer' },
      { name: 'bytes', type: 'integer' },
    ],
    rows: rows.filter(([state, count]) => count !== 0n || state === 'merged' || state === 'pending'),
  };
}

function describePartitions({ partitions }: TableStatus): Section {
  const named = OBJECT_STATES.map((state): [ObjectState, string] => [state, state.replaceAll(' ', '_')]);
  return {
    title: 'partitions',
    columns: [
      { name: 'partition', type: 'text' },
      ...[...SLOT_COUNTS, ...named.map(([, name]) => name), 'quarantined'].map((name) => ({
        name,
        type: 'integer' as const,
      })),
    ],
    rows: partitions.map(({ partition, slots, objects }) => [
      partition,
      ...SLOT_COUNTS.map((name) => BigInt(slots[name])),
      ...named.map(([state]) => BigInt(objects[state].objects)),
      BigInt(slots.quarantined),
    ]),
  };
}

function describeTrouble({ status, requests }: FoundStatus): string[] {
  const { isMade, changed } = status;
  return [
    ...(isMade ? [] : ['Nothing was merged yet: awsusage compact makes the table.']),
    ...listNames(changed.map((key) => `changed after it was merged, and not added: ${key}`)),
    ...(requests === undefined ? [] : [formatRequests(requests)]),
  ];
}
