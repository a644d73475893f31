import type { Fault } from '../s3/faults.js';
import type { RequestKind } from './request-kinds.js';

type Operation = RequestKind['operation'];

/** Something that can happen to a request, and what is said of it when it always happens. */
export interface RequestFault {
  readonly name: string;
  readonly on: readonly Operation[];
  /** How often it happens: a request that it happens to fewer times than it is tried succeeds. */
  readonly times: readonly number[];
  /** `place` draws a byte of the body, neither its first nor its last. */
  readonly fault: (place: () => number) => Fault;
  readonly reason: RegExp;
  /** What is said where the answer has no body that could say more. */
  readonly headReason?: RegExp;
  /** It is noticed only by waiting. */
  readonly isSilent?: true;
}

const EVER = Infinity;
const ALL: readonly Operation[] = ['list', 'get', 'head'];
const WITH_BODY: readonly Operation[] = ['list', 'get'];
const PAGE = '<!DOCTYPE html><html><body>Sign in to this network</body></html>';
const BROKE = /the connection broke off/;
const SILENT = /the server does not answer \(/;
const GARBLED = /cannot be understood|another length/;

export const REQUEST_FAULTS: readonly RequestFault[] = [
  ...passing('503 SlowDown', [1, 3, EVER], () => error('SlowDown'), [/asks to slow down/, /answered 503/]),
  ...passing('500 InternalError', [1, EVER], () => error('InternalError'), [
    /answered 500 InternalError/,
    /answered 500/,
  ]),
  ...passing('502 of a proxy', [1, EVER], () => ({ kind: 'answer', status: 502, body: PAGE }), [/answered 502/]),
  ...passing('RequestTimeout', [1], () => error('RequestTimeout'), [/RequestTimeout/], WITH_BODY),
  ...passing('429 of a proxy', [2], () => ({ kind: 'answer', status: 429, body: PAGE }), [/answered 429/]),
  ...passing('a reset before the reply', [1, EVER], () => ({ kind: 'reset', at: 'request' }), [BROKE]),
  ...passing('a reset instead of the reply', [2], () => ({ kind: 'reset', at: 'head' }), [BROKE]),
  ...passing('a close instead of the reply', [1, EVER], () => ({ kind: 'cut', at: 'head' }), [BROKE]),
  ...passing('a reset after the head', [1, EVER], () => ({ kind: 'reset', at: 0 }), [BROKE], WITH_BODY),
  ...passing('a reset in the body', [2, EVER], (place) => ({ kind: 'reset', at: place() }), [BROKE], WITH_BODY),
  ...passing('a cut body', [1, EVER], (place) => ({ kind: 'cut', at: place() }), [BROKE], WITH_BODY),
  ...silent('a request that nobody reads', [1], () => ({ kind: 'stall', at: 'request' }), ALL),
  ...silent('silence before the head', [1, EVER], () => ({ kind: 'stall', at: 'head' }), ALL),
  ...silent('silence after the head', [1], () => ({ kind: 'stall', at: 0 }), WITH_BODY),
  ...silent('silence in the body', [1, EVER], (place) => ({ kind: 'stall', at: place() }), WITH_BODY),
  ...passing('a wrong checksum', [1, EVER], () => ({ kind: 'wrong-checksum' }), [/not match its checksum/], ['get']),
  ...passing(
    'a wrong byte',
    [2, EVER],
    (place) => ({ kind: 'flip', at: place() }),
    [/not match its checksum/],
    ['get'],
  ),
  ...passing(
    'a length too large',
    [1, EVER],
    () => ({ kind: 'length', by: 7 }),
    [/another length|broke off/],
    WITH_BODY,
  ),
  ...passing('a length too small', [1, EVER], () => ({ kind: 'length', by: -7 }), [GARBLED], WITH_BODY),
  ...passing('half of a body', [1, EVER], () => ({ kind: 'garble' }), [GARBLED], WITH_BODY),
  ...passing(
    '200 with an error',
    [1, EVER],
    () => ({ kind: 'error-in-200', code: 'SlowDown' }),
    [/slow down|cannot be understood|another length/],
    WITH_BODY,
  ),
  ...passing(
    '200 with a page of a proxy',
    [1, EVER],
    () => ({ kind: 'answer', status: 200, body: PAGE }),
    [GARBLED],
    WITH_BODY,
  ),
  ...passing('200 with nothing', [1, EVER], () => ({ kind: 'answer', status: 200, body: '' }), [GARBLED], WITH_BODY),
];

function passing(
  name: string,
  times: readonly number[],
  fault: RequestFault['fault'],
  [reason, headReason]: readonly [RegExp, RegExp?],
  on: readonly Operation[] = ALL,
): RequestFault[] {
  return [{ name, times, fault, reason, on, ...(headReason && { headReason }) }];
}

function silent(
  name: string,
  times: readonly number[],
  fault: RequestFault['fault'],
  on: readonly Operation[],
): RequestFault[] {
  return [{ name, times, fault, reason: SILENT, on, isSilent: true }];
}

function error(code: string): Fault {
  return { kind: 'error', code };
}
