import { annotate } from './annotate.js';
import { wantsColour } from './colour.js';
import { renderError, wantsDebug, type RenderedError } from './render-error.js';

/**
 * Says on stderr what went wrong, and annotates the workflow, if there is one. Gives what is left to do: the exit code, and the
 * document for `--json`.
 */
export function printError(error: unknown, { noColour }: { readonly noColour: boolean }): RenderedError {
  const colour = wantsColour({ stream: process.stderr, env: process.env, noColour });
  const rendered = renderError(error, { colour, debug: wantsDebug(process.env) });
  const { text, document } = rendered;
  if (text !== '') process.stderr.write(`${text}\n`);
  if (document !== undefined) {
    const { code, message, wayOut } = document.error;
    annotate({ level: 'error', title: `awsusage: ${code}`, message: [message, ...wayOut].join('\n') });
  }
  return rendered;
}
