import { describe, test } from 'vitest';
import { seededRandom } from '../s3/seeded-random.js';
import { checkOutcome, type Expected } from './check-outcome.js';
import { REQUEST_FAULTS, type RequestFault } from './request-faults.js';
import type { RequestKind } from './request-kinds.js';
import { runFaultCase } from './run-fault-case.js';

/** Short, since nothing is learnt by waiting; a machine that is busy for so long costs one attempt. */
const SILENCE_MS = 400;

/** Tests that every fault that can happen to these requests ends well, or is told. */
export function testRequests(kinds: readonly RequestKind[]): void {
  describe.each(kinds)('$name', (kind) => {
    const cases = REQUEST_FAULTS.filter(({ on }) => on.includes(kind.operation)).flatMap((fault) =>
      fault.times.map((times) => [`${fault.name}, ${timesOf(times)}`, fault, times] as const),
    );
    test.concurrent.each(cases)('%s', (name, fault, times) => testOne(kind, { name, fault, times }));
  });
}

interface RequestCase {
  readonly name: string;
  readonly fault: RequestFault;
  readonly times: number;
}

/** The name of the case is its seed: what it draws is the same each time. */
async function testOne(kind: RequestKind, { name, fault, times }: RequestCase): Promise<void> {
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
}

function expectedOf(kind: RequestKind, fault: RequestFault, times: number): Expected {
  if (times < Infinity) return { kind: 'whole' };
  const reason = kind.operation === 'head' ? (fault.headReason ?? fault.reason) : fault.reason;
  return kind.loses === undefined ? { kind: 'refused', reason } : { kind: 'without', key: kind.loses, reason };
}

function timesOf(times: number): string {
  if (times === Infinity) return 'for ever';
  return times === 1 ? 'once' : `${times} times`;
}
