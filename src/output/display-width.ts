import stringWidth from 'string-width';
import { hasOnlyPlainAscii, sanitizeForTerminal } from './sanitize.js';

/** Terminal columns that sanitised text takes: wide characters and emoji take two. */
export function displayWidth(text: string): number {
  return hasOnlyPlainAscii(text) ? text.length : stringWidth(text);
}

/** Sanitises text and cuts it, between characters as people see them, so that it takes at most `width` columns; `…` marks a cut. */
export function shorten(text: string, width: number): string {
  const bound = (width + 1) * CODE_UNITS_PER_COLUMN;
  const start = sanitizeForTerminal(text.length > bound ? copyOfStart(text, bound) : text);
  if (text.length <= bound && displayWidth(start) <= width) return start;
  return `${cutTo(start, width - 1)}…`;
}

/** Text with more than this is stacked accents; it also keeps the work on a long value small. */
const CODE_UNITS_PER_COLUMN = 16;

/** A slice would keep the whole value in memory for as long as the cell is kept. */
function copyOfStart(text: string, length: number): string {
  return Buffer.from(text.slice(0, length), 'utf16le').toString('utf16le');
}

const graphemes = new Intl.Segmenter();

function cutTo(text: string, width: number): string {
  if (hasOnlyPlainAscii(text)) return text.slice(0, width);
  let used = 0;
  for (const { segment, index } of graphemes.segment(text)) {
    used += displayWidth(segment);
    if (used > width) return text.slice(0, index);
  }
  return text;
}
