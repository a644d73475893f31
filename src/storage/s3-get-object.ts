import type { IncomingHttpHeaders } from 'node:http';
import type { BodySink, ObjectBody } from './s3-body.js';
import { checksumCheck } from './s3-checksum.js';
import type { S3Connection } from './s3-connection.js';
import { S3Failure } from './s3-failure.js';
import { type AnswerHead, httpGet, type TakeChunk } from './s3-http-get.js';
import { MAX_WHOLE_BYTES } from './writable-store.js';

/** An object of the bucket in the version that is wanted. */
export interface WantedObject {
  readonly key: string;
  /** Empty where the server gives none; absent where any version will do. */
  readonly etag?: string;
  /** Absent where any size up to that of what is read whole will do. */
  readonly size?: number;
}

/** More of an answer that is no object is not worth reading. */
const MAX_REFUSAL_BYTES = 64 * 1024;

/**
 * Gets an object by plain HTTP (GetObject), which costs a small part of what the SDK takes for it, once; its length and its
 * checksum are verified.
 * @throws S3Failure for another answer than the object, and for a body that is not it; nothing of it is left in the sink
 */
export async function getObject(
  connection: S3Connection,
  wanted: WantedObject,
  openSink: () => BodySink,
): Promise<ObjectBody> {
  const { endpoint, plainConnections: connections, limits } = connection;
  const { url } = endpoint;
  const path = `${url.pathname.replace(/\/$/, '')}/${escapeKey(wanted.key)}`;
  const headers = await connection.signer.sign({ path, headers: requestHeaders(connection, wanted) });
  const receiver = new BodyReceiver(wanted, openSink);
  try {
    await httpGet({ url, path, headers, connections, limits }, (answer) => receiver.begin(answer));
    return await receiver.end();
  } catch (error) {
    receiver.discard();
    throw error;
  }
}

/** As S3 wants paths: every byte but letters, digits, `-._~` and the slash is escaped. */
function escapeKey(key: string): string {
  return encodeURIComponent(key)
    .replaceAll('%2F', '/')
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function requestHeaders({ endpoint, access }: S3Connection, { etag = '' }: WantedObject): Record<string, string> {
  return {
    host: endpoint.url.host,
    'user-agent': 'awsusage',
    'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
    'x-amz-checksum-mode': 'ENABLED',
    ...(etag === '' ? {} : { 'if-match': etag }),
    ...(access.requestPayer === true ? { 'x-amz-request-payer': 'requester' } : {}),
    ...(access.expectedBucketOwner === undefined ? {} : { 'x-amz-expected-bucket-owner': access.expectedBucketOwner }),
  };
}

/** Takes an answer: the object to the sink, anything else as the reason of a failure. */
class BodyReceiver {
  readonly #wanted: WantedObject;
  readonly #openSink: () => BodySink;
  #sink: BodySink | undefined;
  #answer: AnswerHead | undefined;
  #refusal = '';
  #received = 0;
  #size = 0;
  #check: ReturnType<typeof checksumCheck>;

  constructor(wanted: WantedObject, openSink: () => BodySink) {
    this.#wanted = wanted;
    this.#openSink = openSink;
  }

  begin(answer: AnswerHead): TakeChunk {
    this.#answer = answer;
    if (answer.status !== 200) return (chunk) => this.#takeRefusal(chunk);
    this.#expectVersion(answer.headers);
    this.#size = this.#expectSize(answer.headers);
    this.#check = checksumCheck(answer.headers);
    const sink = this.#openSink();
    this.#sink = sink;
    return (chunk) => {
      this.#received += chunk.length;
      if (this.#received > this.#size) throw new S3Failure('WrongLength');
      this.#check?.update(chunk);
      sink.write(chunk);
    };
  }

  async end(): Promise<ObjectBody> {
    if (this.#sink === undefined) throw refusal(this.#answer, this.#refusal);
    if (this.#received !== this.#size) throw new S3Failure('WrongLength');
    if (this.#check !== undefined && !(await this.#check.matches())) throw new S3Failure('WrongChecksum');
    const body = this.#sink.finish();
    this.#sink = undefined;
    return body;
  }

  discard(): void {
    this.#sink?.discard();
    this.#sink = undefined;
  }

  /** Not every server heeds If-Match; and what has no ETag, as the page of a proxy, is not from the server. */
  #expectVersion({ etag }: IncomingHttpHeaders): void {
    const { etag: wanted = etag } = this.#wanted;
    if (etag === undefined && wanted !== '') throw new S3Failure('Garbled');
    if (etag !== undefined && wanted !== '' && etag !== wanted)
      throw new S3Failure('PreconditionFailed', { status: 412 });
  }

  #expectSize({ 'content-length': length }: IncomingHttpHeaders): number {
    const { size } = this.#wanted;
    const told = length === undefined ? undefined : Number(length);
    if (size !== undefined && told !== undefined && told !== size) throw new S3Failure('WrongLength');
    const expected = size ?? told;
    // S3 always tells the length of an object: what does not is something else.
    if (expected === undefined) throw new S3Failure('Garbled');
    if (size === undefined && expected > MAX_WHOLE_BYTES) throw new S3Failure('TooLarge');
    return expected;
  }

  #takeRefusal(chunk: Buffer): void {
    this.#refusal += chunk.toString('latin1');
    if (this.#refusal.length > MAX_REFUSAL_BYTES) throw refusal(this.#answer, this.#refusal);
  }
}

/** What passes for a code of an error; a server may say anything. */
const CODE = /^[A-Za-z0-9._-]{1,64}$/;

function refusal(answer: AnswerHead | undefined, body: string): S3Failure {
  const status = answer?.status ?? 0;
  const part = (name: string): string | undefined => new RegExp(`<${name}>([^<]*)</${name}>`).exec(body)?.[1];
  const headers = answer?.headers ?? {};
  const region = headers['x-amz-bucket-region'] ?? part('Region');
  const text = part('Message');
  const serverTime = part('ServerTime') ?? headers.date;
  return new S3Failure(CODE.exec(part('Code') ?? '')?.[0] ?? String(status), {
    status,
    ...(text === undefined ? {} : { text }),
    ...(typeof region === 'string' ? { region } : {}),
    ...(serverTime === undefined ? {} : { serverTime }),
  });
}
