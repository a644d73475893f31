import { INTERRUPT_SIGNALS, type InterruptSignal, signalExitCode } from './signals.js';

/** Somebody may ask a program that goes on and on to stop. */
export interface StopRequest {
  /** Whether somebody has. */
  readonly isStopping: boolean;
  /** Waits; less long where somebody asks to stop meanwhile. */
  wait(ms: number): Promise<void>;
  /** From now on signals do what they do without it. */
  close(): void;
}

/** The longest that a timer can be set to. */
const LONGEST_MS = 2_147_483_647;

/**
 * Takes Ctrl-C (SIGINT), SIGTERM and SIGHUP for the wish to stop when it does no harm. A second one ends the process at once,
 * with 130, 143 or 129.
 */
export function watchForStop(): StopRequest {
  let isStopping = false;
  let wake = (): void => undefined;
  const onSignal = (signal: InterruptSignal): void => {
    if (isStopping) process.exit(signalExitCode(signal));
    isStopping = true;
    wake();
  };
  for (const signal of INTERRUPT_SIGNALS) process.on(signal, onSignal);
  return {
    get isStopping() {
      return isStopping;
    },
    wait: (ms) =>
      new Promise((resolve) => {
        if (isStopping) return resolve();
        const timer = setTimeout(resolve, Math.min(Math.max(ms, 0), LONGEST_MS));
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
    close() {
      for (const signal of INTERRUPT_SIGNALS) process.off(signal, onSignal);
    },
  };
}
