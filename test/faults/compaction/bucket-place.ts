import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll } from 'vitest';
import type { Fault, FaultRule, SeenRequest } from '../../s3/faults.js';
import { startTestS3, type TestS3 } from '../../s3/s3-server.js';
import { caseFolder } from './local-place.js';
import type { Place } from './test-table.js';

/** A place in a bucket of its own, in a server of this process. */
export interface BucketPlace extends Place {
  readonly bucket: string;
  readonly s3: TestS3;
  /** Lets something go wrong with requests to this bucket. */
  fault(match: FaultRule['match'], fault: Fault, times?: number): void;
  /** From now on nothing of that goes wrong any more. */
  mend(): void;
  /** What went wrong so far. */
  struck(): readonly SeenRequest[];
  /** Kills a process at its request of that number, counted from now on, until it is told that there will be no more. */
  killAt(number: number, how: RequestKill, kill: () => void): { stop(): void };
  /** Keeps the first request that matches from being done until it is let go. */
  hold(match: FaultRule['match']): HeldRequest;
}

/**
 * When a process is killed: before its request is looked at, when it has come (it may be done all the same), when it is done and
 * unanswered, or in the middle of the answer.
 */
export const REQUEST_KILLS = ['before', 'come', 'done', 'answering'] as const;
export type RequestKill = (typeof REQUEST_KILLS)[number];

/** A request that waits in the server. */
export interface HeldRequest {
  readonly arrived: Promise<void>;
  release(): void;
}

/** Starts a server for the tests of a file; `place` gives each a bucket. */
export function useServer(): () => BucketPlace {
  let s3: TestS3;
  let buckets = 0;
  beforeAll(async () => {
    s3 = await startTestS3();
  });
  afterAll(() => s3.close());
  return () => bucketPlace(s3, `bucket-${++buckets}`);
}

function bucketPlace(s3: TestS3, bucket: string): BucketPlace {
  const folder = caseFolder();
  s3.createBucket(bucket);
  let isMended = false;
  const within =
    (match: FaultRule['match']): FaultRule['match'] =>
    (request) =>
      request.bucket === bucket && match(request);
  return {
    source: `s3://${bucket}/src/`,
    destination: `s3://${bucket}/dst/`,
    folder,
    env: environmentOf(s3),
    bucket,
    s3,
    put: (key, bytes) => s3.put(bucket, `src/${key}`, bytes),
    remove: (key) => s3.remove(bucket, `src/${key}`),
    putLedger: (key, bytes) => s3.put(bucket, `dst.ledger/${key}`, bytes),
    folders: () => copyTable(s3, bucket, folder),
    fault: (match, fault, times = 1) =>
      s3.faults.add({ match: (seen) => !isMended && within(match)(seen), fault, times }),
    mend: () => void (isMended = true),
    struck: () => s3.faults.struck.map(({ request }) => request).filter((request) => request.bucket === bucket),
    killAt: (number, how, kill) =>
      killAt(
        s3,
        within(() => true),
        { number, how, kill },
      ),
    hold: (match) => hold(s3, within(match)),
  };
}

const KILLING_FAULTS: Readonly<Record<RequestKill, Fault | undefined>> = {
  before: { kind: 'stall', at: 'request' },
  come: undefined,
  done: { kind: 'stall', at: 'head' },
  answering: { kind: 'stall', at: 'middle' },
};

interface Killing {
  readonly number: number;
  readonly how: RequestKill;
  readonly kill: () => void;
}

function killAt(s3: TestS3, match: FaultRule['match'], { number, how, kill }: Killing): { stop(): void } {
  let count = 0;
  const fault = KILLING_FAULTS[how];
  const seen = (request: SeenRequest): boolean => {
    if (!match(request) || ++count !== number) return false;
    if (how === 'before' || how === 'come') kill();
    else void whenAnswered(s3, request).then(kill);
    return fault !== undefined;
  };
  s3.faults.add({ match: seen, fault: fault ?? { kind: 'slow' } });
  return { stop: () => void (count = Infinity) };
}

/** The answer is made, whether it is sent or not. */
async function whenAnswered(s3: TestS3, { number }: SeenRequest): Promise<void> {
  while (s3.requests[number - 1]?.fault === undefined) await wait(1);
  // What is sent of it is on its way.
  await wait(10);
}

function hold(s3: TestS3, match: FaultRule['match']): HeldRequest {
  let release = (): void => undefined;
  let arrive = (): void => undefined;
  const until = new Promise<void>((resolve) => (release = resolve));
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  const seen = (request: SeenRequest): boolean => {
    const isWanted = match(request);
    if (isWanted) arrive();
    return isWanted;
  };
  s3.faults.add({ match: seen, times: 1, fault: { kind: 'hold', until } });
  return { arrived, release };
}

/** What points the program at the server, and at nothing else. */
function environmentOf({ endpoint, credentials }: TestS3): Place['env'] {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_REGION: 'us-east-1',
    AWS_MAX_ATTEMPTS: '3',
  };
}

/** The objects of the table and its ledger as files. */
function copyTable(s3: TestS3, bucket: string, folder: string): ReturnType<Place['folders']> {
  const copy = mkdtempSync(join(folder, 'copy-'));
  for (const key of s3.keys(bucket).filter((one) => one.startsWith('dst'))) {
    const path = join(copy, key);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, s3.get(bucket, key) ?? '');
  }
  return { table: join(copy, 'dst'), ledger: join(copy, 'dst.ledger') };
}

/** Requests by what they do and to what: `isRequest('PutObject', /c-0+1\.parquet$/)`. */
export function isRequest(operation: string, key: RegExp): FaultRule['match'] {
  return (request) => request.operation === operation && key.test(request.key);
}

/** Lists of a folder of the bucket. */
export function isListOf(prefix: string): FaultRule['match'] {
  return ({ operation, query }) => operation === 'ListObjectsV2' && (query['prefix'] ?? '').startsWith(prefix);
}
