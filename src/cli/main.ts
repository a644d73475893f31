import { fileURLToPath } from 'node:url';
import { Config, run } from '@oclif/core';
import { packageFile } from '../package-file.js';
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
    const config = await Config.load({ root: fileURLToPath(packageFile('.')) });
    await run(await readCommandLine(joinPayer(argv), config), config);
  } catch (error) {
    await showError(error, argv);
  }
}

/** `--request-payer requester`, as the AWS CLI also has it: the one word that may follow the flag is no SOURCE. */
function joinPayer(argv: string[]): string[] {
  const end = argv.indexOf('--');
  return argv.flatMap((word, index) => {
    if (end >= 0 && index > end) return [word];
    if (word === '--request-payer=requester') return ['--request-payer'];
    return word === 'requester' && argv[index - 1] === '--request-payer' ? [] : [word];
  });
}

/** What only an unusual command line needs is loaded only then: `--help` is to appear at once. */
async function readCommandLine(argv: string[], { commandIDs, commands, pjson }: Config): Promise<string[]> {
  const { additionalHelpFlags = [], additionalVersionFlags = [] } = pjson.oclif;
  const instead = ['--help', '--version', ...additionalHelpFlags, ...additionalVersionFlags];
  const [first] = argv;
  if (first === undefined || commandIDs.includes(first) || instead.includes(first)) return argv;
  const { findCommand } = await import('./find-command.js');
  const shown = commands.filter(({ hidden }) => !hidden).map(({ id }) => id);
  return findCommand(argv, { commands: shown, instead });
}

async function showError(error: unknown, argv: readonly string[]): Promise<void> {
  const { printError } = await import('./print-error.js');
  const { exitCode, document } = printError(error, { noColour: argv.includes('--no-color') });
  if (document !== undefined && wantsJson(argv) && !hasBegun(process.stdout))
    process.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
  process.exitCode = exitCode;
}

function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end < 0 ? argv.length : end).includes('--json');
}
