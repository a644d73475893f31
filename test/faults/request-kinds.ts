import type { FaultRule, SeenRequest } from '../s3/faults.js';
import {
  folderedLogs,
  logsWithLarge,
  logsWithParquet,
  pagedLogs,
  PREFIX,
  smallLogs,
  type StoredLogs,
  textLog,
} from './stored-logs.js';

/** A kind of request that something can happen to. */
export interface RequestKind {
  readonly name: string;
  readonly operation: 'list' | 'get' | 'head';
  /** What is in the bucket before anything happens. */
  readonly logs: StoredLogs;
  readonly match: (request: SeenRequest) => boolean;
  /** The object or the folder that is lost without an answer; absent where then nothing can be answered. */
  readonly loses?: string;
  /** The one key that is asked for; absent where all of the bucket is. */
  readonly key?: string;
  /** The size of a body, or what it has at least. */
  readonly bytes: number;
  /** What brings about such a request. */
  readonly before?: readonly FaultRule[];
  /** What the answer is about, where that is not what the bucket held at first. */
  readonly answer?: StoredLogs;
}

const A_LISTING_HAS_AT_LEAST = 300;

/** Every kind of request that a run makes. */
export async function requestKinds(): Promise<readonly RequestKind[]> {
  return [...listings(), ...heads(), ...(await gets())];
}

function listings(): RequestKind[] {
  const list = { operation: 'list', bytes: A_LISTING_HAS_AT_LEAST } as const;
  const foldered = folderedLogs();
  const inside = (prefix: string, isFolders: boolean) => (request: SeenRequest) =>
    isList(request) && request.query['prefix'] === `${PREFIX}${prefix}` && 'delimiter' in request.query === isFolders;
  const [month, day] = ['year=2026/month=02/', 'year=2026/month=02/day=21/'];
  return [
    { ...list, name: 'the first page', logs: smallLogs(), match: isList },
    { ...list, name: 'a later page', logs: pagedLogs(), match: isLaterPage },
    { ...list, name: 'the folders of the root', logs: foldered, match: inside('', true) },
    { ...list, name: 'the folders of a folder', logs: foldered, match: inside(month, true), loses: month },
    { ...list, name: 'one folder', logs: foldered, match: inside(day, false), loses: day },
  ];
}

function heads(): RequestKind[] {
  const head = { operation: 'head', match: isHead, bytes: 0 } as const;
  const logs = smallLogs();
  const changed = textLog('changed', 7);
  const only = logs.logs.get('b.json') ?? changed;
  return [
    {
      ...head,
      name: 'what a changed key holds now',
      logs,
      loses: 'b.json',
      before: [{ match: isGet('b.json'), times: 1, fault: { kind: 'change', body: changed.body } }],
      answer: { ...logs, logs: new Map([...logs.logs, ['b.json', changed]]) },
    },
    { ...head, name: 'what a key is', logs, key: 'b.json', answer: { ...logs, logs: new Map([['b.json', only]]) } },
  ];
}

async function gets(): Promise<RequestKind[]> {
  const get = (key: string, logs: StoredLogs) =>
    ({ operation: 'get', logs, match: isGet(key), loses: key, bytes: logs.logs.get(key)?.body.length ?? 0 }) as const;
  return [
    { ...get('b.json', smallLogs()), name: 'a small object' },
    { ...get('large.json', logsWithLarge()), name: 'a large object' },
    { ...get('table.parquet', await logsWithParquet()), name: 'a Parquet object' },
  ];
}

export function isGet(key: string): (request: SeenRequest) => boolean {
  return (request) => request.operation === 'GetObject' && request.key === `${PREFIX}${key}`;
}

export function isList({ operation }: SeenRequest): boolean {
  return operation === 'ListObjectsV2';
}

function isLaterPage(request: SeenRequest): boolean {
  return isList(request) && 'continuation-token' in request.query;
}

export function isHead({ operation }: SeenRequest): boolean {
  return operation === 'HeadObject';
}
