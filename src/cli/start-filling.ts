import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { packageFile } from '../package-file.js';
import { CACHE_FILL_FLAGS } from './cache-flags.js';
import type { CommandFlags } from './flags.js';

/**
 * Starts a process that brings the sources of a command into the cache and goes on when this one has ended, as `git` does with
 * its housekeeping. It says nothing, whatever becomes of it.
 */
export function startFilling(sources: readonly string[], flags: CommandFlags): void {
  const words = ['cache', 'fill', ...givenFlags(flags), '--in-background', '--quiet', '--', ...sources];
  try {
    const child = spawn(process.execPath, [fileURLToPath(packageFile('bin/run.js')), ...words], {
      detached: true,
      stdio: 'ignore',
    });
    child.on('error', () => undefined);
    child.unref();
  } catch {
    // Some failures are thrown, others told later. Where no process can be started, the next question takes as long as this one.
  }
}

/** What says where the sources are and which part of them is asked for. */
const HANDED_ON = Object.keys(CACHE_FILL_FLAGS).filter(
  (name) => !['quiet', 'json', 'output', 'csv-raw', 'no-color'].includes(name),
);

function givenFlags(flags: CommandFlags): string[] {
  return Object.entries(flags).flatMap(([name, value]) => {
    if (!HANDED_ON.includes(name) || value === undefined || value === false) return [];
    return value === true ? [`--${name}`] : [`--${name}=${String(value)}`];
  });
}
