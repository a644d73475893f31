import { GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, test, vi } from 'vitest';
import { type Fault, type FaultRule, kmsDenied, otherRegion } from './faults.js';
import { type PlainAnswer, requestPlainly } from './plain-request.js';
import type { TestS3, TestS3Options } from './s3-server.js';
import { clientFor, errorOf, serverForTest } from './sdk-client.js';

const BODY = '0123456789'.repeat(100);
const always = (fault: Fault): FaultRule => ({ match: () => true, fault });

describe('what a fault does to an answer', () => {
  test('an error has its code, message and status', async () => {
    for (const [code, status] of [
      ['SlowDown', 503],
      ['InternalError', 500],
      ['AccessDenied', 403],
      ['InvalidObjectState', 403],
      ['PreconditionFailed', 412],
      ['ExpiredToken', 400],
      ['RequestTimeout', 400],
    ] as const) {
      const answer = await read({ kind: 'error', code });
      expect([answer.status, answer.body.toString()]).toEqual([
        status,
        expect.stringContaining(`<Code>${code}</Code>`),
      ]);
    }
  });

  test('KMS refuses in the words of S3', async () => {
    const answer = await read(kmsDenied());
    expect([answer.status, answer.body.toString()]).toEqual([403, expect.stringContaining('perform: kms:Decrypt on')]);
  });

  test('another region is named in a header', async () => {
    const moved = await read(otherRegion('eu-west-1', 'PermanentRedirect'));
    expect([moved.status, moved.headers['x-amz-bucket-region']]).toEqual([301, 'eu-west-1']);
    const malformed = await read(otherRegion('eu-west-1', 'AuthorizationHeaderMalformed'));
    expect([malformed.status, malformed.headers['x-amz-bucket-region']]).toEqual([400, 'eu-west-1']);
    expect(malformed.body.toString()).toContain('<Region>eu-west-1</Region>');
  });

  test('any other answer', async () => {
    const answer = await read({ kind: 'answer', status: 502, body: '<html>Bad Gateway' });
    expect([answer.status, answer.headers['content-type'], answer.body.toString()]).toEqual([
      502,
      'text/html',
      '<html>Bad Gateway',
    ]);
  });

  test.each(['request', 'head'] as const)('nothing comes where the break is at the %s', async (at) => {
    expect(await read({ kind: 'reset', at })).toMatchObject({ status: undefined, error: 'ECONNRESET' });
    expect(await read({ kind: 'cut', at })).toMatchObject({ status: undefined, error: 'ECONNRESET' });
    expect(await read({ kind: 'stall', at })).toMatchObject({ status: undefined, error: 'SILENCE' });
  });

  test.each([
    [0, 0],
    [7, 7],
    ['middle', 500],
  ] as const)('a head and so many bytes come where the break is at %s: %i', async (at, bytes) => {
    const head = { status: 200, headers: { 'content-length': '1000' }, body: Buffer.from(BODY.slice(0, bytes)) };
    for (const [kind, error] of [
      ['reset', 'ECONNRESET'],
      ['cut', 'ECONNRESET'],
      ['stall', 'SILENCE'],
    ] as const) {
      expect(await read({ kind, at }), kind).toMatchObject({ ...head, error });
    }
  });

  test('a wrong checksum is that of other bytes', async () => {
    const answer = await read({ kind: 'wrong-checksum' });
    expect(answer).toMatchObject({ status: 200, body: Buffer.from(BODY), error: undefined });
    const right = await read(undefined);
    expect(right.headers['x-amz-checksum-crc64nvme']).toMatch(/^.{11}=$/);
    expect(answer.headers['x-amz-checksum-crc64nvme']).toMatch(/^.{11}=$/);
    expect(answer.headers['x-amz-checksum-crc64nvme']).not.toBe(right.headers['x-amz-checksum-crc64nvme']);
  });

  test('a flipped byte leaves length and checksum', async () => {
    const [right, middle, first] = [
      await read(undefined),
      await read({ kind: 'flip' }),
      await read({ kind: 'flip', at: 0 }),
    ];
    expect(differences(right.body, middle.body)).toEqual([500]);
    expect(differences(right.body, first.body)).toEqual([0]);
    expect(middle.headers['x-amz-checksum-crc64nvme']).toBe(right.headers['x-amz-checksum-crc64nvme']);
  });

  test('a length that is too small or too big', async () => {
    expect(await read({ kind: 'length', by: -1 })).toMatchObject({
      headers: { 'content-length': '999' },
      body: Buffer.from(BODY.slice(0, 999)),
    });
    expect(await read({ kind: 'length', by: 1 })).toMatchObject({
      headers: { 'content-length': '1001' },
      body: Buffer.from(BODY),
      error: 'ECONNRESET',
    });
  });

  test('half of a body, as if it were all', async () => {
    expect(await read({ kind: 'garble' })).toMatchObject({
      headers: { 'content-length': '500' },
      body: Buffer.from(BODY.slice(0, 500)),
      error: undefined,
    });
  });

  test('an error in an answer of status 200', async () => {
    const answer = await read({ kind: 'error-in-200', code: 'InternalError' });
    expect([answer.status, answer.body.toString()]).toEqual([
      200,
      expect.stringContaining('<Code>InternalError</Code>'),
    ]);
  });

  test('a slow answer takes its time', async () => {
    const start = performance.now();
    const answer = await read({ kind: 'slow', delayMs: 100, bytesPerSecond: 4000 });
    expect(answer).toMatchObject({ status: 200, body: Buffer.from(BODY), error: undefined });
    expect(performance.now() - start).toBeGreaterThan(300);
  });

  test('the same over TLS', async () => {
    for (const at of ['request', 'head', 'middle'] as const) {
      expect(await read({ kind: 'reset', at }, { tls: {} })).toMatchObject({
        error: 'ECONNRESET',
        body: Buffer.from(at === 'middle' ? BODY.slice(0, 500) : ''),
      });
    }
  });
});

