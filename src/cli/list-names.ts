import { sanitizeForTerminal } from '../output/sanitize.js';
import { formatCount } from './format-amount.js';

/** More are for programs, which get them all. */
const SHOWN_NAMES = 10;

/** Lines for stderr that name what a run has to tell of, safe for a terminal; those beyond the first ten are counted. */
export function listNames(lines: readonly string[]): string[] {
  const shown = lines.slice(0, SHOWN_NAMES).map((line) => `  ${sanitizeForTerminal(line)}`);
  const more = lines.length - shown.length;
  return more > 0 ? [...shown, `  and ${formatCount(more)} more; --json has them all`] : shown;
}
