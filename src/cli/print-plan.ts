import { sanitizeForTerminal } from '../output/sanitize.js';
import { countRequests, formatRequests } from './count-requests.js';
import { describePlan } from './describe-plan.js';
import type { CommandFlags } from './flags.js';
import { limitBytes } from './limit-bytes.js';
import type { ReadingPlan } from './plan-reading.js';
import { printSections } from './print-sections.js';

/**
 * Prints what would be read to stdout, and to stderr the requests that it took to find out and whether `--max-bytes` would
 * stand in the way.
 */
export async function printPlan(reading: ReadingPlan, flags: CommandFlags): Promise<void> {
  const tooMuch = limitBytes(reading.plan, flags['max-bytes']);
  const requests = countRequests(reading.stores);
  await printSections(describePlan(reading), flags, requests === undefined ? {} : { requests });
  if (flags.quiet) return;
  const notes = [
    ...(requests === undefined ? [] : [`${formatRequests(requests)} so far; nothing was read`]),
    ...(tooMuch === undefined ? [] : [tooMuch.message, ...tooMuch.wayOut]),
  ];
  for (const note of notes) process.stderr.write(`${sanitizeForTerminal(note)}\n`);
}
