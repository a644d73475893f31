import type { Chance } from '../../records/seeded-chance.js';
import type { Fault, FaultRule } from '../../s3/faults.js';
import { isListOf, isRequest } from './bucket-place.js';

/** A kind of request that a compaction makes. */
export interface CompactionRequest {
  readonly name: string;
  readonly match: FaultRule['match'];
  readonly faults: (chance: Chance) => Fault;
}

const PAGE = '<!DOCTYPE html><html><body>Sign in to this network</body></html>';

/** What can happen to any request: it is done or not, and the client hears of it or not. */
const ANY: readonly Fault[] = [
  { kind: 'reset', at: 'request' },
  { kind: 'reset', at: 'head' },
  { kind: 'cut', at: 'head' },
  { kind: 'stall', at: 'head' },
  { kind: 'stall', at: 'request' },
  { kind: 'error', code: 'SlowDown' },
  { kind: 'error', code: 'InternalError' },
  { kind: 'answer', status: 502, body: PAGE },
  { kind: 'slow', delayMs: 300 },
];

const WITH_BODY: readonly Fault[] = [
  ...ANY,
  { kind: 'cut', at: 'middle' },
  { kind: 'reset', at: 'middle' },
  { kind: 'stall', at: 'middle' },
  { kind: 'garble' },
  { kind: 'length', by: 7 },
  { kind: 'error-in-200', code: 'SlowDown' },
  { kind: 'answer', status: 200, body: PAGE },
  { kind: 'slow', bytesPerSecond: 4000 },
];

const OBJECT: readonly Fault[] = [...WITH_BODY, { kind: 'wrong-checksum' }, { kind: 'flip' }];

const CONDITIONAL: readonly Fault[] = [
  ...ANY,
  { kind: 'error', code: 'ConditionalRequestConflict', status: 409 },
  { kind: 'error', code: 'PreconditionFailed' },
  { kind: 'answer', status: 409, body: '' },
];

/** The requests of a run that goes on with a table. */
export const REQUESTS: readonly CompactionRequest[] = [
  request('List of the source', isListOf('src/'), WITH_BODY),
  request('List of the slots', isListOf('dst/'), WITH_BODY),
  request('List of the ledger', isListOf('dst.ledger/'), WITH_BODY),
  request('Get of the capabilities', isRequest('GetObject', /\/capabilities\.json$/), OBJECT),
  request('Get of the description', isRequest('GetObject', /\/source\.json$/), OBJECT),
  request('Get of a source', isRequest('GetObject', /^src\//), OBJECT),
  request('Get of a commit', isRequest('GetObject', /\/commits\//), OBJECT),
  request('Put of a plan', isRequest('PutObject', /\/plans\//), CONDITIONAL),
  request('Put of a slot', isRequest('PutObject', /\.parquet$/), CONDITIONAL),
  request('Head of a slot', isRequest('HeadObject', /\.parquet$/), ANY),
  request('Put of a commit', isRequest('PutObject', /\/commits\//), CONDITIONAL),
];

/** Those of a run that makes a table. */
export const FIRST_REQUESTS: readonly CompactionRequest[] = [
  request('Put of the capabilities', isRequest('PutObject', /\/capabilities\.json$/), CONDITIONAL),
  request('Put of the description', isRequest('PutObject', /\/source\.json$/), CONDITIONAL),
];

/** Those by which a slot is stored in parts. */
export const PART_REQUESTS: readonly CompactionRequest[] = [
  request('Create of an upload', isRequest('CreateMultipartUpload', /\.parquet$/), WITH_BODY),
  request('Put of a part', isRequest('UploadPart', /\.parquet$/), ANY),
  request('Complete of an upload', isRequest('CompleteMultipartUpload', /\.parquet$/), [
    ...CONDITIONAL,
    { kind: 'error-in-200', code: 'InternalError' },
  ]),
];

function request(name: string, match: FaultRule['match'], faults: readonly Fault[]): CompactionRequest {
  return { name, match, faults: (chance) => chance.pick(faults) };
}
