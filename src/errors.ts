/** The exit codes of every command, with and without `--json`. */
export const EXIT_CODES = {
  /** All good. */
  ok: 0,
  /** A gate failed. */
  gate: 1,
  /** Wrong usage or unusable input. */
  usage: 2,
  /** Something was quarantined or could not be read, and `--allow-partial` was not given. */
  incomplete: 3,
  /** The store lacks what compaction needs, or a conflict. */
  conflict: 4,
  /** A bug in awsusage. */
  bug: 70,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

export type ExitCodeName = keyof typeof EXIT_CODES;

export interface UserErrorOptions {
  /** What the user can do next, one line each. */
  readonly wayOut?: string | readonly string[];
  readonly exitCode?: ExitCodeName;
  readonly cause?: unknown;
}

/**
 * A failure that the user can do something about. The message says what was tried, on what, and what went wrong;
 * `wayOut` says what to do next. Everything else that is thrown is a bug and exits 70.
 */
export class UserError extends Error {
  readonly wayOut: readonly string[];
  readonly exitCode: ExitCodeName;

  constructor(message: string, options: UserErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'UserError';
    const { wayOut = [] } = options;
    this.wayOut = typeof wayOut === 'string' ? [wayOut] : wayOut;
    this.exitCode = options.exitCode ?? 'usage';
  }
}
