import { expect, test } from 'vitest';
import { type Lease, RequestLimiter } from '../../src/storage/s3-limiter.js';

test('admits as many as the limit says, the others in the order of their asking', async () => {
  const limiter = new RequestLimiter({ start: 2, max: 4 });
  const admitted: number[] = [];
  const leases: Lease[] = [];
  for (const number of [1, 2, 3, 4]) {
    void limiter.acquire().then((lease) => {
      admitted.push(number);
      leases.push(lease);
    });
  }
  await settle();
  expect(admitted).toEqual([1, 2]);
  expect(limiter.hasRoom).toBe(false);
  leases[0]?.end('neither');
  await settle();
  expect(admitted).toEqual([1, 2, 3]);
});

test('halves once for all requests that were under way when the server asked to slow down', async () => {
  const limiter = new RequestLimiter({ start: 32, max: 64 });
  const leases = await Promise.all(Array.from({ length: 32 }, () => limiter.acquire()));
  for (const lease of leases) lease.end('slow');
  expect(limiter.limit).toBe(16);
  (await limiter.acquire()).end('slow');
  expect(limiter.limit).toBe(8);
  for (let i = 0; i < 10; i++) (await limiter.acquire()).end('slow');
  expect(limiter.limit).toBe(1);
});

test('grows by one with every full round that went well, up to its maximum', async () => {
  const limiter = new RequestLimiter({ start: 2, max: 4 });
  const limits: number[] = [];
  for (let i = 0; i < 12; i++) {
    (await limiter.acquire()).end('done');
    limits.push(limiter.limit);
  }
  expect(limits).toEqual([2, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4]);
});

test('a failure that says nothing of speed changes nothing', async () => {
  const limiter = new RequestLimiter({ start: 3, max: 9 });
  for (let i = 0; i < 9; i++) (await limiter.acquire()).end('neither');
  expect(limiter.limit).toBe(3);
});

async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
