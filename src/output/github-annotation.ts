import { sanitizeLines } from './sanitize.js';

/** What GitHub shows beside the step that said it, and on the page of the run. */
export interface Annotation {
  readonly level: 'error' | 'warning';
  /** One line. */
  readonly title: string;
  /** May have several lines. */
  readonly message: string;
}

/**
 * An annotation as the workflow command that GitHub Actions reads from a step's output: one line, without a line end. Neither
 * text can end it or begin another command (actions/toolkit, packages/core/src/command.ts).
 */
export function formatGithubAnnotation({ level, title, message }: Annotation): string {
  return `::${level} title=${escapeProperty(sanitizeLines(title))}::${escapeData(sanitizeLines(message))}`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
