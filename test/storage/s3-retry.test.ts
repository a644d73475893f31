import { describe, expect, test } from 'vitest';
import { S3Failure } from '../../src/storage/s3-failure.js';
import { retry, type RetryPolicy } from '../../src/storage/s3-retry.js';

const POLICY: RetryPolicy = {
  attempts: 4,
  delayMs: 4,
  random: () => 1,
  signal: new AbortController().signal,
  mayRetry: () => true,
  heal: () => Promise.resolve(false),
};

describe('retry', () => {
  test('gives what the first attempt gives that goes well', async () => {
    let attempts = 0;
    const once = async (): Promise<number> => {
      if (++attempts < 4) throw new S3Failure('InternalError', { status: 500 });
      return attempts;
    };
    expect(await retry(once, POLICY)).toBe(4);
  });

  test('waits longer each time, and longest for a server that has too much to do', async () => {
    const waited = async (code: string): Promise<number> => {
      const start = performance.now();
      await expect(retry(fails(code), POLICY)).rejects.toMatchObject({ code, attempts: 4 });
      return performance.now() - start;
    };
    // 4 + 8 + 16 milliseconds, and five times that.
    expect(await waited('ECONNRESET')).toBeGreaterThan(24);
    expect(await waited('SlowDown')).toBeGreaterThan(130);
  });

  test('makes one attempt where no other would help', async () => {
    await expect(retry(fails('AccessDenied'), { ...POLICY, mayRetry: () => false })).rejects.toMatchObject({
      attempts: 1,
    });
  });

  test('does not count what was healed, and does not heal for ever', async () => {
    let attempts = 0;
    const once = async (): Promise<never> => {
      attempts++;
      throw new S3Failure('ExpiredToken', { status: 400 });
    };
    const policy = { ...POLICY, mayRetry: () => false, heal: () => Promise.resolve(true) };
    await expect(retry(once, policy)).rejects.toMatchObject({ code: 'ExpiredToken', attempts: 1 });
    expect(attempts).toBe(5);
  });

  test('lets a bug through at once', async () => {
    const bug = new TypeError('x is not a function');
    await expect(retry(() => Promise.reject(bug), POLICY)).rejects.toBe(bug);
  });

  test('ends its waiting when the store is closed', async () => {
    const closing = new AbortController();
    const policy = { ...POLICY, delayMs: 60_000, signal: closing.signal };
    const waiting = retry(fails('ECONNRESET'), policy);
    setTimeout(() => closing.abort(), 5);
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  });
});

function fails(code: string): () => Promise<never> {
  return () => Promise.reject(new S3Failure(code));
}
