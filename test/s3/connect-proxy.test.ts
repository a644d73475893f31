import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { type Socket, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect as connectSecurely } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { type ConnectProxy, startConnectProxy } from './connect-proxy.js';
import { requestPlainly } from './plain-request.js';
import type { TestS3Options } from './s3-server.js';
import { serverForTest } from './sdk-client.js';

const HOST = 'open.s3.eu-west-1.amazonaws.com';

test('a tunnel leads to the server, whatever host was asked for', async () => {
  const { proxy, ca } = await proxyForTest({ tls: { names: ['*.s3.eu-west-1.amazonaws.com'] } });
  const socket = await openTunnel(proxy.url, `${HOST}:443`);
  const secure = connectSecurely({ socket, servername: HOST, ca });
  secure.write(`GET /a/../b HTTP/1.1\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`);
  const answer = await text(secure);
  expect([answer.slice(0, 15), answer.slice(-4)]).toEqual(['HTTP/1.1 200 OK', 'text']);
  expect(proxy.asked).toEqual([`${HOST}:443`]);
});

test('a plain request is passed on with the host that was asked for', async () => {
  const { proxy } = await proxyForTest({});
  const path = `http://${HOST}/a/../b`;
  const answer = await requestPlainly(proxy.url, { path, headers: { host: HOST } });
  expect([answer.status, answer.body.toString()]).toEqual([200, 'text']);
  expect(proxy.asked).toEqual([path]);
});

test('when it closes, its tunnels do', async () => {
  const { proxy } = await proxyForTest({});
  const socket = await openTunnel(proxy.url, `${HOST}:443`);
  const closed = once(socket.resume(), 'close');
  await proxy.close();
  await closed;
  const { hostname, port } = new URL(proxy.url);
  const [error] = (await once(connect(Number(port), hostname), 'error')) as [Error];
  expect(error).toMatchObject({ code: 'ECONNREFUSED' });
});

async function proxyForTest(options: TestS3Options): Promise<{ proxy: ConnectProxy; ca: string | undefined }> {
  const s3 = await serverForTest(options);
  s3.createBucket('open', { anonymous: true });
  s3.put('open', 'a/../b', 'text');
  const proxy = await startConnectProxy(s3.endpoint);
  onTestFinished(() => proxy.close());
  return { proxy, ca: s3.certificate };
}

async function openTunnel(proxy: string, path: string): Promise<Socket> {
  const asking = request(proxy, { method: 'CONNECT', path }).end();
  const [answer, socket] = (await once(asking, 'connect')) as [IncomingMessage, Socket];
  expect(answer.statusCode).toBe(200);
  return socket;
}
