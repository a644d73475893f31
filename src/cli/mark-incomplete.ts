import { EXIT_CODES } from '../errors.js';
import { annotate } from './annotate.js';

/**
 * Sets the exit code of a result that lacks something, unless a gate has failed already, and annotates the workflow, if there
 * is one, with what it lacks.
 */
export function markIncomplete(lines: readonly string[], { quiet }: { readonly quiet: boolean }): void {
  process.exitCode ??= EXIT_CODES.incomplete;
  if (!quiet) annotate({ level: 'warning', title: 'awsusage: incomplete', message: lines.join('\n') });
}
