import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { openAgents } from '../../src/storage/s3-agents.js';
import { limitsOf } from '../../src/storage/s3-access.js';
import { type AnswerHead, httpGet, type TakeChunk } from '../../src/storage/s3-http-get.js';
import { GetPools } from '../../src/storage/s3-pool.js';

const ANSWERS: readonly (readonly [string, (socket: Socket) => void, string])[] = [
  [
    'a change of protocols',
    (socket) => void socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
    'Cut',
  ],
  ['the end of the connection', (socket) => void socket.end(), 'Cut'],
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
  const got = get(
    await listen((socket) => void socket.write(`${early}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntext`)),
  );
  await got.done;
  expect(got.answers).toMatchObject([{ status: 200, headers: { 'content-length': '4' } }]);
  expect(Buffer.concat(got.chunks).toString()).toBe('text');
});

test('what is thrown while a body is taken ends the request', async () => {
  const { port } = await listen((socket) => drip(socket, 'HTTP/1.1 200 OK\r\n\r\n'));
  const thrown = new Error('no more of this');
  const got = get({ port }, () => {
    throw thrown;
  });
  await expect(got.done).rejects.toBe(thrown);
});

interface Place {
  readonly port: number;
  readonly protocol?: 'http:' | 'https:';
}

/** A server that does as it is told when the first bytes of a connection are there. */
async function listen(answer: (socket: Socket) => void): Promise<Place> {
  const server = createServer((socket) => {
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => undefined).once('data', () => answer(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port };
}

function get({ port, protocol = 'http:' }: Place, take?: TakeChunk) {
  const access = { connectTimeoutMs: 300, readTimeoutMs: 300 };
  const limits = limitsOf(access);
  const pools = new GetPools({ agents: openAgents(access, limits), limits });
  onTestFinished(() => pools.close());
  const answers: AnswerHead[] = [];
  const chunks: Buffer[] = [];
  const pool = pools.poolOf(new URL(`${protocol}//127.0.0.1:${port}`));
  const done = httpGet({ pool, path: '/', headers: {}, limits }, (answer) => {
    answers.push(answer);
    return take ?? ((chunk) => void chunks.push(chunk));
  });
  return { done, answers, chunks };
}

function drip(socket: Socket, head: string): void {
  socket.write(head);
  const timer = setInterval(() => socket.write(' '), 50);
  socket.on('close', () => clearInterval(timer));
}
