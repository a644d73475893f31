import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { awsusage, BUCKET, newFolder, ROOT } from './run-awsusage.js';
import { startOwnS3, type OwnS3 } from './s3-bucket.js';

const TOPIC = 'sns:arn:aws:sns:eu-central-1:123456789012:reports';
const SUCCESS =
  '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>m-1</MessageId></PublishResult></PublishResponse>';

/** What the topic got: the parameters of each request. */
let published: URLSearchParams[] = [];
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let server: Server;
let env: Record<string, string>;
let own: OwnS3;
const written = { file: '' };

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      published.push(new URLSearchParams(Buffer.concat(chunks).toString('utf8')));
      answer(request, response);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  own = await startOwnS3();
  own.s3.createBucket('reports');
  const { port } = server.address() as AddressInfo;
  env = {
    AWS_ENDPOINT_URL_SNS: `http://127.0.0.1:${port}`,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await own.s3.close();
});

beforeEach(() => {
  published = [];
  written.file = join(newFolder(), 'r.html');
  answer = (_, response) => response.writeHead(200, { 'content-type': 'text/xml' }).end(SUCCESS);
});

const report = (more: readonly string[] = [], moreEnv: Record<string, string> = {}) =>
  awsusage(['report', BUCKET, '--month', '2026-10', '--to', written.file, '--publish', TOPIC, ...more], {
    env: { ...env, ...moreEnv },
  });

describe('--publish', () => {
  test('sends subject, main figures and place, once, after the report is written', async () => {
    let wasWritten = false;
    answer = (_, response) => {
      wasWritten = existsSync(written.file) && readFileSync(written.file, 'utf8').endsWith('</html>\n');
      response.writeHead(200, { 'content-type': 'text/xml' }).end(SUCCESS);
    };
    const end = await report();
    expect(end).toMatchObject({ code: 0, stdout: '' });
    expect(wasWritten).toBe(true);
    expect(published).toHaveLength(1);
    const sent = Object.fromEntries(published[0] ?? []);
    expect(sent).toMatchObject({
      Action: 'Publish',
      TopicArn: TOPIC.replace('sns:', ''),
      Subject: 'AWS usage, October 2026 (UTC): 478 calls, 41 failed calls',
    });
    expect(sent['Message']).toContain('calls: 478\nfailed calls: 41\n');
    expect(sent['Message']).toContain(`Report: ${written.file}\n`);
  });

  test('of a report in a bucket has a link that opens it', async () => {
    const to = 's3://reports/usage/2026-10.html';
    const args = ['report', BUCKET, '--month', '2026-10', '--to', to, '--publish', TOPIC, '--link-expires', '2d'];
    const end = await own.ask(args, { env: { AWS_ENDPOINT_URL_SNS: env['AWS_ENDPOINT_URL_SNS'] } });
    expect(end).toMatchObject({ code: 0, stdout: '' });
    expect(own.s3.get('reports', 'usage/2026-10.html')?.toString()).toMatch(/^<!doctype html>/);
    const message = published[0]?.get('Message') ?? '';
    expect(message).toContain(`Report: ${to}\n`);
    const [, link = ''] = /^Link: (.*)$/m.exec(message) ?? [];
    expect(new URL(link).searchParams.get('X-Amz-Expires')).toBe('172800');
    const opened = await fetch(link);
    expect(opened.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await opened.text()).toContain('<h1>AWS usage</h1>');
    // Whoever has the link has the report.
    expect(end.stderr).not.toContain('X-Amz-Signature');
  });

  test('again over the report that is there, in a bucket by one PUT each', async () => {
    const to = 's3://reports/again.json';
    const before = own.s3.requests.length;
    for (const title of ['First', 'Second']) {
      const args = ['report', BUCKET, '--month', '2026-10', '--to', to, '--title', title];
      expect(await own.ask(args)).toMatchObject({ code: 0 });
    }
    expect(own.s3.get('reports', 'again.json')?.toString()).toContain('"title": "Second"');
    expect(own.s3.requests.slice(before).map(({ method }) => method)).toEqual(['PUT', 'PUT']);
  });

  test('says what failed on a gate, and keeps the exit code', async () => {
    const end = await report(['--fail-on', 'errors > 0']);
    expect(end.code).toBe(1);
    expect(published[0]?.get('Subject')).toMatch(/^\[failed\] AWS usage/);
    expect(published[0]?.get('Message')).toContain('FAILED: errors > 0');
  });

  const refusal = (code: string) =>
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>no, \u001b[31mnot you</Message></Error></ErrorResponse>`;

  test.each<[string, (response: ServerResponse, request: IncomingMessage) => void, RegExp, number]>([
    ['is refused', (response) => response.writeHead(403).end(refusal('AuthorizationError')), /AuthorizationError/, 1],
    ['has no topic', (response) => response.writeHead(404).end(refusal('NotFound')), /NotFound/, 1],
    ['meets a broken server', (response) => response.writeHead(500).end('oops'), /Cannot publish to arn/, 3],
    ['is cut off', (_, request) => request.socket.destroy(), /Cannot publish to arn/, 3],
    ['gets no answer', () => undefined, /Cannot publish to arn.*Timeout/i, 3],
  ])('that %s: exit code 3, and the report is kept', async (_, act, said, requests) => {
    answer = (request, response) => act(response, request);
    const end = await report(['--read-timeout', '1']);
    expect(end).toMatchObject({ code: 3, stdout: '', left: [] });
    expect(end.stderr).toMatch(said);
    expect(end.stderr).toContain(`The report is kept: ${written.file}`);
    expect(end.stderr).not.toMatch(/\u001b|Warning/);
    expect(published).toHaveLength(requests);
    expect(readFileSync(written.file, 'utf8')).toContain('</html>');
  });

  test('does not come where the report could not be written', async () => {
    const args = ['report', BUCKET, '--to', 's3://no-such-bucket/r.html', '--publish', TOPIC];
    const end = await own.ask(args, { env: { AWS_ENDPOINT_URL_SNS: env['AWS_ENDPOINT_URL_SNS'] } });
    expect(end.code).not.toBe(0);
    expect(end.stderr).toContain('no-such-bucket');
    expect(published).toEqual([]);
  });

  test.each([
    [['--publish', 'reports', '--to', 'r.html'], /as an SNS topic/],
    [['--publish', TOPIC], /--publish needs --to/],
    [['--link-expires', '1d'], /--link-expires needs --to/],
    [['--link-expires', '1d', '--to', 'r.html'], /a file has no link/],
    [['--link-expires', '8d', '--to', 's3://reports/r.html'], /not from 1s to 7d/],
  ])('%j ends with exit code 2', async (args, said) => {
    const end = await awsusage(['report', join(ROOT, BUCKET), ...args], { cwd: newFolder() });
    expect(end).toMatchObject({ code: 2, stdout: '' });
    expect(end.stderr).toMatch(said);
  });
});

test('--link-expires without --publish prints the link, and nothing else', async () => {
  const args = ['report', BUCKET, '--to', 's3://reports/linked.md', '--link-expires', '1h'];
  const end = await own.ask(args);
  expect(end.code).toBe(0);
  expect(await (await fetch(end.stdout.trim())).text()).toMatch(/^# AWS usage/);
});
