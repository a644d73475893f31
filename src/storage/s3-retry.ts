import { setTimeout } from 'node:timers/promises';
import { type S3Failure, toFailure } from './s3-failure.js';

export interface RetryPolicy {
  readonly attempts: number;
  /** The longest first wait, in milliseconds. */
  readonly delayMs: number;
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** Whether it is worth another attempt. */
  readonly mayRetry: (failure: S3Failure, attempt: number) => boolean;
  /** Does something about the failure; the repetition that follows at once does not count. True where something was done. */
  readonly heal: (failure: S3Failure) => Promise<boolean>;
}

const LONGEST_DELAY_MS = 20_000;
/** A server that has too much to do is given more time. */
const THROTTLED_FACTOR = 5;
/** Healing that does not help is not done again and again. */
const MOST_HEALINGS = 4;

/**
 * Does something until it succeeds, or fails for good; waits between attempts, each time up to twice as long, for a part of
 * that time that chance decides.
 * @throws S3Failure the last one, with the number of attempts; what is no such failure as it is
 */
export async function retry<T>(once: () => Promise<T>, policy: RetryPolicy): Promise<T> {
  let healings = 0;
  for (let attempt = 1; ; attempt++) {
    try {
      return await once();
    } catch (error) {
      const failure = toFailure(error);
      if (failure === undefined || policy.signal.aborted) throw error;
      failure.attempts = attempt;
      if (healings < MOST_HEALINGS && (await policy.heal(failure))) {
        healings++;
        attempt--;
        continue;
      }
      if (attempt >= policy.attempts || !policy.mayRetry(failure, attempt)) throw failure;
      await waitBefore(attempt, failure, policy);
    }
  }
}

async function waitBefore(
  attempt: number,
  failure: S3Failure,
  { delayMs, random, signal }: RetryPolicy,
): Promise<void> {
  const longest = delayMs * (failure.isThrottling ? THROTTLED_FACTOR : 1) * 2 ** (attempt - 1);
  await setTimeout(random() * Math.min(LONGEST_DELAY_MS, longest), undefined, { signal });
}
