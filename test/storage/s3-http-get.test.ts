import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { httpGet } from '../../src/storage/s3-http-get.js';

const ANSWERS: readonly (readonly [string, (socket: Socket) => void, string])[] = [
  [
    'a change of protocols',
    (socket) => void socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
    'Cut',
  ],
  ['the end of the connection', (socket) => void socket.end(), 'ECONNRESET'],
  ['a byte now and then', (socket) => drip(socket, 'HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n'), 'Stalled'],
  ['blanks without an end', (socket) => drip(socket, 'HTTP/1.1 403 Forbidden\r\n\r\n'), 'Stalled'],
];

test.each(ANSWERS)('%s in place of an answer is a failure', async (_, answer, code) => {
  const server = createServer((socket) => socket.on('error', () => undefined).once('data', () => answer(socket)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent() };
  onTestFinished(() => agents.http.destroy());
  const limits = { connectTimeoutMs: 1000, readTimeoutMs: 300 };
  const got = httpGet({ url, path: '/', headers: {}, agents, limits }, () => () => undefined);
  await expect(got).rejects.toMatchObject({ code });
});

function drip(socket: Socket, head: string): void {
  socket.write(head);
  const timer = setInterval(() => socket.write(' '), 50);
  socket.on('close', () => clearInterval(timer));
}
