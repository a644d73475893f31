import { UserError } from '../errors.js';
import { parseDuration } from '../layouts/time-window.js';
import { compactSource, type CompactSourceRequest } from './compact-source.js';
import { printError } from './print-error.js';
import { watchForStop, type StopRequest } from './stop-request.js';

const LEAST_MS = 1000;

/**
 * Merges a source again and again, one run after the other. What a run fails of is told, and the next one tries again; a first
 * run that was asked for wrongly ends it. SIGTERM and Ctrl-C end it when the group of files that is being merged is done, or
 * at once between two runs, with exit code 0.
 * @param interval how long from the beginning of a run to that of the next one: `1h`
 * @throws UserError for an interval that cannot be read, or what the first run says of wrong usage
 */
export async function watchSource(request: CompactSourceRequest, interval: string): Promise<void> {
  const everyMs = readInterval(interval, request);
  const stop = watchForStop();
  try {
    for (let run = 1; !stop.isStopping; run++) {
      const begun = performance.now();
      await runOnce({ ...request, stop }, run === 1);
      // A run that left something out has said so; the next one looks at it again.
      process.exitCode = undefined;
      await stop.wait(begun + everyMs - performance.now());
    }
  } finally {
    stop.close();
  }
}

function readInterval(interval: string, { flags }: CompactSourceRequest): number {
  if (flags['dry-run'] || flags.verify)
    throw new UserError(`--watch and --${flags.verify ? 'verify' : 'dry-run'} were given`, {
      wayOut: 'Give one of them: --watch merges again and again.',
    });
  const everyMs = parseDuration(interval);
  if (everyMs >= LEAST_MS) return everyMs;
  throw new UserError(`Cannot use --watch ${interval}: that is no time at all`, { wayOut: 'Give 1s or more: 1h.' });
}

async function runOnce(
  request: CompactSourceRequest & { readonly stop: StopRequest },
  isFirst: boolean,
): Promise<void> {
  try {
    await compactSource(request);
  } catch (error) {
    const isUsage = error instanceof UserError && error.exitCode === 'usage';
    if (isFirst && isUsage) throw error;
    printError(error, { noColour: request.flags['no-color'] });
  }
}
