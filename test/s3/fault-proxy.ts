import { Agent, type IncomingMessage, type ServerResponse, createServer, request as sendRequest } from 'node:http';
import { type EarlyEnd, endEarly } from './end-early.js';
import type { SeenRequest } from './faults.js';
import { closeServer, listen } from './listen.js';
import { RecordedRequests } from './recorded-requests.js';
import { readHead } from './s3-request.js';
import { seededRandom } from './seeded-random.js';

/** Where a connection breaks: before the request is passed on, or after that part of the answer, its head included. */
export type Break = 'request' | { readonly bytes: number } | { readonly share: number };

export type ProxyFault =
  /** The connection is reset, falls silent, or is closed in good order too early. */
  | { readonly kind: EarlyEnd; readonly at: Break }
  /** An answer of the proxy's own: the server never sees the request. */
  | { readonly kind: 'status'; readonly status: number; readonly body?: string }
  /** Bytes that are no HTTP. */
  | { readonly kind: 'garbage' }
  /** One byte of the body is turned over, at that share of its length. */
  | { readonly kind: 'flip'; readonly share: number };

export interface FaultProxyOptions {
  /** `http://127.0.0.1:<port>` of the server behind it. */
  readonly target: string;
  readonly seed: string | number;
  /** What goes wrong with a request. `random` gives numbers that follow from the seed, the request and its attempt alone. */
  readonly choose: (request: SeenRequest, random: () => number) => ProxyFault | undefined;
}

export interface FaultProxy {
  readonly endpoint: string;
  readonly requests: readonly SeenRequest[];
  /** What went wrong so far: a test of faults must see that they happened. */
  readonly struck: readonly { readonly request: SeenRequest; readonly fault: ProxyFault }[];
  close(): Promise<void>;
}

/** Stands before a server, passes requests and answers on as they are, and breaks what it is told to break. */
export async function startFaultProxy({ target, seed, choose }: FaultProxyOptions): Promise<FaultProxy> {
  const recorded = new RecordedRequests();
  const struck: { request: SeenRequest; fault: ProxyFault }[] = [];
  const agent = new Agent({ keepAlive: true });
  const server = createServer((message, response) => {
    const request = recorded.arrive(readHead(message).request);
    response.once('close', () => recorded.leave());
    const { method, operation, bucket, key, query, headers, attempt } = request;
    const identity = JSON.stringify([method, operation, bucket, key, query, headers['range'], attempt]);
    const fault = choose(request, seededRandom(seed, identity));
    if (fault !== undefined) struck.push({ request, fault });
    passOn({ message, response }, { target, agent, fault }).catch(() => response.destroy());
  });
  const port = await listen(server);
  const close = async (): Promise<void> => {
    await closeServer(server);
    agent.destroy();
  };
  return { endpoint: `http://127.0.0.1:${port}`, requests: recorded.list, struck, close };
}

interface Way {
  readonly target: string;
  readonly agent: Agent;
  readonly fault: ProxyFault | undefined;
}

interface Exchange {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
}

async function passOn({ message, response }: Exchange, { target, agent, fault }: Way): Promise<void> {
  const { socket } = message;
  if (fault?.kind === 'status') return answerItself({ message, response }, fault);
  if (fault?.kind === 'garbage') return void socket.end('\u0000\u0001 this is not HTTP\r\n\r\n');
  if (fault !== undefined && fault.kind !== 'flip' && fault.at === 'request') return endEarly(socket, fault.kind);
  const { head, body } = await ask(message, target, agent);
  const headers = framed(head, body);
  if (fault === undefined || fault.kind === 'flip') {
    response.writeHead(head.statusCode ?? 502, head.statusMessage, headers);
    response.end(fault === undefined ? body : flipped(body, fault.share));
    return;
  }
  const lines = headers.map((text, at) => (at % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join('');
  const top = `HTTP/1.1 ${head.statusCode} ${head.statusMessage}\r\n${lines}\r\n`;
  const bytes = Buffer.concat([Buffer.from(top, 'latin1'), message.method === 'HEAD' ? Buffer.alloc(0) : body]);
  const passed = bytes.subarray(0, lengthOf(fault.at, bytes.length));
  if (passed.length > 0) await new Promise((resolve) => socket.write(passed, resolve));
  await endEarly(socket, fault.kind);
}

function answerItself({ message, response }: Exchange, { status, body = '' }: { status: number; body?: string }): void {
  message.resume();
  message.once('end', () => response.writeHead(status, { 'content-type': 'text/html' }).end(body));
}

/** Sends the request as it came, `Host` included: it is under the signature. */
async function ask(
  message: IncomingMessage,
  target: string,
  agent: Agent,
): Promise<{ head: IncomingMessage; body: Buffer }> {
  const { hostname, port } = new URL(target);
  const { method, url, rawHeaders } = message;
  const head = await new Promise<IncomingMessage>((resolve, reject) => {
    const onward = sendRequest({ hostname, port, method, path: url, headers: rawHeaders, agent, setHost: false });
    onward.once('response', resolve).once('error', reject);
    message.once('close', () => message.readableAborted && onward.destroy());
    message.pipe(onward);
  });
  const chunks: Buffer[] = [];
  for await (const chunk of head) chunks.push(chunk as Buffer);
  return { head, body: Buffer.concat(chunks) };
}

/** The headers as they came; a body of chunks, which is whole here, gets its length instead. */
function framed({ rawHeaders }: IncomingMessage, body: Buffer): string[] {
  const pairs = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? '']] : []));
  const isChunked = pairs.some(([name]) => name?.toLowerCase() === 'transfer-encoding');
  if (!isChunked) return rawHeaders;
  const others = pairs.filter(([name]) => name?.toLowerCase() !== 'transfer-encoding');
  return [...others.flat(), 'Content-Length', String(body.length)];
}

function lengthOf(at: Break, total: number): number {
  if (at === 'request') return 0;
  return 'bytes' in at ? at.bytes : Math.floor(total * at.share);
}

function flipped(bytes: Buffer, share: number): Buffer {
  const copy = Buffer.from(bytes);
  const at = Math.min(copy.length - 1, Math.floor(copy.length * share));
  if (at >= 0) copy[at] = (copy[at] ?? 0) ^ 0xff;
  return copy;
}
