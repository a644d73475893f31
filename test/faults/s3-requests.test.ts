import { describe, test } from 'vitest';
import { seededRandom } from '../s3/seeded-random.js';
import { checkOutcome, type Expected } from './check-outcome.js';
import { REQUEST_FAULTS, type RequestFault } from './request-faults.js';
import { type RequestKind, requestKinds } from './request-kinds.js';
import { runFaultCase, useSuiteCredentials } from './run-fault-case.js';

/** Short, since nothing is learnt by waiting; a machine that is busy for so long costs one attempt. */
const SILENCE_MS = 400;

useSuiteCredentials();

const KINDS = await requestKinds();

describe.each(KINDS)('$name', (kind) => {
  const cases = REQUEST_FAULTS.filter(({ on }) => on.includes(kind.operation)).flatMap((fault) =>
    fault.times.map((times) => [`${fault.name}, ${timesOf(times)}`, fault, times] as const),
  );

  test.concurrent.each(cases)('%s', async (name, fault, times) => {
    const seed = `${kind.name}: ${name}`;
    const random = seededRandom(seed);
    const place = (): number => 1 + Math.floor(random() * (kind.bytes - 2));
    const outcome = await runFaultCase({
      seed,
      logs: kind.logs,
      rules: [...(kind.before ?? []), { match: kind.match, times, fault: fault.fault(place) }],
      ...(kind.key === undefined ? {} : { key: kind.key }),
      ...(fault.isSilent === true ? { access: { readTimeoutMs: SILENCE_MS } } : {}),
      ...(times === Infinity ? {} : { strikes: times + (kind.before?.length ?? 0) }),
    });
    checkOutcome(outcome, expectedOf(kind, fault, times), kind.answer ?? kind.logs);
  });
});

function expectedOf(kind: RequestKind, fault: RequestFault, times: number): Expected {
  if (times < Infinity) return { kind: 'whole' };
  const reason = kind.operation === 'head' ? (fault.headReason ?? fault.reason) : fault.reason;
  return kind.loses === undefined ? { kind: 'refused', reason } : { kind: 'without', key: kind.loses, reason };
}

function timesOf(times: number): string {
  if (times === Infinity) return 'for ever';
  return times === 1 ? 'once' : `${times} times`;
}
