import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import type { S3Limits } from './s3-access.js';
import { S3Failure } from './s3-failure.js';
import type { PlainConnections } from './s3-plain-connections.js';

export interface GetRequest {
  /** The server; its path is not used. */
  readonly url: URL;
  /** The path and query as they are sent. */
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly connections: PlainConnections;
  readonly limits: Pick<S3Limits, 'connectTimeoutMs' | 'readTimeoutMs'>;
}

/** The head of an answer. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
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
export async function httpGet(request: GetRequest, onAnswer: (answer: AnswerHead) => TakeChunk): Promise<void> {
  const { url, path, headers, connections, limits } = request;
  const connection = connections.take(url);
  try {
    await new Promise<void>((resolve, reject) => {
      const receiver = new Receiver({ onAnswer, resolve, reject, limits });
      connection.client.dispatch({ method: 'GET', path, headers }, receiver);
    });
  } catch (error) {
    connections.drop(connection);
    throw error;
  }
  connections.giveBack(connection);
}

interface ReceiverOptions {
  readonly onAnswer: (answer: AnswerHead) => TakeChunk;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  readonly limits: GetRequest['limits'];
}

/** Takes the answer to one request, and rejects where it is silent for too long. */
class Receiver implements Dispatcher.DispatchHandler {
  readonly #options: ReceiverOptions;
  #take: TakeChunk | undefined;
  #timer: NodeJS.Timeout;
  #bytes = 0;

  constructor(options: ReceiverOptions) {
    this.#options = options;
    this.#timer = this.#limit(options.limits.connectTimeoutMs, 'NoConnection');
  }

  onRequestStart(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#limit(this.#options.limits.readTimeoutMs, 'Stalled');
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    // More is to come behind an interim answer.
    if (status < 200) return;
    this.#heard(LEAST_BYTES);
    this.#orFail(() => (this.#take = this.#options.onAnswer({ status, headers: firstOfEach(headers) })));
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#heard(chunk.length);
    this.#orFail(() => this.#take?.(chunk));
  }

  onResponseEnd(): void {
    clearTimeout(this.#timer);
    this.#options.resolve();
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#fail(hasOwnCode(error) ? error : new S3Failure(codeOf(error), { cause: error }));
  }

  /** Less than a trickle is as good as silence. */
  #heard(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < LEAST_BYTES) return;
    this.#bytes = 0;
    this.#timer.refresh();
  }

  #orFail(take: () => void): void {
    try {
      take();
    } catch (error) {
      this.#take = undefined;
      this.#fail(error);
    }
  }

  #limit(milliseconds: number, code: string): NodeJS.Timeout {
    return setTimeout(() => this.#fail(new S3Failure(code)), milliseconds);
  }

  #fail(error: unknown): void {
    clearTimeout(this.#timer);
    this.#options.reject(error);
  }
}

/** Of a header that comes twice the first counts, as in Node. */
function firstOfEach(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const first = Object.entries(headers).map(
    ([name, value]) => [name, Array.isArray(value) ? value[0] : value] as const,
  );
  return Object.fromEntries(first);
}

/** The system's codes tell what happened; most of the library's tell no more than that the connection ended. */
function hasOwnCode({ code }: NodeJS.ErrnoException): boolean {
  return typeof code === 'string' && (!code.startsWith('UND_ERR_') || code === 'UND_ERR_INVALID_ARG');
}

function codeOf({ name }: Error): string {
  return name === 'HTTPParserError' ? 'Garbled' : 'Cut';
}
