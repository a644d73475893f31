import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkOutcome, checkSecrets, type Expected } from '../faults/check-outcome.js';
import { leftOpen } from '../faults/left-open.js';
import { isGet, type RequestKind, requestKinds } from '../faults/request-kinds.js';
import { askEndpoint, type Question, useSuiteCredentials, withinLimit } from '../faults/run-fault-case.js';
import { PREFIX, smallLogs, type StoredLogs, textLog } from '../faults/stored-logs.js';
import type { Outcome } from '../faults/ask-bucket.js';
import { type FaultProxyOptions, type ProxyFault, startFaultProxy } from '../s3/fault-proxy.js';
import { fillBucket } from './fill-bucket.js';
import { REAL_SERVERS, type RealServer, startRealServer } from './real-servers.js';

interface Trouble {
  readonly name: string;
  readonly fault: (random: () => number) => ProxyFault;
  readonly reason: RegExp;
  readonly on?: RequestKind['operation'];
  readonly isSilent?: true;
}

const BROKE = /broke off/;
const SILENT = /the server does not answer \(/;
const SILENCE_MS = 500;

const TROUBLES: readonly Trouble[] = [
  { name: '503', fault: () => ({ kind: 'status', status: 503 }), reason: /answered 503/ },
  { name: '500', fault: () => ({ kind: 'status', status: 500, body: '<html>' }), reason: /answered 500/ },
  { name: 'a reset before the reply', fault: () => ({ kind: 'reset', at: 'request' }), reason: BROKE },
  { name: 'a reset in the reply', fault: (random) => ({ kind: 'reset', at: { share: random() } }), reason: BROKE },
  { name: 'a cut reply', fault: (random) => ({ kind: 'cut', at: { share: random() } }), reason: BROKE },
  { name: 'no reply', fault: () => ({ kind: 'stall', at: 'request' }), reason: SILENT, isSilent: true },
  {
    name: 'a reply that stops',
    fault: (random) => ({ kind: 'stall', at: { share: random() } }),
    reason: SILENT,
    isSilent: true,
  },
  { name: 'no HTTP', fault: () => ({ kind: 'garbage' }), reason: /HPE_|broke off|cannot be understood/ },
  { name: 'a wrong byte', fault: (random) => ({ kind: 'flip', share: random() }), reason: /checksum/, on: 'get' },
];

// What is stored must not change, and what a change leads to has its own test.
const KINDS = (await requestKinds()).filter(({ before }) => before === undefined);

describe.each(REAL_SERVERS)('%s', (name) => {
  let server: RealServer;

  beforeAll(async () => {
    server = await startRealServer(name);
    for (const [logs, bucket] of bucketsOf(KINDS)) await fillBucket(server, bucket, objectsOf(logs));
  });

  // Once the server is there: its credentials come with it.
  useSuiteCredentials(() => server.credentials);

  afterAll(() => server.stop());

  describe.each(KINDS)('$name', (kind) => {
    const cases = TROUBLES.filter(({ on }) => on === undefined || on === kind.operation).flatMap((trouble) =>
      [1, Infinity].map((times) => [`${trouble.name}, ${times === 1 ? 'once' : 'for ever'}`, trouble, times] as const),
    );

    test.concurrent.each(cases)('%s', async (seed, trouble, times) => {
      const logs = kind.answer ?? kind.logs;
      const choose: FaultProxyOptions['choose'] = (request, random) =>
        kind.match(request) && request.attempt <= times ? trouble.fault(random) : undefined;
      const outcome = await askThroughProxy(choose, {
        seed,
        logs: kind.logs,
        bucket: bucketsOf(KINDS).get(kind.logs) ?? '',
        ...(kind.key === undefined ? {} : { key: kind.key }),
        ...(trouble.isSilent === true ? { access: { readTimeoutMs: SILENCE_MS } } : {}),
      });
      checkOutcome(outcome, expectedOf(kind, trouble, times), logs);
    });
  });

  test('an object that is overwritten between two attempts', async () => {
    const logs = smallLogs();
    await fillBucket(server, 'changing', objectsOf(logs));
    const log = textLog('new', 9);
    let isChanged = false;
    let changing: Promise<void> | undefined;
    const outcome = await askThroughProxy(
      (request) => {
        if (isChanged || !isGet('b.json')(request)) return undefined;
        changing ??= put(server, log.body).then(() => void (isChanged = true));
        return { kind: 'status', status: 503 };
      },
      { seed: 'changing', bucket: 'changing', logs, access: { retryDelayMs: 20, env: { AWS_MAX_ATTEMPTS: '30' } } },
    );
    checkOutcome(outcome, { kind: 'whole' }, { ...logs, logs: new Map([...logs.logs, ['b.json', log]]) });
  });

  async function askThroughProxy(choose: FaultProxyOptions['choose'], question: Question): Promise<Outcome> {
    const proxy = await startFaultProxy({ target: server.endpoint, seed: question.seed, choose });
    try {
      const { result, left } = await withinLimit(leftOpen(() => askEndpoint(proxy.endpoint, question)));
      expect(proxy.struck.length).toBeGreaterThan(0);
      expect({ left, files: result.files }).toEqual({ left: [], files: [] });
      checkSecrets(result.outcome, [server.credentials.secretAccessKey]);
      return result.outcome;
    } finally {
      await proxy.close();
    }
  }
});

function expectedOf(kind: RequestKind, { reason }: Trouble, times: number): Expected {
  if (times === 1) return { kind: 'whole' };
  return kind.loses === undefined ? { kind: 'refused', reason } : { kind: 'without', key: kind.loses, reason };
}

/** A bucket for everything that the kinds ask for. */
function bucketsOf(kinds: readonly RequestKind[]): ReadonlyMap<StoredLogs, string> {
  return new Map([...new Set(kinds.map(({ logs }) => logs))].map((logs, index) => [logs, `logs-${index}`]));
}

function objectsOf({ logs, skipped, outside }: StoredLogs): ReadonlyMap<string, Buffer> {
  const others = [...skipped, ...outside].map((key) => [key, Buffer.alloc(0)] as const);
  const all = [...[...logs].map(([key, { body }]) => [key, body] as const), ...others];
  return new Map(all.map(([key, body]) => [`${PREFIX}${key}`, body]));
}

async function put({ endpoint, region, credentials }: RealServer, body: Buffer): Promise<void> {
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  await client.send(new PutObjectCommand({ Bucket: 'changing', Key: `${PREFIX}b.json`, Body: body }));
  client.destroy();
}
