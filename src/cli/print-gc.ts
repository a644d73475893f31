import { isTroubled, type GcOutcome } from '../compaction/gc-outcome.js';
import { sanitizeForTerminal } from '../output/sanitize.js';
import { formatRequests } from './count-requests.js';
import { formatBytes, formatCountOf, formatSeconds } from './format-amount.js';
import { listNames } from './list-names.js';
import { markIncomplete } from './mark-incomplete.js';
import type { GcFlags } from './gc-flags.js';
import { printSections, type Section } from './print-sections.js';

export interface FinishedGc {
  readonly outcome: GcOutcome;
  /** Nothing was removed. */
  readonly isDry: boolean;
  readonly isTagging: boolean;
  readonly seconds: number;
  /** Undefined where requests cost nothing. */
  readonly requests: Readonly<Record<string, number>> | undefined;
}

/**
 * Prints what was removed to stdout, or what would be, and to stderr one line that accounts for every merged object, with the
 * names of those that are in trouble. Sets the exit code where something is wrong or failed.
 */
export async function printGc(finished: FinishedGc, flags: GcFlags): Promise<void> {
  const { outcome, requests, isDry } = finished;
  const { gone, left, failed, problems, ended, trash } = outcome;
  const lists = isDry || flags.json ? [describeObjects(finished)] : [];
  const extra = {
    gone,
    left_objects: left,
    failed,
    problems,
    ...(ended === undefined ? {} : { ended }),
    ...(trash === undefined ? {} : { trash }),
    ...(requests === undefined ? {} : { requests }),
  };
  const reasons = left.length > 0 || flags.json ? [describeLeft(outcome)] : [];
  const printed = await printSections([describeTotal(finished), ...lists, ...reasons], flags, extra);
  if (printed === 'closed') return;
  const lines = describe(finished).map((line) => sanitizeForTerminal(line));
  if (!flags.quiet) process.stderr.write(`${lines.join('\n')}\n`);
  if (isTroubled(outcome) && !flags['allow-partial']) markIncomplete(lines, flags);
}

function verbOf({ isDry, isTagging }: FinishedGc): string {
  const verb = isTagging ? 'tagged' : 'removed';
  return isDry ? `to be ${verb}` : verb;
}

function describeTotal(finished: FinishedGc): Section {
  const { destination, candidates, removed, gone, left, failed } = finished.outcome;
  const verb = verbOf(finished).replaceAll(' ', '_');
  const counts = ['candidates', verb, 'bytes', 'gone', 'left', 'failed'];
  return {
    title: 'gc',
    columns: [{ name: 'table', type: 'text' }, ...counts.map((name) => ({ name, type: 'integer' as const }))],
    rows: [
      [
        destination,
        BigInt(candidates),
        BigInt(removed.length),
        BigInt(removed.reduce((sum, { bytes }) => sum + bytes, 0)),
        BigInt(gone.length),
        BigInt(left.length),
        BigInt(failed.length),
      ],
    ],
  };
}

function describeObjects(finished: FinishedGc): Section {
  return {
    title: 'objects',
    columns: [
      { name: 'object', type: 'text' },
      { name: 'bytes', type: 'integer' },
      { name: 'slot', type: 'text' },
    ],
    rows: finished.outcome.removed.map(({ key, bytes, slot }) => [key, BigInt(bytes), slot]),
  };
}

function describeLeft({ left }: GcOutcome): Section {
  const counts = new Map<string, number>();
  for (const { why } of left) counts.set(why, (counts.get(why) ?? 0) + 1);
  return {
    title: 'left',
    columns: [
      { name: 'why', type: 'text' },
      { name: 'objects', type: 'integer' },
    ],
    rows: [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([why, count]) => [why, BigInt(count)]),
  };
}

function describe(finished: FinishedGc): string[] {
  const { outcome, isDry, seconds, requests } = finished;
  const { candidates, removed, gone, left, failed, slots, problems, ended, trash } = outcome;
  const bytes = removed.reduce((sum, object) => sum + object.bytes, 0);
  const parts = [
    `${formatCountOf(candidates, 'merged object')}: ${removed.length} ${verbOf(finished)} (${formatBytes(bytes)})`,
    ...(gone.length > 0 ? [`${gone.length} gone already`] : []),
    `${left.length} left`,
    ...(failed.length > 0 ? [`${failed.length} failed`] : []),
    `${formatCountOf(slots, 'slot')} checked`,
    ...(trash === undefined || trash.purged + trash.kept === 0 ? [] : [describeTrash(trash, isDry)]),
    formatSeconds(seconds),
    ...(requests === undefined ? [] : [formatRequests(requests)]),
  ];
  const changed = left.filter(({ why }) => why.startsWith('changed'));
  return [
    parts.join(' · '),
    ...listNames(problems.map(({ slot, reason }) => `not as written: ${slot}: ${reason}`)),
    ...listNames(changed.map(({ key, why }) => `${why}: ${key}`)),
    ...listNames(failed.map(({ key, reason }) => `failed: ${key}: ${reason}`)),
    ...listNames((trash?.doubtful ?? []).map(({ file, reason }) => `left in the trash: ${file}: ${reason}`)),
    ...(ended === undefined ? [] : [`It ended before everything was looked at: ${ended}`]),
    ...(isDry ? ['Nothing was removed: that takes --yes.'] : []),
  ];
}

function describeTrash({ purged, bytes, kept }: NonNullable<GcOutcome['trash']>, isDry: boolean): string {
  return `trash: ${purged} ${isDry ? 'to be purged' : 'purged'} (${formatBytes(bytes)}), ${kept} kept`;
}
