import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher, Pool } from 'undici';
import type { S3Limits } from './s3-access.js';
import { S3Failure } from './s3-failure.js';

export interface GetRequest {
  /** The path and query as they are sent. */
  readonly path: string;
  readonly headers: Record<string, string>;
  /** The connections to the server. */
  readonly pool: Pool;
  readonly limits: Pick<S3Limits, 'readTimeoutMs'>;
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
export function httpGet(request: GetRequest, onAnswer: (answer: AnswerHead) => TakeChunk): Promise<void> {
  const { pool, path, headers, limits } = request;
  return new Promise((resolve, reject) => {
    const receiver = new Receiver({ onAnswer, resolve, reject, timeoutMs: limits.readTimeoutMs });
    pool.dispatch({ method: 'GET', path, headers }, receiver);
  });
}

interface ReceiverOptions {
  readonly onAnswer: (answer: AnswerHead) => TakeChunk;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  readonly timeoutMs: number;
}

/** Takes the answer to one request, and ends it where it is silent for too long. */
class Receiver implements Dispatcher.DispatchHandler {
  readonly #options: ReceiverOptions;
  #take: TakeChunk | undefined;
  /** Keeps no process from ending. */
  #timer: NodeJS.Timeout | undefined;
  #bytes = 0;

  constructor(options: ReceiverOptions) {
    this.#options = options;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#timer ??= setTimeout(() => controller.abort(new S3Failure('Stalled')), this.#options.timeoutMs).unref();
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    // More is to come behind an interim answer.
    if (status < 200) return;
    this.#heard(LEAST_BYTES);
    this.#orAbort(controller, () => (this.#take = this.#options.onAnswer({ status, headers })));
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#heard(chunk.length);
    this.#orAbort(controller, () => this.#take?.(chunk));
  }

  onResponseEnd(): void {
    clearTimeout(this.#timer);
    this.#options.resolve();
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    clearTimeout(this.#timer);
    this.#options.reject(isOwnCode(error) ? new S3Failure('Cut', { cause: error }) : error);
  }

  /** Less than a trickle is as good as silence. */
  #heard(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < LEAST_BYTES) return;
    this.#bytes = 0;
    this.#timer?.refresh();
  }

  #orAbort(controller: Dispatcher.DispatchController, take: () => void): void {
    try {
      take();
    } catch (error) {
      controller.abort(error as Error);
    }
  }
}

/** The library's own codes say no more than that the connection ended. */
function isOwnCode({ code }: NodeJS.ErrnoException): boolean {
  return code?.startsWith('UND_ERR_') === true;
}
