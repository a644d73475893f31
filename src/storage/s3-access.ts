/** How a bucket is reached: what flags and environment say. What is absent is found as the AWS CLI finds it. */
export interface S3Access {
  /** An endpoint that is not that of AWS, `http://127.0.0.1:4566`; else `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL` or the profile's. */
  readonly endpointUrl?: string;
  /** The time that requests are signed with. */
  readonly now: () => Date;
  readonly region?: string;
  readonly profile?: string;
  /** Sends requests without a signature, for buckets that are open to everybody. */
  readonly noSignRequest?: boolean;
  /** Agrees to pay for requests to somebody else's bucket. */
  readonly requestPayer?: boolean;
  /** The account, 12 digits, that the bucket must belong to. */
  readonly expectedBucketOwner?: string;
  /** Where `AWS_CA_BUNDLE` and `AWS_MAX_ATTEMPTS` are looked up. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly connectTimeoutMs?: number;
  /** How long a server may be silent, before its answer and within it. */
  readonly readTimeoutMs?: number;
  /** How many requests may be under way at once. */
  readonly maxConcurrency?: number;
  /** The longest wait before the first repetition of a request; it doubles with each further one. */
  readonly retryDelayMs?: number;
  /** A number from 0 to 1 that spreads repetitions over time. */
  readonly random?: () => number;
}

/** The limits within which requests are made. */
export interface S3Limits {
  readonly connectTimeoutMs: number;
  readonly readTimeoutMs: number;
  readonly maxConcurrency: number;
  readonly maxAttempts: number;
  readonly retryDelayMs: number;
  readonly random: () => number;
}

const DEFAULT_ATTEMPTS = 8;

/** What was asked for, with the default where nothing was. An `AWS_MAX_ATTEMPTS` that is no count is as good as none. */
export function limitsOf(access: S3Access): S3Limits {
  const attempts = Number(access.env?.['AWS_MAX_ATTEMPTS'] ?? DEFAULT_ATTEMPTS);
  return {
    connectTimeoutMs: access.connectTimeoutMs ?? 10_000,
    readTimeoutMs: access.readTimeoutMs ?? 30_000,
    maxConcurrency: access.maxConcurrency ?? 64,
    maxAttempts: Number.isSafeInteger(attempts) && attempts > 0 ? attempts : DEFAULT_ATTEMPTS,
    retryDelayMs: access.retryDelayMs ?? 100,
    random: access.random ?? Math.random,
  };
}
