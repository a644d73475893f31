import type { Accounting, AccountingReason } from '../dataset/accounting.js';
import { shorten } from '../output/display-width.js';
import { sanitizeForTerminal } from '../output/sanitize.js';
import { formatBytes, formatCount, formatSeconds } from './format-amount.js';
import { formatRequests } from './count-requests.js';

const SHOWN_REASONS = 10;
const EXAMPLE_WIDTH = 300;

/**
 * The accounting of a run as text for stderr, safe for a terminal, without a line end: one line of counts, then one line
 * per reason, the most frequent first, at most ten.
 */
export function formatAccounting(accounting: Accounting, seconds: number): string {
  const { objects, records } = accounting;
  const parts = [
    `objects: ${formatCounts([
      [objects.read, objects.cached === undefined ? 'read' : `read (${formatCount(objects.cached)} from the cache)`],
      [objects.skipped, 'skipped'],
      [objects.failed, 'failed'],
    ])}`,
    `records: ${formatCounts([
      [records.kept, 'kept'],
      [records.duplicate, 'duplicate'],
      [records.filtered, 'filtered'],
      [records.quarantined, 'quarantined'],
    ])}`,
    `${formatVolume(accounting.bytes)} in ${formatSeconds(seconds)}`,
    ...(accounting.requests === undefined ? [] : [formatRequests(accounting.requests)]),
  ];
  return [parts.join(' · '), ...formatReasons(accounting.reasons)].join('\n');
}

function formatCounts(counts: readonly (readonly [number, string])[]): string {
  return counts.map(([count, name]) => `${formatCount(count)} ${name}`).join(', ');
}

function formatVolume({ read, decompressed }: Accounting['bytes']): string {
  return decompressed === read ? formatBytes(read) : `${formatBytes(read)} (${formatBytes(decompressed)} unpacked)`;
}

function formatReasons(reasons: readonly AccountingReason[]): readonly string[] {
  const sorted = [...reasons].sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1));
  const lines = sorted.slice(0, SHOWN_REASONS).map(formatReason);
  const more = sorted.length - SHOWN_REASONS;
  return more > 0 ? [...lines, `  and ${formatCount(more)} more ${more === 1 ? 'reason' : 'reasons'}`] : lines;
}

function formatReason({ reason, count, example }: AccountingReason): string {
  const shown = `  ${sanitizeForTerminal(reason)} × ${formatCount(count)}`;
  return example === '' ? shown : `${shown} (e.g. ${shorten(example, EXAMPLE_WIDTH)})`;
}
