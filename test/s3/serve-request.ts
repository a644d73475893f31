import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Answer, errorAnswer } from './answer.js';
import { type Access, authorize } from './authorize.js';
import type { Bucket, Buckets } from './buckets.js';
import { deliver } from './deliver.js';
import type { Fault, FaultPlan } from './faults.js';
import { OPERATIONS } from './operations.js';
import { type Payload, readPayload } from './payload.js';
import type { RecordedRequests } from './recorded-requests.js';
import { S3Error } from './s3-error.js';
import { type S3Request, readHead } from './s3-request.js';
import { type Delivery, answerInstead, spoilAnswer } from './spoil-answer.js';

export interface Desk {
  readonly access: Access;
  readonly faults: FaultPlan;
  readonly recorded: RecordedRequests;
}

/**
 * Reads a request, does it and answers, or lets go wrong what its fault says. Whatever has a body is done only when all of it
 * is here, and then at once.
 */
export async function serveRequest(
  { message, response }: { message: IncomingMessage; response: ServerResponse },
  { access, faults, recorded }: Desk,
): Promise<void> {
  const { request, refusal } = readHead(message);
  const seen = recorded.arrive(request);
  response.once('close', () => recorded.leave());
  const fault = faults.strike(seen);
  const body = await readBody(message, fault);
  if (body === undefined) return;
  if (fault?.kind === 'hold') await fault.until;
  const { delivery, error } = decide(request, { fault, refusal, body, access });
  recorded.answer(seen, {
    status: delivery.stop?.at === 'head' ? 0 : delivery.answer.status,
    error,
    fault: fault?.kind,
  });
  await deliver(response, finish(delivery, { request, access, number: seen.number }));
}

/** Undefined when the client went away; empty when the fault is that nobody reads. */
async function readBody(message: IncomingMessage, fault: Fault | undefined): Promise<Buffer | undefined> {
  if (fault !== undefined && 'at' in fault && fault.at === 'request') return Buffer.alloc(0);
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of message) chunks.push(chunk as Buffer);
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks);
}

interface Matter {
  readonly fault: Fault | undefined;
  readonly refusal: S3Error | undefined;
  readonly body: Buffer;
  readonly access: Access;
}

/** Everything between the request and the answer, without a pause in it. */
function decide(request: S3Request, { fault, refusal, body, access }: Matter): { delivery: Delivery; error?: string } {
  const instead = answerInstead(fault, request.path);
  if (instead !== undefined) return { delivery: instead, ...(fault?.kind === 'error' && { error: fault.code }) };
  disturb(access.buckets, request, fault);
  try {
    if (refusal !== undefined) throw refusal;
    return { delivery: spoilAnswer(fault, perform(request, { body, fault }, access)) };
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    return { delivery: spoilAnswer(fault, errorAnswer(error, request.path)), error: error.code };
  }
}

function disturb(buckets: Buckets, request: S3Request, fault: Fault | undefined): void {
  if (fault?.kind !== 'change' && fault?.kind !== 'delete') return;
  const [bucket, key] = [buckets.get(request.bucket), fault.key ?? request.key];
  if (fault.kind === 'delete') {
    buckets.erase(bucket, key);
    return;
  }
  const body = Buffer.from(fault.body ?? `changed before request ${buckets.nextId()}`);
  buckets.store(bucket, { key, body });
}

function perform(sent: S3Request, { body, fault }: Pick<Matter, 'body' | 'fault'>, access: Access): Answer {
  const signer = authorize(sent, access);
  const read = readPayload(sent, body, signer);
  const { request, payload } =
    fault?.kind === 'no-conditions' ? withoutConditions(sent, read) : { request: sent, payload: read };
  const operation = OPERATIONS[request.operation];
  if (operation === undefined) throw new S3Error('NotImplemented', request.operation);
  const { buckets } = access;
  // The operations without a bucket do not look at it.
  const bucket = buckets.find(request.bucket) as Bucket;
  return operation({ request, payload, buckets, bucket });
}

function withoutConditions(request: S3Request, payload: Payload): { request: S3Request; payload: Payload } {
  const headers = Object.entries(request.headers).filter(([name]) => name !== 'if-match' && name !== 'if-none-match');
  const bytes = payload.bytes.toString('latin1').replace(/<ETag>[^<]*<\/ETag>/g, '');
  return {
    request: { ...request, headers: Object.fromEntries(headers) },
    payload: request.operation === 'DeleteObjects' ? { ...payload, bytes: Buffer.from(bytes, 'latin1') } : payload,
  };
}

function finish(
  delivery: Delivery,
  { request, access, number }: { request: S3Request; access: Access; number: number },
): Delivery {
  const isCharged = access.buckets.find(request.bucket)?.requesterPays === true;
  const headers = {
    date: access.ring.now().toUTCString(),
    server: 'test-s3',
    'x-amz-request-id': `REQUEST${String(number).padStart(9, '0')}`,
    ...(isCharged && { 'x-amz-request-charged': 'requester' }),
    ...delivery.answer.headers,
  };
  return { ...delivery, answer: { ...delivery.answer, headers } };
}
