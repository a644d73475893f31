import { type Answer, emptyAnswer, errorAnswer } from './answer.js';
import type { EarlyEnd } from './end-early.js';
import { checksumHeader, computeChecksum } from './checksums.js';
import type { Fault, Place } from './faults.js';
import { S3Error } from './s3-error.js';
import { writeXml } from './xml.js';

/** An answer and how it is sent. */
export interface Delivery {
  readonly answer: Answer;
  /** What Content-Length says; the length of the body unless given. */
  readonly length?: number;
  /** The end before the end: `head` is before the first byte of the answer, a number after so many bytes of the body. */
  readonly stop?: { readonly how: EarlyEnd; readonly at: 'head' | number };
  /** Waits before the head, and sends the body at that rate. */
  readonly pace?: { readonly delayMs?: number; readonly bytesPerSecond?: number };
}

/** The answer that stands in place of doing the request; undefined when it is to be done. */
export function answerInstead(fault: Fault | undefined, resource: string): Delivery | undefined {
  if (fault === undefined) return undefined;
  if (fault.kind === 'error') {
    const { code, message, status, details, headers } = fault;
    const extra = { ...(status && { status }), ...(details && { details }), ...(headers && { headers }) };
    return { answer: errorAnswer(new S3Error(code, message, extra), resource) };
  }
  if (fault.kind === 'answer') {
    const headers = { 'content-type': 'text/html', ...fault.headers };
    return { answer: { status: fault.status, headers, body: Buffer.from(fault.body) } };
  }
  if ('at' in fault && fault.at === 'request' && fault.kind !== 'flip') {
    return { answer: emptyAnswer(500), stop: { how: fault.kind, at: 'head' } };
  }
  return undefined;
}

/** Spoils a good answer. */
export function spoilAnswer(fault: Fault | undefined, answer: Answer): Delivery {
  switch (fault?.kind) {
    case 'reset':
    case 'stall':
    case 'cut':
      return { answer, stop: { how: fault.kind, at: placeIn(answer.body, fault.at) } };
    case 'wrong-checksum':
      return { answer: withWrongChecksum(answer) };
    case 'flip':
      return { answer: { ...answer, body: flipByte(answer.body, fault.at ?? answer.body.length >> 1) } };
    case 'length':
      return withWrongLength(answer, answer.body.length + fault.by);
    case 'garble':
      return { answer: { ...answer, body: answer.body.subarray(0, answer.body.length >> 1) } };
    case 'error-in-200': {
      const { code, message } = new S3Error(fault.code);
      const body = writeXml('Error', Object.entries({ Code: code, Message: message }));
      return { answer: { status: 200, headers: { 'content-type': 'application/xml' }, body } };
    }
    case 'slow':
      return { answer, pace: fault };
    case 'change':
    case 'delete':
    case 'hold':
    case 'error':
    case 'answer':
    case 'no-conditions':
    case undefined:
      return { answer };
  }
}

function placeIn(body: Buffer, place: Place): 'head' | number {
  if (place === 'middle') return body.length >> 1;
  return place === 'request' ? 'head' : place;
}

function withWrongLength(answer: Answer, length: number): Delivery {
  const body = answer.body.subarray(0, length);
  if (length <= answer.body.length) return { answer: { ...answer, body } };
  return { answer, length, stop: { how: 'cut', at: body.length } };
}

function withWrongChecksum(answer: Answer): Answer {
  const name =
    Object.keys(answer.headers).find((one) => /^x-amz-checksum-(crc|sha)/.test(one)) ?? checksumHeader('CRC32');
  const right = answer.headers[name] ?? computeChecksum('CRC32', answer.body).value;
  const [digest = '', ...parts] = right.split('-');
  const wrong = flipByte(Buffer.from(digest, 'base64'), 0).toString('base64');
  return { ...answer, headers: { ...answer.headers, [name]: [wrong, ...parts].join('-') } };
}

function flipByte(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  if (at < copy.length) copy[at] = (copy[at] ?? 0) ^ 0xff;
  return copy;
}
