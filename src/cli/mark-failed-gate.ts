import { EXIT_CODES } from '../errors.js';
import { annotate } from './annotate.js';

/** Sets the exit code of a gate that did not pass. To be done before anything is printed: where the reader of it goes (`| head`), the process ends. */
export function markFailedGate(): void {
  process.exitCode = EXIT_CODES.gate;
}

/** Annotates the workflow, if there is one, with what a gate did not let pass. */
export function annotateFailedGate(lines: readonly string[], { quiet }: { readonly quiet: boolean }): void {
  if (!quiet) annotate({ level: 'error', title: 'awsusage: gate', message: lines.join('\n') });
}
