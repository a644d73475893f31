import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { type FaultProxy, type FaultProxyOptions, startFaultProxy } from './fault-proxy.js';
import { closeServer, listen } from './listen.js';
import { type PlainAnswer, requestPlainly } from './plain-request.js';
import type { TestS3 } from './s3-server.js';
import { clientFor, errorOf, serverForTest } from './sdk-client.js';

const BODY = Buffer.from('0123456789'.repeat(1000));

test('without a fault everything passes as it is, signatures too', async () => {
  const { s3, proxy } = await proxyForTest(() => undefined);
  const client = clientFor({ ...s3, endpoint: proxy.endpoint });
  await client.send(new PutObjectCommand({ Bucket: 'logs', Key: 'b c/\u00e9', Body: BODY }));
  expect(s3.get('logs', 'b c/\u00e9')).toEqual(BODY);
  const answer = await client.send(new GetObjectCommand({ Bucket: 'logs', Key: 'b c/\u00e9' }));
  expect(await answer.Body?.transformToByteArray()).toEqual(new Uint8Array(BODY));
  expect(proxy.requests.map(({ operation, key }) => [operation, key])).toEqual([
    ['PutObject', 'b c/\u00e9'],
    ['GetObject', 'b c/\u00e9'],
  ]);
  expect(proxy.struck).toEqual([]);
});

test('a request that is not passed on', async () => {
  for (const [kind, error] of [
    ['reset', 'ECONNRESET'],
    ['cut', 'ECONNRESET'],
    ['stall', 'SILENCE'],
  ] as const) {
    const { s3, answer } = await read(() => ({ kind, at: 'request' }));
    expect(answer, kind).toMatchObject({ status: undefined, error });
    expect(s3.requests).toEqual([]);
  }
});

test('an answer that breaks off after so many bytes, or a share of it', async () => {
  for (const [kind, error] of [
    ['reset', 'ECONNRESET'],
    ['cut', 'ECONNRESET'],
    ['stall', 'SILENCE'],
  ] as const) {
    const early = await read(() => ({ kind, at: { bytes: 10 } }));
    expect(early.answer, kind).toMatchObject({ status: undefined, error });
    const late = await read(() => ({ kind, at: { share: 0.5 } }));
    expect(late.answer, kind).toMatchObject({ status: 200, error });
    expect(late.answer.body.length, kind).toBeGreaterThan(BODY.length / 3);
    expect(late.answer.body.length, kind).toBeLessThan(BODY.length / 2);
    expect(late.answer.body, kind).toEqual(BODY.subarray(0, late.answer.body.length));
    expect(late.s3.requests.map(({ status }) => status)).toEqual([200]);
  }
});

test('answers of its own, and bytes that are none', async () => {
  const own = await read(() => ({ kind: 'status', status: 503, body: 'busy' }));
  expect(own.answer).toMatchObject({ status: 503, body: Buffer.from('busy'), error: undefined });
  expect(own.s3.requests).toEqual([]);
  const garbage = await read(() => ({ kind: 'garbage' }));
  expect(garbage.answer).toMatchObject({ status: undefined, error: expect.stringMatching(/^HPE_/) as string });
});

test('one byte that is another', async () => {
  const { answer } = await read(() => ({ kind: 'flip', share: 0.25 }));
  expect(answer).toMatchObject({ status: 200, error: undefined });
  expect([...BODY.keys()].filter((at) => BODY[at] !== answer.body[at])).toEqual([2500]);
});

test('an answer in chunks passes, and breaks off like others', async () => {
  const server = createServer((_message, response) => {
    response.write(BODY.subarray(0, 4000));
    response.end(BODY.subarray(4000));
  });
  const target = `http://127.0.0.1:${await listen(server)}`;
  onTestFinished(() => closeServer(server));
  const choose: FaultProxyOptions['choose'] = ({ attempt }) =>
    attempt > 1 ? { kind: 'cut', at: { bytes: 8000 } } : undefined;
  const proxy = await startFaultProxy({ target, seed: 1, choose });
  onTestFinished(() => proxy.close());
  expect(await requestPlainly(proxy.endpoint, { path: '/' })).toMatchObject({
    status: 200,
    body: BODY,
    error: undefined,
  });
  const broken = await requestPlainly(proxy.endpoint, { path: '/' });
  expect([broken.error, broken.body.length > 7000, broken.body.length < 8000]).toEqual(['ECONNRESET', true, true]);
});

test('a server that cannot be reached', async () => {
  const proxy = await startFaultProxy({ target: 'http://127.0.0.1:9', seed: 1, choose: () => undefined });
  onTestFinished(() => proxy.close());
  expect(await requestPlainly(proxy.endpoint, { path: '/' })).toMatchObject({ status: undefined, error: 'ECONNRESET' });
});

test('a request has its own luck, in whatever order it comes', async () => {
  const luck = async (seed: string, keys: readonly string[]): Promise<Map<string, number>> => {
    const drawn = new Map<string, number>();
    const choose: FaultProxyOptions['choose'] = ({ key, attempt }, random) => {
      drawn.set(`${key} ${attempt}`, random());
      return undefined;
    };
    const { proxy } = await proxyForTest(choose, seed);
    for (const key of keys) await requestPlainly(proxy.endpoint, { path: `/logs/${key}` });
    return drawn;
  };
  const forth = await luck('seed', ['a', 'b', 'a', 'c']);
  const back = await luck('seed', ['c', 'a', 'a', 'b']);
  expect([...forth].sort()).toEqual([...back].sort());
  expect(new Set(forth.values()).size).toBe(4);
  expect([...(await luck('other', ['a', 'b', 'a', 'c']))]).not.toEqual([...forth]);
});

test('a client that retries gets through', async () => {
  const { s3, proxy } = await proxyForTest(({ attempt }) =>
    attempt < 3 ? { kind: 'reset', at: { bytes: 5 } } : undefined,
  );
  const client = clientFor({ ...s3, endpoint: proxy.endpoint }, { maxAttempts: 3 });
  expect(await errorOf(client.send(new GetObjectCommand({ Bucket: 'logs', Key: 'a' })))).toBe('none');
  expect(proxy.struck.map(({ request, fault }) => [request.attempt, fault.kind])).toEqual([
    [1, 'reset'],
    [2, 'reset'],
  ]);
});

async function proxyForTest(
  choose: FaultProxyOptions['choose'],
  seed = 'seed',
): Promise<{ s3: TestS3; proxy: FaultProxy }> {
  const s3 = await serverForTest();
  s3.createBucket('logs', { anonymous: true });
  s3.put('logs', 'a', BODY);
  const proxy = await startFaultProxy({ target: s3.endpoint, seed, choose });
  onTestFinished(() => proxy.close());
  return { s3, proxy };
}

async function read(choose: FaultProxyOptions['choose']): Promise<{ s3: TestS3; answer: PlainAnswer }> {
  const { s3, proxy } = await proxyForTest(choose);
  const answer = await requestPlainly(proxy.endpoint, { path: '/logs/a', patienceMs: 600 });
  expect(proxy.struck).toHaveLength(1);
  return { s3, answer };
}
