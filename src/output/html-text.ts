import { sanitizeForTerminal } from './sanitize.js';

/** Any text as text of an HTML page or of a quoted attribute: no markup, no invisible or directing characters. */
export function escapeHtml(text: string): string {
  return sanitizeForTerminal(text).replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}
