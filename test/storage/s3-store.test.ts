import { describe, expect, test } from 'vitest';
import { serverForTest } from '../s3/sdk-client.js';
import { contentOf, keysOf, objectsOf, openBucket } from './open-bucket.js';

test('first', async () => {
  const s3 = await serverForTest();
  s3.put('logs', 'a/b', 'text');
  const store = await openBucket(s3, 'logs');
  expect(store.name).toBe('s3://logs/');
  const [object] = await objectsOf(store);
  expect(object).toMatchObject({ key: 'a/b', size: 4 });
  expect((await contentOf(store, object!)).toString()).toBe('text');
  console.log(
    object,
    store.requests?.(),
    s3.requests.map((r) => [r.operation, r.status]),
  );
});