describe('what a fault does to an object', () => {
  test('it is changed before the request is done', async () => {
    const s3 = await serverForTest();
    s3.put('logs', 'a', BODY);
    const client = clientFor(s3);
    const { ETag: IfMatch } = await client.send(new HeadObjectCommand({ Bucket: 'logs', Key: 'a' }));
    s3.faults.add({
      match: ({ operation }) => operation === 'GetObject',
      times: 1,
      fault: { kind: 'change', body: 'new' },
    });
    const get = { Bucket: 'logs', Key: 'a' };
    expect(await errorOf(client.send(new GetObjectCommand({ ...get, IfMatch })))).toBe('PreconditionFailed');
    expect(await (await client.send(new GetObjectCommand(get))).Body?.transformToString()).toBe('new');
  });

  test('it, or another, is deleted before the request is done', async () => {
    const s3 = await serverForTest();
    for (const key of ['a', 'b', 'c']) s3.put('logs', key, BODY);
    const client = clientFor(s3);
    s3.faults.add(
      { match: ({ key }) => key === 'a', fault: { kind: 'delete' } },
      { match: ({ operation }) => operation === 'ListObjectsV2', fault: { kind: 'delete', key: 'b' } },
    );
    expect(await errorOf(client.send(new GetObjectCommand({ Bucket: 'logs', Key: 'a' })))).toBe('NoSuchKey');
    const list = await client.send(new ListObjectsV2Command({ Bucket: 'logs' }));
    expect(list.Contents?.map(({ Key }) => Key)).toEqual(['c']);
  });

  test.each([
    ['request', undefined],
    ['head', BODY],
  ] as const)('a write whose answer breaks off at the %s', async (at, stored) => {
    const s3 = await serverForTest();
    s3.createBucket('logs');
    s3.faults.add({ ...always({ kind: 'reset', at }), times: 1 });
    const put = new PutObjectCommand({ Bucket: 'logs', Key: 'a', Body: BODY, IfNoneMatch: '*' });
    expect(await errorOf(clientFor(s3).send(put))).not.toBe('none');
    expect(s3.get('logs', 'a')?.toString()).toBe(stored);
    expect(await errorOf(clientFor(s3).send(put))).toBe(stored === undefined ? 'none' : 'PreconditionFailed');
  });
});

