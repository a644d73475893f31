import { type RequestListener, createServer, request as sendRequest } from 'node:http';
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
  const target = new URL(endpoint);
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((message, response) => {
    asked.push(message.url ?? '');
    forward(target)(message, response);
  });
  server.on('connect', (message, client: Socket) => {
    asked.push(message.url ?? '');
    for (const socket of tunnel(client, target)) sockets.add(socket);
  });
  const port = await listen(server);
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await closeServer(server);
  };
  return { url: `http://127.0.0.1:${port}`, asked, close };
}

/** Passes a plain request on; `http://host` is taken off its address, the Host header stays. */
function forward({ hostname, port }: URL): RequestListener {
  return (message, response) => {
    const { method, url = '', rawHeaders: headers } = message;
    const path = url.replace(/^http:\/\/[^/]*/, '');
    const onward = sendRequest({ hostname, port, method, path, headers, setHost: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    message.pipe(onward);
  };
}

/** Joins the client with the server; when one end goes, so does the other. */
function tunnel(client: Socket, { hostname, port }: URL): Socket[] {
  const onward = connect(Number(port), hostname, () => {
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    client.pipe(onward).pipe(client);
  });
  const ends = [client, onward];
  for (const socket of ends)
    socket.on('error', () => socket.destroy()).on('close', () => ends.forEach((one) => one.destroy()));
  return ends;
}
