import { createServer, request as sendRequest } from 'node:http';
import { type Socket, connect } from 'node:net';
import { closeServer, listen } from './listen.js';

export interface ConnectProxy {
  /** For HTTPS_PROXY and HTTP_PROXY. */
  readonly url: string;
  /** What was asked for: `bucket.s3.us-east-1.amazonaws.com:443`, or the address of a plain request. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/**
 * A forward proxy that leads every address to one server: with it, and a certificate for the names of AWS, a client that knows of
 * no other endpoint reaches the test server.
 */
export async function startConnectProxy(endpoint: string): Promise<ConnectProxy> {
  const { hostname, port } = new URL(endpoint);
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((message, response) => {
    const { method, url = '', rawHeaders: headers } = message;
    asked.push(url);
    const path = url.replace(/^http:\/\/[^/]*/, '');
    const onward = sendRequest({ hostname, port, method, path, headers, setHost: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    message.pipe(onward);
  });
  server.on('connect', (message, client: Socket) => {
    asked.push(message.url ?? '');
    const onward = connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      client.pipe(onward).pipe(client);
    });
    for (const socket of [client, onward]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy()).on('close', () => [client, onward].forEach((one) => one.destroy()));
    }
  });
  const proxyPort = await listen(server);
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await closeServer(server);
  };
  return { url: `http://127.0.0.1:${proxyPort}`, asked, close };
}
