import { wantsColour } from './colour.js';
import type { OutputFlags } from './flags.js';

export interface TerminalOptions {
  readonly csvRaw: boolean;
  readonly colour: boolean;
  /** Columns of the terminal; absent where stdout is none. */
  readonly width?: number;
}

/** How rows are to be printed on this process's stdout. */
export function terminalOptions(flags: OutputFlags): TerminalOptions {
  return {
    csvRaw: flags['csv-raw'],
    colour: wantsColour({ stream: process.stdout, env: process.env, noColour: flags['no-color'] }),
    ...(process.stdout.isTTY ? { width: process.stdout.columns } : {}),
  };
}
