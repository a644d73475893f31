import { startProgress, showsProgress, type Progress } from './progress.js';
import { openRunFolder, type RunFolder } from './run-folder.js';
import { type InterruptWatch, onInterrupt } from './signals.js';

/** Something that a run has to let go of. After Ctrl-C either may be called more than once. */
export interface Held {
  /** Ends what is under way; `close` does where it is absent. */
  interrupt?(): void;
  close?(): void;
}

/** What a run holds from its first look at the sources to its end. */
export interface RunResources {
  readonly progress: Progress;
  /** When the run began, on the clock of `performance.now()`. */
  readonly started: number;
  /** Has something closed at the end, or ended by Ctrl-C. */
  hold(held: Held): void;
  /** The run's own folder, made at first need. */
  folder(): Promise<RunFolder>;
}

/** Whoever takes Ctrl-C for the wish to stop when it does no harm has to look after it. */
const NO_WATCH: InterruptWatch = { signal: undefined, stop: () => undefined };

/**
 * Does a run's work and lets go of everything it held, however it ends: the last first, then the run's folder. What the work
 * throws after Ctrl-C is the interrupt's doing and is dropped.
 * @param isInterruptible false where somebody else answers Ctrl-C
 */
export async function withRunResources(
  flags: { readonly quiet: boolean },
  work: (resources: RunResources) => Promise<void>,
  isInterruptible = true,
): Promise<void> {
  const held: Held[] = [];
  const progress = openProgress(flags);
  const interrupt = (): void => {
    progress.stop();
    for (const one of held) endOne(one);
  };
  const watch = isInterruptible ? onInterrupt(interrupt) : NO_WATCH;
  let opening: Promise<RunFolder> | undefined;
  const folder = (): Promise<RunFolder> => (opening ??= openRunFolder());
  try {
    await work({ progress, started: performance.now(), hold: (one) => void held.unshift(one), folder });
  } catch (error) {
    if (watch.signal === undefined) throw error;
  } finally {
    progress.stop();
    watch.stop();
    for (const one of held) one.close?.();
    (await opening?.catch(() => undefined))?.remove();
  }
}

function openProgress({ quiet }: { readonly quiet: boolean }): Progress {
  return startProgress({
    stream: process.stderr,
    now: () => performance.now(),
    isTerminal: showsProgress({ stream: process.stderr, env: process.env, quiet }),
    quiet,
  });
}

function endOne(held: Held): void {
  if (held.interrupt === undefined) held.close?.();
  else held.interrupt();
}
