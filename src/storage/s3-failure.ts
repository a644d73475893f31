/** What a failed request tells beside its code. */
export interface FailureDetails {
  /** The HTTP status; absent where there was no answer. */
  readonly status?: number;
  /** What the server, the system or the SDK says. */
  readonly text?: string;
  /** The region that the server names as the bucket's. */
  readonly region?: string;
  /** The server's clock, as it writes it. */
  readonly serverTime?: string;
  readonly cause?: unknown;
}

/**
 * A request that failed, whatever way: `code` is the server's (`AccessDenied`), the system's (`ECONNREFUSED`), or one of ours:
 * `Stalled`, `NoConnection`, `NoProxy`, `Cut`, `WrongLength`, `WrongChecksum`, `TooLarge`, `NoVersion`,
 * `Garbled`.
 */
export class S3Failure extends Error {
  readonly code: string;
  readonly details: FailureDetails;
  /** How often it was tried. */
  attempts = 1;
  /** The operation that failed, by its name in S3; known once it came through a connection. */
  operation: string | undefined;
  /** Whether this attempt, or one before it, may have been done all the same; known once it came through a connection. */
  inDoubt = false;

  constructor(code: string, details: FailureDetails = {}) {
    super(details.text ?? code, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'S3Failure';
    this.code = code;
    this.details = details;
  }

  get status(): number | undefined {
    return this.details.status;
  }

  /** The server has too much to do. */
  get isThrottling(): boolean {
    return THROTTLING.has(this.code) || this.status === 503 || this.status === 429;
  }

  /** It may go well the next time. */
  get isPassing(): boolean {
    if (PASSING.has(this.code) || this.isThrottling || this.code.startsWith('HPE_')) return true;
    return this.status !== undefined && (this.status >= 500 || this.status === 408) && this.status !== 501;
  }

  /** The server may have done what it was asked for, and only its answer was lost. */
  get leavesDoubt(): boolean {
    const { status, code } = this;
    if (status !== undefined) return status < 300 || (status >= 500 && status !== 501);
    return !NEVER_SENT.has(code) && !this.isIdentity;
  }

  /** There is no way to the server: no name, nothing that listens. */
  get isUnreachable(): boolean {
    return UNREACHABLE.has(this.code);
  }

  /** The credentials are of no use any more; new ones may be. */
  get isExpiry(): boolean {
    return EXPIRY.has(this.code);
  }

  /** The server does not accept who is asking, whatever is asked. */
  get isIdentity(): boolean {
    return this.isExpiry || IDENTITY.has(this.code);
  }
}

const THROTTLING = new Set([
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'RequestLimitExceeded',
  'TooManyRequests',
]);
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'NoConnection',
  'NoProxy',
]);
/** The connection was not made, so that nothing went over it; one that breaks later may give the other codes, too. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'NoConnection',
  'NoProxy',
  'EndpointError',
  'NoVersion',
]);
const PASSING = new Set([
  ...UNREACHABLE,
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ECONNABORTED',
  'Stalled',
  'Cut',
  'WrongLength',
  'WrongChecksum',
  'Garbled',
  'RequestTimeout',
  'InternalError',
]);
const EXPIRY = new Set(['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired', 'RequestExpired']);
const IDENTITY = new Set([
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'InvalidToken',
  'RequestTimeTooSkewed',
  'CredentialsProviderError',
  'TokenProviderError',
]);

/** What the SDK adds to its errors. */
interface SdkError extends Error {
  readonly code?: unknown;
  readonly Code?: unknown;
  readonly Region?: unknown;
  readonly ServerTime?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly statusCode?: number; readonly headers?: Readonly<Record<string, string>> };
}

/** Reads what the SDK or the system has thrown. What is neither is given back as it is: a bug. */
export function toFailure(thrown: unknown): S3Failure | undefined {
  if (thrown instanceof S3Failure) return thrown;
  if (!(thrown instanceof Error)) return undefined;
  const error = thrown as SdkError;
  const status = error.$response?.statusCode ?? error.$metadata?.httpStatusCode;
  const code = codeOf(error, status);
  if (code === undefined) return undefined;
  const headers = error.$response?.headers ?? {};
  const region = headers['x-amz-bucket-region'] ?? error.Region;
  const serverTime = error.ServerTime ?? headers['date'];
  return new S3Failure(code, {
    // Without a code of the server's, the text is not its own either.
    ...(code === String(status) ? {} : { text: error.message }),
    cause: thrown,
    ...(status === undefined ? {} : { status }),
    ...(typeof region === 'string' ? { region } : {}),
    ...(typeof serverTime === 'string' ? { serverTime } : {}),
  });
}

/** Errors without a code that says more are bugs, except where an answer was being read. */
function codeOf(error: SdkError, status: number | undefined): string | undefined {
  // An answer that was called a success, and cannot be read.
  if (status !== undefined && status < 300) return 'Garbled';
  if (status !== undefined) return nameOf(error, status);
  if (typeof error.code === 'string') return error.code === 'ERR_STREAM_PREMATURE_CLOSE' ? 'Cut' : error.code;
  // The SDK's own time limits; only their words tell which.
  if (error.name === 'TimeoutError')
    return error.message.includes('establish a connection') ? 'NoConnection' : 'Stalled';
  return /ProviderError$|^EndpointError$/.test(error.name) ? error.name : undefined;
}

/** An answer to HEAD has no body, so that the status is all there is. */
function nameOf({ name, Code }: SdkError, status: number): string {
  const code = typeof Code === 'string' && Code !== '' ? Code : name;
  if (['Error', 'UnknownError', 'Unknown', 'NotFound', 'Forbidden', String(status)].includes(code)) return `${status}`;
  return code;
}
