import { displayWidth, shorten } from '../output/display-width.js';
import { sanitizeForTerminal } from '../output/sanitize.js';
import { formatBytes, formatCount, formatCountOf, formatSeconds } from './format-amount.js';

const SHOW_AFTER_MS = 500;
const REDRAW_MS = 100;
const DEFAULT_COLUMNS = 80;
const CLEAR_LINE = '\r\x1b[2K';

/** How far a run has come. Totals are left out while they are not known. */
export interface ProgressState {
  readonly objectsDone: number;
  readonly objectsTotal?: number;
  readonly bytesDone: number;
  readonly bytesTotal?: number;
}

/** How far a listing has come, which nobody knows the end of. */
export interface ListingState {
  readonly objectsFound: number;
  /** Requests made so far, where they count. */
  readonly requests?: number | undefined;
}

export interface Progress {
  /** Says how far the run is; cheap enough to be called for every object. */
  update(state: ProgressState | ListingState): void;
  /** Says what is being done from now on; its counts come with `update`, if there are any. */
  begin(label: string): void;
  /** Writes a warning on a line of its own, above the progress line. */
  warn(text: string): void;
  /** Clears the line for good. To be called before anything else is written to the terminal, on stdout too. */
  stop(): void;
}

export interface ProgressOptions {
  readonly stream: { write(text: string): unknown; readonly columns?: number };
  /** Milliseconds from any point in time. */
  readonly now: () => number;
  /** Whether a line is to be shown at all; see `showsProgress`. */
  readonly isTerminal: boolean;
  /** `--quiet`: neither the line nor warnings. */
  readonly quiet?: boolean;
  /** What is being done once there are counts: `reading`. `begin` says so too. */
  readonly label?: string;
}

/**
 * Starts a progress line: objects, bytes, rate and remaining time on one line that is redrawn at most ten times a second and
 * appears only when the work has taken half a second.
 */
export function startProgress({ stream, now, isTerminal, quiet = false, label = '' }: ProgressOptions): Progress {
  const started = now();
  const width = (): number => Math.max(1, (stream.columns ?? DEFAULT_COLUMNS) - 1);
  let doing = label;
  let begun: number | undefined;
  let state: ProgressState | ListingState | undefined;
  let drawnAt = -Infinity;
  let visible = false;
  let running = isTerminal && !quiet;

  const draw = (): void => {
    const time = now();
    const isQuiet = !running || (!state && begun === undefined);
    if (isQuiet || time - started < SHOW_AFTER_MS || time - drawnAt < REDRAW_MS) return;
    stream.write(CLEAR_LINE + fitParts(describeProgress(doing, state, secondsSince(begun ?? started, time)), width()));
    drawnAt = time;
    visible = true;
  };
  const clear = (): void => {
    if (visible) stream.write(CLEAR_LINE);
    visible = false;
  };
  const timer = running ? setInterval(draw, REDRAW_MS).unref() : undefined;

  return {
    update(next) {
      state = next;
      draw();
    },
    begin(next) {
      doing = next;
      begun = now();
      state = undefined;
    },
    warn(text) {
      clear();
      if (!quiet) stream.write(`${sanitizeForTerminal(text)}\n`);
    },
    stop() {
      running = false;
      clearInterval(timer);
      clear();
    },
  };
}

/**
 * Whether a progress line is wanted: on a terminal that can clear a line, unless `--quiet` was given or `CI` is set
 * (continuous integration keeps every redraw in its log).
 */
export function showsProgress(options: {
  readonly stream: { readonly isTTY?: boolean };
  readonly env: NodeJS.ProcessEnv;
  readonly quiet?: boolean;
}): boolean {
  const { stream, env, quiet = false } = options;
  const isCi = !['', '0', 'false'].includes(env['CI'] ?? '');
  return stream.isTTY === true && !quiet && !isCi && env['TERM'] !== 'dumb';
}

/** Never zero, which rates are divided by. */
function secondsSince(begun: number, time: number): number {
  return Math.max(1, time - begun) / 1000;
}

/** The parts of the line, the most important first. */
function describeProgress(
  label: string,
  state: ProgressState | ListingState | undefined,
  seconds: number,
): readonly string[] {
  if (state === undefined) return [sanitizeForTerminal(label), formatSeconds(seconds)];
  if ('objectsFound' in state) return [sanitizeForTerminal(label), ...describeListing(state), formatSeconds(seconds)];
  const { objectsDone, objectsTotal, bytesDone, bytesTotal } = state;
  const left = estimateSecondsLeft(state, seconds);
  return [
    sanitizeForTerminal(label),
    `${formatOutOf(objectsDone, objectsTotal, formatCount)} objects`,
    formatOutOf(bytesDone, bytesTotal, formatBytes),
    `${formatBytes(bytesDone / seconds)}/s`,
    ...(left === undefined ? [] : [`${formatSeconds(left)} left`]),
  ];
}

function describeListing({ objectsFound, requests }: ListingState): readonly string[] {
  const found = formatCountOf(objectsFound, 'object');
  return requests === undefined ? [found] : [found, formatCountOf(requests, 'request')];
}

function formatOutOf(done: number, total: number | undefined, format: (amount: number) => string): string {
  return total === undefined || total < done ? format(done) : `${format(done)} of ${format(total)}`;
}

/** By bytes where their total is known, as objects differ in size. */
function estimateSecondsLeft(state: ProgressState, seconds: number): number | undefined {
  const { objectsDone, objectsTotal = 0, bytesDone, bytesTotal = 0 } = state;
  const share = bytesTotal > 0 ? bytesDone / bytesTotal : objectsDone / objectsTotal;
  return share > 0 && share <= 1 ? (seconds * (1 - share)) / share : undefined;
}

function fitParts(parts: readonly string[], width: number): string {
  const line = parts.join(' · ');
  if (displayWidth(line) <= width) return line;
  return parts.length > 1 ? fitParts(parts.slice(0, -1), width) : shorten(line, width);
}
