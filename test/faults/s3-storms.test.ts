import { describe, expect, test } from 'vitest';
import type { Fault, FaultRule, SeenRequest } from '../s3/faults.js';
import { seededRandom } from '../s3/seeded-random.js';
import { checkHonesty, checkOutcome } from './check-outcome.js';
import { runFaultCase, useSuiteCredentials } from './run-fault-case.js';
import { folderedLogs, logsWithLarge, logsWithParquet, pagedLogs, smallLogs, type StoredLogs } from './stored-logs.js';

useSuiteCredentials();

const STORMS = 12;
/** Another one each time; what a run has found is put among those that are always tried. */
const SEED = process.env['AWSUSAGE_FAULT_SEED'] ?? String(Date.now());
const ALWAYS: readonly string[] = ['calm', 'gale'];

/** The share of requests that go wrong. */
const SHARE = 0.3;
const SILENCE_MS = 400;

const PLACES = [
  smallLogs(),
  pagedLogs(),
  folderedLogs(),
  merged(smallLogs(), logsWithLarge(), await logsWithParquet()),
] as const;

const FAULTS: readonly ((place: number) => Fault)[] = [
  () => ({ kind: 'error', code: 'SlowDown' }),
  () => ({ kind: 'error', code: 'InternalError' }),
  () => ({ kind: 'reset', at: 'request' }),
  () => ({ kind: 'stall', at: 'head' }),
  (place) => ({ kind: 'reset', at: place }),
  (place) => ({ kind: 'cut', at: place }),
  (place) => ({ kind: 'stall', at: place }),
  () => ({ kind: 'length', by: -3 }),
  () => ({ kind: 'answer', status: 200, body: '<html>' }),
];

describe.concurrent('a share of all requests goes wrong, in all ways at once', () => {
  const seeds = [...ALWAYS, ...Array.from({ length: STORMS }, (_, index) => `${SEED}-${index}`)];

  test.each(seeds)('seed %s', async (seed) => {
    const random = seededRandom(seed);
    const logs = PLACES[Math.floor(random() * PLACES.length)] ?? smallLogs();
    const access = { readTimeoutMs: SILENCE_MS, maxConcurrency: 1 + Math.floor(random() * 40) };
    // The first request always goes wrong, so that every storm is one.
    const first: FaultRule = { match: () => true, times: 1, fault: { kind: 'error', code: 'SlowDown' } };
    const outcome = await runFaultCase({ seed, logs, access, rules: [first, ...stormOf(seed)] });
    checkHonesty(outcome, logs);
    if (ALWAYS.includes(seed)) expect(outcome.kind).toBe('answered');
    if (outcome.kind === 'answered' && outcome.accounting.objects.failed === 0)
      checkOutcome(outcome, { kind: 'whole' }, logs);
    if (outcome.kind === 'refused') expect(outcome.error.message).toMatch(/^Cannot read s3:\/\/logs\/logs\/: /);
  });
});

/** One rule for each fault; which of them a request meets follows from the seed and from what the request is. */
function stormOf(seed: string): FaultRule[] {
  const fate = ({ operation, key, query, attempt }: SeenRequest): number => {
    const random = seededRandom(seed, JSON.stringify([operation, key, query, attempt]));
    return random() < SHARE ? Math.floor(random() * FAULTS.length) : -1;
  };
  const place = Math.floor(seededRandom(seed, 'place')() * 250);
  return FAULTS.map((fault, index) => ({ match: (request) => fate(request) === index, fault: fault(place) }));
}

function merged(...all: readonly StoredLogs[]): StoredLogs {
  const logs = all.flatMap((one, index) =>
    index === 0 ? [...one.logs] : [...one.logs].filter(([key]) => key.length > 6),
  );
  return { logs: new Map(logs), skipped: [], outside: [], window: {} };
}
