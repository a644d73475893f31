import { constants } from 'node:os';
import type { Writable } from 'node:stream';

import { EXIT_CODES } from '../errors.js';

/** The signals that ask a process to end. */
export const INTERRUPT_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type InterruptSignal = (typeof INTERRUPT_SIGNALS)[number];

/** How long a handler may take before the process ends without it; with the clean-up this stays within a second. */
const GRACE_MS = 600;

export interface InterruptWatch {
  /** The signal that came, if one did. What the run throws after that is the interrupt's doing and is not to be shown. */
  readonly signal: InterruptSignal | undefined;
  /** Stops watching: signals do what they do without it. */
  stop(): void;
}

/**
 * Ends the process in an orderly way on Ctrl-C (SIGINT), SIGTERM and SIGHUP: calls the handler once (interrupt the engine,
 * clear the progress line), waits for it, but for no longer than 0.6 s, then exits with 130, 143 or 129, so that hooks on
 * `exit` (the run folder) still clean up. A second signal exits at once. An error of the handler is dropped: the process
 * ends anyway.
 */
export function onInterrupt(handler: (signal: InterruptSignal) => void | Promise<void>): InterruptWatch {
  let received: InterruptSignal | undefined;
  const onSignal = (signal: InterruptSignal): void => {
    if (received !== undefined) process.exit(signalExitCode(signal));
    received = signal;
    setTimeout(() => process.exit(signalExitCode(signal)), GRACE_MS);
    const exit = (): void => process.exit(signalExitCode(signal));
    callSafely(() => handler(signal)).then(exit, exit);
  };
  for (const signal of INTERRUPT_SIGNALS) process.on(signal, onSignal);
  return {
    get signal() {
      return received;
    },
    stop() {
      for (const signal of INTERRUPT_SIGNALS) process.off(signal, onSignal);
    },
  };
}

/** The exit code of a process that a signal ended, as a shell reports it: 128 + the signal's number. */
export function signalExitCode(signal: InterruptSignal): number {
  return 128 + constants.signals[signal];
}

async function callSafely(handler: () => void | Promise<void>): Promise<void> {
  await handler();
}

/**
 * Makes a stream whose reader has gone (`| head`) end the process quietly: by default without a message, and with exit code 0
 * where no gate has failed by then; hooks on `exit` still run. For stderr pass a function that does nothing: the answer may still be wanted. Another error of the
 * stream makes the exit code 2 where nothing else has set it.
 */
export function ignoreClosedPipe(
  stream: Pick<Writable, 'on'>,
  onClosed: () => void = () => process.exit(process.exitCode ?? EXIT_CODES.ok),
): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || error.code === 'ECONNRESET') onClosed();
    else process.exitCode ??= EXIT_CODES.usage;
  });
}
