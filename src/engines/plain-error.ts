import { UserError, type ExitCodeName } from '../errors.js';
import { SqlError } from './engine.js';

/** An error as it goes to another process, which gets values without their classes. */
export type PlainError = PlainValue | PlainUserError | (ErrorTexts & { readonly kind: 'error' | 'sql' });

interface PlainValue {
  readonly kind: 'value';
  readonly value: string;
}

interface PlainUserError extends ErrorTexts {
  readonly kind: 'user';
  readonly wayOut: readonly string[];
  readonly exitCode: ExitCodeName;
}

interface ErrorTexts {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** Of a system's error: what `explainSystemError` goes by. */
  readonly system: SystemFacts;
  readonly cause: PlainError | undefined;
}

type SystemFacts = Pick<NodeJS.ErrnoException, 'code' | 'errno' | 'syscall' | 'path'>;

/** Causes of causes go along down to here: a chain may be a ring. */
const DEEPEST_CAUSE = 8;

/** What is thrown, as plain values: class, texts, causes, and the system's facts. */
export function toPlainError(error: unknown, depth = 0): PlainError {
  if (!(error instanceof Error)) return { kind: 'value', value: String(error) };
  const { name, message, stack } = error;
  const hasCause = error.cause !== undefined && depth < DEEPEST_CAUSE;
  const cause = hasCause ? toPlainError(error.cause, depth + 1) : undefined;
  const texts: ErrorTexts = { name, message, stack, system: systemFacts(error), cause };
  if (error instanceof UserError) return { ...texts, kind: 'user', wayOut: error.wayOut, exitCode: error.exitCode };
  return { ...texts, kind: error instanceof SqlError ? 'sql' : 'error' };
}

/** The error again: of its own class where it is one of ours, else an Error under its name. */
export function fromPlainError(plain: PlainError): Error {
  if (plain.kind === 'value') return new Error(plain.value);
  const cause = plain.cause === undefined ? undefined : fromPlainError(plain.cause);
  const error = reviveError(plain, cause);
  if (error.name !== plain.name) error.name = plain.name;
  if (plain.stack !== undefined) error.stack = plain.stack;
  return Object.assign(error, plain.system);
}

function reviveError(plain: Exclude<PlainError, PlainValue>, cause: Error | undefined): Error {
  const options = cause === undefined ? {} : { cause };
  switch (plain.kind) {
    case 'user':
      return new UserError(plain.message, { ...options, wayOut: plain.wayOut, exitCode: plain.exitCode });
    case 'sql':
      return new SqlError(plain.message, options);
    case 'error':
      return new Error(plain.message, options);
  }
}

function systemFacts(error: Error): SystemFacts {
  const { code, errno, syscall, path } = error as NodeJS.ErrnoException;
  return {
    ...(typeof code === 'string' && { code }),
    ...(typeof errno === 'number' && { errno }),
    ...(typeof syscall === 'string' && { syscall }),
    ...(typeof path === 'string' && { path }),
  };
}
