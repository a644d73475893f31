import { fileURLToPath } from 'node:url';
import { Config, run } from '@oclif/core';
import { wantsColour } from './colour.js';
import { findCommand } from './find-command.js';
import { renderError, wantsDebug } from './render-error.js';
import { ignoreClosedPipe } from './signals.js';
import { hasBegun } from './write-stdout.js';

/**
 * Runs one command line. Ends with the exit code set; errors are on stderr, and with `--json` also on stdout as a document.
 * @param argv the arguments without Node and the script
 */
export async function main(argv: string[]): Promise<void> {
  // oclif's own listener throws on everything but a closed pipe, past all that could explain it.
  process.stdout.removeAllListeners('error');
  ignoreClosedPipe(process.stdout);
  ignoreClosedPipe(process.stderr, () => undefined);
  try {
    const config = await Config.load({ root: fileURLToPath(new URL('../../', import.meta.url)) });
    await run(findCommand(argv, knownWords(config)), config);
  } catch (error) {
    showError(error, argv);
  }
}

function knownWords({ commandIDs, pjson }: Config): Parameters<typeof findCommand>[1] {
  const { additionalHelpFlags = [], additionalVersionFlags = [] } = pjson.oclif;
  return { commands: commandIDs, instead: ['--help', '--version', ...additionalHelpFlags, ...additionalVersionFlags] };
}

function showError(error: unknown, argv: readonly string[]): void {
  const colour = wantsColour({ stream: process.stderr, env: process.env, noColour: argv.includes('--no-color') });
  const { text, exitCode, document } = renderError(error, { colour, debug: wantsDebug(process.env) });
  if (text !== '') process.stderr.write(`${text}\n`);
  if (document !== undefined && wantsJson(argv) && !hasBegun(process.stdout))
    process.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
  process.exitCode = exitCode;
}

function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end < 0 ? argv.length : end).includes('--json');
}
