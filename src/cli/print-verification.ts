import type { VerifiedTable } from '../compaction/verify-table.js';
import type { CompactFlags } from './compact-flags.js';
import { formatRequests } from './count-requests.js';
import { formatBytes, formatCountOf, formatSeconds } from './format-amount.js';
import { markIncomplete } from './mark-incomplete.js';
import { printSections, type Section } from './print-sections.js';

export interface FinishedVerification {
  readonly table: string;
  readonly verified: VerifiedTable;
  readonly seconds: number;
  /** Undefined where requests cost nothing. */
  readonly requests: Readonly<Record<string, number>> | undefined;
}

/**
 * Prints what was found to stdout, a problem a row, and to stderr one line about it all. Sets the exit code where there is a
 * problem.
 */
export async function printVerification(finished: FinishedVerification, flags: CompactFlags): Promise<void> {
  const { verified, requests } = finished;
  const { problems } = verified;
  const shown = problems.length > 0 || flags.json ? [describeProblems(verified)] : [];
  const { unrecorded, recorded, countedOnly } = verified;
  const extra = { unrecorded, recorded, countedOnly, ...(requests === undefined ? {} : { requests }) };
  const printed = await printSections([describeTotal(finished), ...shown], flags, extra);
  if (printed === 'closed') return;
  const lines = describe(finished);
  if (!flags.quiet) process.stderr.write(`${lines.join('\n')}\n`);
  if (problems.length > 0 && !flags['allow-partial']) markIncomplete(lines, flags);
}

function describeTotal({ table, verified }: FinishedVerification): Section {
  const { slots, rows, bytes, problems } = verified;
  return {
    title: 'verified',
    columns: [
      { name: 'table', type: 'text' },
      ...['slots', 'rows', 'bytes', 'problems'].map((name) => ({ name, type: 'integer' as const })),
    ],
    rows: [[table, BigInt(slots), BigInt(rows), BigInt(bytes), BigInt(problems.length)]],
  };
}

function describeProblems({ problems }: VerifiedTable): Section {
  return {
    title: 'problems',
    columns: ['slot', 'problem', 'reason'].map((name) => ({ name, type: 'text' as const })),
    rows: problems.map(({ slot, kind, reason }) => [slot, kind, reason]),
  };
}

function describe({ verified, seconds, requests }: FinishedVerification): string[] {
  const { slots, bytes, unrecorded, recorded, countedOnly, problems } = verified;
  const parts = [
    `${formatCountOf(slots, 'slot')} checked, ${formatCountOf(problems.length, 'problem')}`,
    ...(unrecorded > 0
      ? [`${formatCountOf(unrecorded, 'slot')} without a copy of the facts, ${recorded} written again`]
      : []),
    ...(countedOnly > 0
      ? [`${formatCountOf(countedOnly, 'slot')} of another version of the engine: rows counted, not compared`]
      : []),
    `${formatBytes(bytes)} in ${formatSeconds(seconds)}`,
    ...(requests === undefined ? [] : [formatRequests(requests)]),
  ];
  return [
    parts.join(' · '),
    ...(problems.length > 0
      ? ['Keep the source of what has a problem: awsusage compact gc leaves it alone, too.']
      : []),
  ];
}