describe('which request a fault strikes', () => {
  test('one that matches, so often as it says, by the order of the rules', async () => {
    const s3 = await serverForTest();
    s3.createBucket('logs', { anonymous: true });
    s3.put('logs', 'a', BODY);
    s3.faults.add(
      { match: ({ key }) => key === 'a', times: 2, fault: { kind: 'error', code: 'SlowDown' } },
      { match: ({ query }) => query['prefix'] === 'p', fault: { kind: 'error', code: 'AccessDenied' } },
      { match: ({ key, attempt }) => key === 'a' && attempt === 4, fault: { kind: 'error', code: 'InternalError' } },
    );
    const paths = [
      '/logs/a',
      '/logs?list-type=2&prefix=p',
      '/logs/a',
      '/logs/a',
      '/logs?list-type=2',
      '/logs/a',
      '/logs/a',
    ];
    const statuses: (number | undefined)[] = [];
    for (const path of paths) statuses.push((await requestPlainly(s3.endpoint, { path })).status);
    expect(statuses).toEqual([503, 403, 503, 200, 200, 500, 200]);
    expect(s3.requests.map(({ operation, status, error, fault }) => [operation, status, error, fault])).toEqual([
      ['GetObject', 503, 'SlowDown', 'error'],
      ['ListObjectsV2', 403, 'AccessDenied', 'error'],
      ['GetObject', 503, 'SlowDown', 'error'],
      ['GetObject', 200, undefined, undefined],
      ['ListObjectsV2', 200, undefined, undefined],
      ['GetObject', 500, 'InternalError', 'error'],
      ['GetObject', 200, undefined, undefined],
    ]);
    expect(s3.faults.struck.map(({ request }) => request.number)).toEqual([1, 2, 3, 6]);
  });

  test('all from the third on: a token that expires in mid-run', async () => {
    const s3 = await serverForTest();
    s3.put('logs', 'a', BODY);
    s3.faults.add({ match: ({ number }) => number >= 3, fault: { kind: 'error', code: 'ExpiredToken' } });
    const get = (): Promise<string> => errorOf(clientFor(s3).send(new HeadObjectCommand({ Bucket: 'logs', Key: 'a' })));
    const get3 = new GetObjectCommand({ Bucket: 'logs', Key: 'a' });
    expect([await get(), await get(), await errorOf(clientFor(s3).send(get3))]).toEqual([
      'none',
      'none',
      'ExpiredToken',
    ]);
    s3.faults.clear();
    expect(await get()).toBe('none');
  });

  test('more than so many at once: a store that is throttled', async () => {
    const s3 = await serverForTest();
    s3.createBucket('logs', { anonymous: true });
    s3.put('logs', 'a', BODY);
    s3.faults.add(
      { match: ({ inFlight }) => inFlight > 3, fault: { kind: 'error', code: 'SlowDown' } },
      { match: ({ number }) => number <= 3, fault: { kind: 'stall', at: 'head' } },
    );
    const read = (): Promise<PlainAnswer> => requestPlainly(s3.endpoint, { path: '/logs/a', patienceMs: 1000 });
    const waiting = Promise.all([read(), read(), read()]);
    await vi.waitUntil(() => s3.requests.length === 3);
    expect((await read()).status).toBe(503);
    expect((await waiting).map(({ error }) => error)).toEqual(['SILENCE', 'SILENCE', 'SILENCE']);
    await vi.waitUntil(async () => (await read()).status === 200);
    expect(s3.mostInFlight).toBe(4);
  });
});

/** One read of an object of 1,000 bytes from a server where everything goes wrong in one way. */
async function read(fault: Fault | undefined, options: TestS3Options = {}): Promise<PlainAnswer> {
  const s3: TestS3 = await serverForTest(options);
  s3.createBucket('logs', { anonymous: true });
  s3.put('logs', 'a', BODY);
  if (fault !== undefined) s3.faults.add(always(fault));
  const answer = await requestPlainly(s3.endpoint, {
    path: '/logs/a',
    headers: { 'x-amz-checksum-mode': 'ENABLED' },
    patienceMs: 600,
    ...(s3.certificate !== undefined && { ca: s3.certificate }),
  });
  expect(s3.requests.map((request) => request.fault)).toEqual([fault?.kind]);
  return answer;
}

function differences(left: Buffer, right: Buffer): number[] {
  expect(left.length).toBe(right.length);
  return [...left.keys()].filter((at) => left[at] !== right[at]);
}
