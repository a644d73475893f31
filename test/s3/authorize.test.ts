import {
  GetObjectCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { LookupFunction } from 'node:net';
import { Agent } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { requestPlainly } from './plain-request.js';
import { clientFor, errorOf, serverForTest } from './sdk-client.js';

const GET = { Bucket: 'logs', Key: 'a' };

test('a bucket of another region sends requests there', async () => {
  const s3 = await serverForTest();
  s3.createBucket('logs', { region: 'eu-west-1' });
  s3.put('logs', 'a', 'text');
  expect(await errorOf(clientFor(s3).send(new GetObjectCommand(GET)))).toBe('PermanentRedirect');
  expect(await errorOf(clientFor(s3, { region: 'eu-west-1' }).send(new GetObjectCommand(GET)))).toBe('none');
  const found = await clientFor(s3, { region: 'eu-west-1' }).send(new HeadBucketCommand({ Bucket: 'logs' }));
  expect(found.BucketRegion).toBe('eu-west-1');
  const following = clientFor(s3, { followRegionRedirects: true, maxAttempts: 2 });
  expect(await errorOf(following.send(new GetObjectCommand(GET)))).toBe('none');
  expect(s3.requests.at(-1)?.headers['authorization']).toContain('/eu-west-1/s3/');
});

test('the global endpoint words it otherwise', async () => {
  const s3 = await serverForTest({ wrongRegion: 'AuthorizationHeaderMalformed' });
  s3.createBucket('logs', { region: 'eu-west-1' });
  const error = await clientFor(s3)
    .send(new ListObjectsV2Command({ Bucket: 'logs' }))
    .catch((one: unknown) => one);
  expect(error).toMatchObject({
    name: 'AuthorizationHeaderMalformed',
    Region: 'eu-west-1',
    message: "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'",
  });
});

test('a bucket that is not expected to be that owner’s', async () => {
  const s3 = await serverForTest();
  s3.createBucket('logs', { owner: '111122223333' });
  s3.put('logs', 'a', 'text');
  const get = (ExpectedBucketOwner: string): Promise<string> =>
    errorOf(clientFor(s3).send(new GetObjectCommand({ ...GET, ExpectedBucketOwner })));
  expect(await get('111122223333')).toBe('none');
  expect(await get('999999999999')).toBe('AccessDenied');
});

test('a bucket whose requester pays', async () => {
  const s3 = await serverForTest();
  s3.createBucket('logs', { requesterPays: true });
  s3.put('logs', 'a', 'text');
  expect(await errorOf(clientFor(s3).send(new GetObjectCommand(GET)))).toBe('AccessDenied');
  const paid = await clientFor(s3).send(new GetObjectCommand({ ...GET, RequestPayer: 'requester' }));
  expect(paid.RequestCharged).toBe('requester');
});

test('an open bucket can be read without a signature, not written', async () => {
  const s3 = await serverForTest();
  s3.createBucket('open', { anonymous: true });
  s3.put('open', 'a', 'text');
  s3.put('closed', 'a', 'text');
  const statusOf = async (method: string, path: string): Promise<number | undefined> =>
    (await requestPlainly(s3.endpoint, { method, path })).status;
  expect(await statusOf('GET', '/open/a')).toBe(200);
  expect(await statusOf('GET', '/open?list-type=2')).toBe(200);
  expect(await statusOf('PUT', '/open/b')).toBe(403);
  expect(await statusOf('DELETE', '/open/a')).toBe(403);
  expect(await statusOf('GET', '/closed/a')).toBe(403);
  expect(await statusOf('GET', '/nowhere/a')).toBe(404);
  expect(await statusOf('GET', '/')).toBe(403);
  expect(s3.keys('open')).toEqual(['a']);
});

test('the bucket may be in the host', async () => {
  const s3 = await serverForTest();
  s3.put('my-logs', 'a/b', 'text');
  const lookup: LookupFunction = (_host, options, give) =>
    options.all === true ? give(null, [{ address: '127.0.0.1', family: 4 }]) : give(null, '127.0.0.1', 4);
  const client = new S3Client({
    endpoint: s3.endpoint.replace('127.0.0.1', 'localhost'),
    region: 'us-east-1',
    credentials: s3.credentials,
    requestHandler: new NodeHttpHandler({ httpAgent: new Agent({ lookup }) }),
  });
  onTestFinished(() => client.destroy());
  const answer = await client.send(new GetObjectCommand({ Bucket: 'my-logs', Key: 'a/b' }));
  expect(await answer.Body?.transformToString()).toBe('text');
  expect(s3.requests[0]).toMatchObject({ bucket: 'my-logs', key: 'a/b' });
  expect(s3.requests[0]?.headers['host']).toMatch(/^my-logs\.localhost:/);
});

test('what the server does not have is refused, not taken for something else', async () => {
  const s3 = await serverForTest();
  s3.createBucket('open', { anonymous: true });
  s3.put('open', 'a', 'text');
  const codeOf = async (method: string, path: string): Promise<string | undefined> =>
    /<Code>(\w+)</.exec((await requestPlainly(s3.endpoint, { method, path })).body.toString())?.[1];
  expect(await codeOf('GET', '/open?acl')).toBe('NotImplemented');
  expect(await codeOf('GET', '/open/a?torrent')).toBe('NotImplemented');
  expect(await codeOf('GET', '/open/a?partNumber=1')).toBe('NotImplemented');
  expect(await codeOf('POST', '/open/a')).toBe('MethodNotAllowed');
  expect(await codeOf('GET', '/open/%ff')).toBe('InvalidURI');
  expect(await codeOf('GET', `/open/${'a'.repeat(1025)}`)).toBe('KeyTooLongError');
  expect(await errorOf(clientFor(s3).send(new ListBucketsCommand({})))).toBe('none');
});
