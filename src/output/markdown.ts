import type { RowStream, Value } from '../engines/engine.js';
import { joinLines } from './join-lines.js';
import { isNumberType } from './number-type.js';
import { sanitizeForTerminal } from './sanitize.js';

/**
 * Rows as a GitHub table, numbers to the right, NULL an empty cell. A value renders as its own text and as nothing else:
 * no markup, no HTML, no link, no mention, no reference to an issue.
 */
export async function* renderMarkdown({ columns, chunks }: RowStream): AsyncIterable<string> {
  yield tableLine(columns.map((column) => escapeMarkdown(column.name)));
  yield tableLine(columns.map((column) => (isNumberType(column.type) ? '---:' : '---')));
  yield* joinLines({ chunks, line: (row) => tableLine(columns.map((_, at) => cell(row[at] ?? null))) });
}

function tableLine(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |\n`;
}

function cell(value: Value): string {
  return value === null ? '' : escapeMarkdown(String(value));
}

/** Any text as one line of Markdown that renders as that text and as nothing else. */
export function escapeMarkdown(text: string): string {
  return sanitizeForTerminal(text).replace(ACTIVE, (found) => REPLACEMENTS.get(found) ?? keepAsText(found));
}

/** Markup, and where GitHub would begin a mention, a reference or a link. */
const ACTIVE = /[\\`*_~[\]()!#<>&|$@]|:(?=\/\/)|www(?=\.)|\bGH-(?=\d)/gi;

/**
 * GitHub looks for mentions, references and addresses in the text after escapes are undone, so only a character between
 * helps: a zero-width space, as Renovate does it (renovatebot/renovate, lib/util/markdown.ts).
 */
const BREAK = '&#8203;';

/** Entities where renderers differ on backslashes, so that the character itself is not in the cell. */
const REPLACEMENTS = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['|', '&#124;'],
  ['`', '&#96;'],
  ['$', '&#36;'],
  ['#', `\\#${BREAK}`],
  ['@', `@${BREAK}`],
]);

function keepAsText(found: string): string {
  return /^[:wg]/i.test(found) ? found + BREAK : `\\${found}`;
}
