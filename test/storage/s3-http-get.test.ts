import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { limitsOf } from '../../src/storage/s3-access.js';
import { openAgents } from '../../src/storage/s3-agents.js';
import { type AnswerHead, httpGet, type TakeChunk } from '../../src/storage/s3-http-get.js';
import { PlainConnections } from '../../src/storage/s3-plain-connections.js';
import { SYSTEM_CLOCK } from './system-clock.js';

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n';

const ANSWERS: readonly (readonly [string, (socket: Socket) => void, string])[] = [
  [
    'a change of protocols',
    (socket) => void socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
    'Cut',
  ],
  ['the end of the connection', (socket) => void socket.end(), 'Cut'],
  ['another protocol', (socket) => void socket.write('SSH-2.0-OpenSSH_9.6\r\n'), 'Garbled'],
  ['a length that is none', (socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n'), 'Garbled'],
  ['a byte now and then', (socket) => drip(socket, 'HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n'), 'Stalled'],
  ['blanks without an end', (socket) => drip(socket, 'HTTP/1.1 403 Forbidden\r\n\r\n'), 'Stalled'],
];

test.each(ANSWERS)('%s in place of an answer is a failure', async (_, answer, code) => {
  await expect(get(await listen(answer)).done).rejects.toMatchObject({ code });
});

test('a handshake that nobody answers is no connection', async () => {
  const { port } = await listen(() => undefined);
  await expect(get({ port, protocol: 'https:' }).done).rejects.toMatchObject({ code: 'NoConnection' });
});

test('an interim answer is passed over', async () => {
  const early = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n';
  const got = get(await listen((socket) => void socket.write(`${early}${HEAD}\r\ntext`)));
  await got.done;
  expect(got.answers).toMatchObject([{ status: 200, headers: { 'content-length': '4' } }]);
  expect(Buffer.concat(got.chunks).toString()).toBe('text');
});

test('of a header that comes twice the first counts', async () => {
  const got = get(await listen((socket) => void socket.write(`${HEAD}ETag: "a"\r\nETag: "b"\r\n\r\ntext`)));
  await got.done;
  expect(got.answers[0]?.headers['etag']).toBe('"a"');
});

test('what is thrown while a body is taken ends the request, and no other connection is made', async () => {
  const place = await listen((socket) => drip(socket, 'HTTP/1.1 200 OK\r\n\r\n'));
  const thrown = new Error('no more of this');
  const got = get(place, {
    take: () => {
      throw thrown;
    },
  });
  await expect(got.done).rejects.toBe(thrown);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(place.connections()).toBe(1);
});

test('a header that cannot be sent is an error, and the next request goes well', async () => {
  const place = await listen((socket) => void socket.write(`${HEAD}\r\ntext`));
  const first = get(place, { headers: { 'if-match': '"\u0100"' } });
  await expect(first.done).rejects.toMatchObject({ code: 'UND_ERR_INVALID_ARG' });
  await first.again();
  expect(Buffer.concat(first.chunks).toString()).toBe('text');
});

test('a connection is used again', async () => {
  const place = await listen((socket) => {
    const answer = (): void => void socket.write(`${HEAD}\r\ntext`);
    answer();
    socket.on('data', answer);
  });
  const got = get(place);
  await got.done;
  for (let n = 0; n < 3; n++) await got.again();
  expect(place.connections()).toBe(1);
  expect(Buffer.concat(got.chunks).toString()).toBe('text'.repeat(4));
});

test.each(['http:', 'https:'] as const)('closing ends a request over %s, whatever it waits for', async (protocol) => {
  const place = await listen(() => undefined);
  const got = get({ ...place, protocol }, { timeoutMs: 60_000 });
  const outcome = expect(got.done).rejects.toMatchObject({ code: 'Cut' });
  await place.reached;
  got.close();
  await outcome;
  await expect.poll(place.open).toBe(0);
  await expect(got.again()).rejects.toMatchObject({ code: 'Cut' });
});

interface Place {
  readonly port: number;
  readonly protocol?: 'http:' | 'https:';
}

/** A server that does as it is told when the first bytes of a connection are there. */
async function listen(answer: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  let connections = 0;
  let tell = (): void => undefined;
  const reached = new Promise<void>((resolve) => (tell = resolve));
  const server = createServer((socket) => {
    connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => undefined).once('data', () => (tell(), answer(socket)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { port, reached, connections: () => connections, open: () => sockets.size };
}

interface Wishes {
  readonly take?: TakeChunk;
  readonly headers?: Record<string, string>;
  readonly timeoutMs?: number;
}

function get({ port, protocol = 'http:' }: Place, { take, headers = {}, timeoutMs = 300 }: Wishes = {}) {
  const access = { ...SYSTEM_CLOCK, connectTimeoutMs: timeoutMs, readTimeoutMs: timeoutMs };
  const limits = limitsOf(access);
  const connections = new PlainConnections(openAgents(access, limits));
  const close = (): void => connections.close();
  onTestFinished(close);
  const answers: AnswerHead[] = [];
  const chunks: Buffer[] = [];
  const url = new URL(`${protocol}//127.0.0.1:${port}`);
  const ask = (sent: Record<string, string>): Promise<void> =>
    httpGet({ url, path: '/', headers: sent, connections, limits }, (answer) => {
      answers.push(answer);
      return take ?? ((chunk) => void chunks.push(chunk));
    });
  return { done: ask(headers), again: () => ask({}), close, answers, chunks };
}

function drip(socket: Socket, head: string): void {
  socket.write(head);
  const timer = setInterval(() => socket.write(' '), 50);
  socket.on('close', () => clearInterval(timer));
}
