import { request as sendPlain } from 'node:http';
import { request as sendSecure } from 'node:https';

export interface PlainRequest {
  readonly method?: string;
  /** As it goes over the wire; nothing in it is normalised. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** PEM of the authority to trust. */
  readonly ca?: string;
  /** Milliseconds of silence after which the client gives up: the error is then SILENCE. */
  readonly patienceMs?: number;
}

export interface PlainAnswer {
  /** Undefined when no head came. */
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** What came of the body. */
  readonly body: Buffer;
  /** How the exchange broke off: ECONNRESET, SILENCE; undefined when it came to its end. */
  readonly error: string | undefined;
}

/** One request over a connection of its own, without a client that repairs or retries anything. Does not throw. */
export function requestPlainly(
  endpoint: string,
  { path, body, patienceMs = 5000, ...rest }: PlainRequest,
): Promise<PlainAnswer> {
  const { protocol, hostname, port } = new URL(endpoint);
  const send = protocol === 'https:' ? sendSecure : sendPlain;
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let head: Pick<PlainAnswer, 'status' | 'headers'> = { status: undefined, headers: {} };
    const finish = (error?: string): void => {
      resolve({ ...head, body: Buffer.concat(chunks), error });
      request.destroy();
    };
    const request = send({ hostname, port, path, agent: false, timeout: patienceMs, ...rest }, (answer) => {
      head = { status: answer.statusCode, headers: answer.headers };
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('end', () => finish()).once('error', (error) => finish(codeOf(error)));
    });
    request.once('timeout', () => finish('SILENCE')).on('error', (error) => finish(codeOf(error)));
    request.end(body);
  });
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : error.message;
}
