import { Chalk } from 'chalk';

import { EXIT_CODES, UserError } from '../errors.js';
import { JSON_VERSION } from '../output/json-version.js';
import { sanitizeLines } from '../output/sanitize.js';
import { cleanParserMessage, explainParserError } from './explain-parser-error.js';
import { explainSystemError } from './explain-system-error.js';

/** An error as `--json` prints it to stdout, beside the text on stderr. */
export interface ErrorDocument {
  readonly version: typeof JSON_VERSION;
  readonly error: {
    /** The name of the exit code in `EXIT_CODES`: `usage`, `incomplete`, `bug`. */
    readonly code: string;
    readonly exitCode: number;
    readonly message: string;
    readonly wayOut: readonly string[];
  };
}

export interface RenderedError {
  /** For stderr, safe for a terminal, without a line end; empty where nothing is to be said. */
  readonly text: string;
  readonly exitCode: number;
  /** For stdout with `--json`, its texts safe for a terminal too; undefined where nothing is to be said. */
  readonly document: ErrorDocument | undefined;
}

export interface RenderErrorOptions {
  readonly colour: boolean;
  /** Show the stack and the causes; see `wantsDebug`. */
  readonly debug: boolean;
}

interface Failure {
  readonly code: string;
  readonly exitCode: number;
  readonly message: string;
  readonly wayOut: readonly string[];
}

/**
 * Says what went wrong and with which code to exit. A `UserError` is shown with its way out; wrong usage as oclif's parser
 * reports it exits 2; everything else is a bug and exits 70. Never throws.
 */
export function renderError(error: unknown, { colour, debug }: RenderErrorOptions): RenderedError {
  const asked = findAskedExit(error);
  if (asked !== undefined) return { text: '', exitCode: asked, document: undefined };
  const failure = describeFailure(error);
  const message = sanitizeLines(failure.message);
  const wayOut = failure.wayOut.map((line) => sanitizeLines(line));
  const { red } = new Chalk({ level: colour ? 1 : 0 });
  const lines = [
    `${red('Error:')} ${indent(message).trimStart()}`,
    ...wayOut.map(indent),
    ...(debug ? [indent(sanitizeLines(describeStack(error)))] : []),
  ];
  const document = { version: JSON_VERSION, error: { ...failure, message, wayOut } } as const;
  return { text: lines.join('\n'), exitCode: failure.exitCode, document };
}

/** Whether stacks are wanted: `AWSUSAGE_DEBUG` is set (and not `0`), or `DEBUG` (as in oclif) is `*` or names awsusage. */
export function wantsDebug(env: NodeJS.ProcessEnv): boolean {
  const own = env['AWSUSAGE_DEBUG'] ?? '';
  return (own !== '' && own !== '0') || /(^|[\s,])(\*|awsusage)/.test(env['DEBUG'] ?? '');
}

/** oclif ends a command by throwing an error with this code: after `--help` and `--version`, for one. */
function findAskedExit(error: unknown): number | undefined {
  return error instanceof Error && 'code' in error && error.code === 'EEXIT' ? findOclifExit(error) : undefined;
}

function findOclifExit(error: Error): number | undefined {
  const { oclif } = error as { oclif?: { exit?: unknown } };
  return typeof oclif?.exit === 'number' ? oclif.exit : undefined;
}

function describeFailure(error: unknown): Failure {
  const known = error instanceof UserError ? error : explainSystemError(error);
  if (known !== undefined) {
    const { message, wayOut } = cleanParserMessage(known.message);
    const code = known.exitCode;
    return { code, exitCode: EXIT_CODES[code], message, wayOut: [...known.wayOut, ...wayOut] };
  }
  if (error instanceof Error && 'oclif' in error) {
    return { code: 'usage', exitCode: EXIT_CODES.usage, ...explainParserError(error) };
  }
  return {
    code: 'bug',
    exitCode: EXIT_CODES.bug,
    message: `awsusage has a bug: ${describeUnknown(error)}`,
    wayOut: ['Please report it, with the command that you gave. AWSUSAGE_DEBUG=1 shows where it happened.'],
  };
}

function describeUnknown(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(describeUnknown).join('; ');
  if (error instanceof Error) return error.message === '' ? error.name : error.message;
  try {
    return String(error);
  } catch {
    return 'a thrown value that cannot be shown';
  }
}

function describeStack(error: unknown): string {
  if (!(error instanceof Error)) return describeUnknown(error);
  const stack = error.stack ?? describeUnknown(error);
  return error.cause === undefined ? stack : `${stack}\nCaused by: ${describeStack(error.cause)}`;
}

/** Only our own first line starts at the margin, so that a line end in a file name cannot pass for a message. */
function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}
