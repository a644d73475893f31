import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { S3Limits } from './s3-access.js';
import type { S3Agents } from './s3-agents.js';
import { S3Failure } from './s3-failure.js';

export interface GetRequest {
  /** The host; its path is not used. */
  readonly url: URL;
  /** The path and query as they are sent. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly agents: S3Agents;
  readonly limits: Pick<S3Limits, 'connectTimeoutMs' | 'readTimeoutMs'>;
}

/** So much at least has to come within the time limit; what is shorter than that has to be there by then. */
const LEAST_BYTES = 1024;

/** Takes the chunks of a body as they come. What it throws ends the request. */
export type TakeChunk = (chunk: Buffer) => void;

/**
 * Makes a GET request; `onAnswer` sees the head of the answer and says what takes its body. Nothing waits forever: neither
 * for the connection, nor for the answer, nor for the next piece of it.
 * @throws S3Failure for an answer that did not come, or not to its end
 */
export function httpGet(request: GetRequest, onAnswer: (answer: IncomingMessage) => TakeChunk): Promise<void> {
  return new Promise((resolve, reject) => {
    const outgoing = send(request);
    const watch = new SilenceWatch(outgoing, request.limits);
    const fail = (error: unknown): void => {
      watch.stop();
      outgoing.destroy();
      reject(watch.failure ?? error);
    };
    let isAnswered = false;
    outgoing.on('error', fail);
    // Nothing else tells of an answer that is none, such as a change of protocols.
    outgoing.on('close', () => {
      if (!isAnswered) fail(new S3Failure('Cut'));
    });
    outgoing.on('response', (answer) => {
      isAnswered = true;
      watch.heard(LEAST_BYTES);
      try {
        takeBody(answer, watch, onAnswer(answer)).then(resolve, fail);
      } catch (error) {
        fail(error);
      }
    });
  });
}

function takeBody(answer: IncomingMessage, watch: SilenceWatch, take: TakeChunk): Promise<void> {
  return new Promise((resolve, reject) => {
    answer.on('data', (chunk: Buffer) => {
      watch.heard(chunk.length);
      try {
        take(chunk);
      } catch (error) {
        reject(error);
      }
    });
    answer.on('error', reject);
    answer.on('end', () => {
      watch.stop();
      resolve();
    });
    // What ends well has said so by now.
    answer.on('close', () => {
      if (!answer.readableEnded) reject(new S3Failure('Cut'));
    });
  });
}

function send({ url, path, headers, agents }: GetRequest): ClientRequest {
  const isSecure = url.protocol === 'https:';
  const outgoing = (isSecure ? httpsRequest : httpRequest)({
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (isSecure ? 443 : 80) : url.port,
    agent: isSecure ? agents.https : agents.http,
    path,
    headers,
  });
  outgoing.end();
  return outgoing;
}

/** Ends a request that is not answered in time. Its timers keep no process from ending. */
class SilenceWatch {
  failure: S3Failure | undefined;
  readonly #outgoing: ClientRequest;
  #timer: NodeJS.Timeout;
  #bytes = 0;

  constructor(outgoing: ClientRequest, { connectTimeoutMs, readTimeoutMs }: GetRequest['limits']) {
    this.#outgoing = outgoing;
    this.#timer = this.#limit(connectTimeoutMs, 'NoConnection');
    const connected = (): void => {
      clearTimeout(this.#timer);
      if (!outgoing.destroyed) this.#timer = this.#limit(readTimeoutMs, 'Stalled');
    };
    outgoing.once('socket', (socket) => {
      if (socket.connecting) socket.once('connect', connected);
      else connected();
    });
  }

  /** Less than a trickle is as good as silence. */
  heard(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < LEAST_BYTES) return;
    this.#bytes = 0;
    this.#timer.refresh();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #limit(milliseconds: number, code: string): NodeJS.Timeout {
    const expire = (): void => {
      this.failure = new S3Failure(code);
      this.#outgoing.destroy(this.failure);
    };
    return setTimeout(expire, milliseconds).unref();
  }
}
