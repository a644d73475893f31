import type { Value } from '../../src/engines/engine.js';
import type { ApiCall } from './duckdb-engine.js';

type Answer = Record<string, Value>[];

/** The canned questions answered without SQL, for UTC and the default parameters but where told otherwise. */
export const PLAIN_ANSWERS: Readonly<Record<string, (calls: readonly ApiCall[]) => Answer>> = {
  'sessions-per-day': (calls) =>
    sorted(
      groups(calls, (call) => [call.timestamp === null ? null : day(call)]).map(([[date = null], of]) => ({
        date,
        number_of_sessions: different(of, 'session_id'),
        calls: weight(of),
      })),
      ['date'],
    ),
  'top-operations': (calls) =>
    sorted(
      groups(calls, by('service', 'operation')).map(([[service = null, operation = null], of]) => ({
        service,
        operation,
        number_of_sessions: different(of, 'session_id'),
        calls: weight(of),
        errors: weight(of.filter(failed)),
      })),
      ['-number_of_sessions', '-calls', 'service', 'operation'],
    ),
  services: (calls) =>
    sorted(
      groups(calls, by('service')).map(([[service = null], of]) => ({
        service,
        operations: different(of, 'operation'),
        number_of_sessions: different(of, 'session_id'),
        calls: weight(of),
        errors: weight(of.filter(failed)),
      })),
      ['-number_of_sessions', '-calls', 'service'],
    ),
  'calls-over-time': (calls) => {
    const counted = new Map(
      groups(
        calls.filter((call) => call.timestamp !== null),
        (call) => [day(call)],
      ).map(([[date], of]) => [date, of]),
    );
    const days = [...counted.keys()].map((date) => Date.parse(`${date}T00:00:00Z`));
    const answer: Answer = [];
    for (let at = Math.min(...days); at <= Math.max(...days); at += 86_400_000) {
      const of = counted.get(new Date(at).toISOString().slice(0, 10)) ?? [];
      answer.push(periodRow(new Date(at).toISOString().replace('.000', ''), of));
    }
    const undated = calls.filter((call) => call.timestamp === null);
    return undated.length === 0 ? answer : [...answer, periodRow(null, undated)];
  },
  errors: (calls) =>
    sorted(
      groups(calls.filter(failed), by('service', 'operation', 'error_code')).map(
        ([[service = null, operation = null, error_code = null], of]) => ({
          service,
          operation,
          error_code,
          calls: weight(of),
          number_of_sessions: different(of, 'session_id'),
          first_seen: edge(of, 'timestamp', -1),
          last_seen: edge(of, 'timestamp', 1),
          example_message: edge(of, 'error_message', -1),
        }),
      ),
      ['-calls', 'service', 'operation', 'error_code'],
    ),
  principals: (calls) =>
    sorted(
      groups(calls, by('principal')).map(([[principal = null], of]) => ({
        principal,
        operations: different(of, 'operation'),
        calls: weight(of),
        errors: weight(of.filter(failed)),
        first_seen: edge(of, 'timestamp', -1),
        last_seen: edge(of, 'timestamp', 1),
      })),
      ['-calls', 'principal'],
    ),
  regions: (calls) =>
    sorted(
      groups(calls, by('account_id', 'region')).map(([[account_id = null, region = null], of]) => ({
        account_id,
        region,
        calls: weight(of),
        errors: weight(of.filter(failed)),
      })),
      ['-calls', 'account_id', 'region'],
    ),
  'user-agents': (calls) =>
    sorted(
      groups(calls, by('user_agent')).map(([[user_agent = null], of]) => ({
        user_agent,
        number_of_sessions: different(of, 'session_id'),
        calls: weight(of),
      })),
      ['-number_of_sessions', '-calls', 'user_agent'],
    ),
  'first-seen': (calls) =>
    sorted(
      groups(calls, by('service', 'operation')).map(([[service = null, operation = null], of]) => ({
        service,
        operation,
        first_seen: edge(of, 'timestamp', -1),
        last_seen: edge(of, 'timestamp', 1),
        calls: weight(of),
      })),
      ['-first_seen', 'service', 'operation'],
    ),
  latency: (calls) =>
    sorted(
      groups(
        calls.filter((call) => call.duration_ms !== null),
        by('service', 'operation'),
      ).map(([[service = null, operation = null], of]) => {
        const durations = of
          .flatMap((call) => Array.from({ length: Number(call.calls) }, () => Number(call.duration_ms)))
          .sort((a, b) => a - b);
        const rank = (percent: number): number => durations[Math.ceil((percent * durations.length) / 100) - 1] ?? NaN;
        return {
          service,
          operation,
          calls: weight(of),
          p50_ms: rank(50),
          p90_ms: rank(90),
          p99_ms: rank(99),
          max_ms: rank(100),
        };
      }),
      ['-calls', 'service', 'operation'],
    ),
  's3-buckets': (calls) =>
    sorted(
      groups(
        calls.filter((call) => call.service === 's3' && bucketOf(call) !== null),
        (call) => [hour(call), bucketOf(call)],
      ).map(([[period = null, bucket = null], of]) => ({ period, bucket, calls: weight(of) })),
      ['period', 'bucket'],
    ),
  metering: (calls) =>
    sorted(
      groups(calls, (call) => [asText(call.principal), call.timestamp === null ? null : `${day(call)}T00:00:00Z`]).map(
        ([[principal = null, period = null], of]) => ({
          principal,
          period,
          requests: weight(of),
          request_bytes: bytes(of, 'request_bytes'),
          response_bytes: bytes(of, 'response_bytes'),
          errors: weight(of.filter(failed)),
        }),
      ),
      ['principal', 'period'],
    ),
  anomalies: (calls) => plainAnomalies(calls, 24, 3),
};

export function plainAnomalies(calls: readonly ApiCall[], window: number, sigma: number): Answer {
  const dated = calls.filter((call) => call.timestamp !== null);
  const hours = sorted(
    groups(dated, (call) => [hour(call)]).map(([[period = null], of]) => ({ period, calls: weight(of) })),
    ['period'],
  );
  return hours.map((row, index) => {
    const around = hours.slice(Math.max(0, index - window), index + 2).map((near) => Number(near['calls']));
    const mean = around.reduce((sum, count) => sum + count, 0) / around.length;
    const sd = Math.sqrt(around.reduce((sum, count) => sum + (count - mean) ** 2, 0) / around.length);
    return { ...row, mean, sd, status: Number(row['calls']) > mean + sigma * sd + 1e-9 ? 'nok' : 'ok' };
  });
}

/** A row as the engine holds it: absent fields are null, `calls` is 1 where not given. */
export function complete(call: ApiCall): ApiCall {
  const empty = { timestamp: null, session_id: null, account_id: null, region: null, service: null, operation: null };
  const more = { principal: null, user_agent: null, status_code: null, error_code: null, error_message: null };
  return {
    ...empty,
    ...more,
    duration_ms: null,
    request_bytes: null,
    response_bytes: null,
    request: null,
    calls: 1,
    ...call,
  };
}

function periodRow(period: string | null, of: readonly ApiCall[]): Record<string, Value> {
  return {
    period,
    calls: weight(of),
    errors: weight(of.filter(failed)),
    number_of_sessions: different(of, 'session_id'),
  };
}

function groups(
  calls: readonly ApiCall[],
  keyOf: (call: ApiCall) => (string | null)[],
): (readonly [(string | null)[], ApiCall[]])[] {
  const found = new Map<string, [(string | null)[], ApiCall[]]>();
  for (const call of calls) {
    const key = keyOf(call);
    const group = found.get(JSON.stringify(key)) ?? [key, []];
    group[1].push(call);
    found.set(JSON.stringify(key), group);
  }
  return [...found.values()];
}

function by(...names: (keyof ApiCall)[]): (call: ApiCall) => (string | null)[] {
  return (call) => names.map((name) => asText(call[name]));
}

function asText(value: ApiCall[keyof ApiCall]): string | null {
  return value === null || value === undefined ? null : String(value);
}

function failed(call: ApiCall): boolean {
  return call.error_code !== null || Number(call.status_code ?? 0) >= 400;
}

function weight(calls: readonly ApiCall[]): bigint {
  return calls.reduce((sum, call) => sum + BigInt(call.calls ?? 1), 0n);
}

function bytes(calls: readonly ApiCall[], name: 'request_bytes' | 'response_bytes'): bigint | null {
  const known = calls.filter((call) => call[name] !== null);
  if (known.length === 0) return null;
  return known.reduce((sum, call) => sum + BigInt(call.calls ?? 1) * BigInt(call[name] ?? 0), 0n);
}

function different(calls: readonly ApiCall[], name: keyof ApiCall): bigint {
  return BigInt(new Set(calls.map((call) => call[name]).filter((value) => value !== null)).size);
}

function edge(calls: readonly ApiCall[], name: 'timestamp' | 'error_message', direction: 1 | -1): string | null {
  const values = calls.map((call) => asText(call[name])).filter((value) => value !== null);
  const ordered = values.sort((a, b) => direction * (a < b ? 1 : a > b ? -1 : 0));
  const value = ordered[0] ?? null;
  return name === 'timestamp' && value !== null ? `${value}Z` : value;
}

function day(call: ApiCall): string {
  return String(call.timestamp).slice(0, 10);
}

function hour(call: ApiCall): string | null {
  return call.timestamp === null ? null : `${String(call.timestamp).slice(0, 13)}:00:00Z`;
}

function bucketOf(call: ApiCall): string | null {
  const request = JSON.parse(String(call.request ?? 'null')) as Record<string, string> | null;
  return request?.['Bucket'] ?? request?.['bucketName'] ?? null;
}

/** Sorts by keys, `-` before one for descending; NULL is last either way. */
function sorted(answer: Answer, keys: readonly string[]): Answer {
  return answer.sort((a, b) => {
    for (const key of keys) {
      const name = key.replace('-', '');
      const order = compare(a[name] ?? null, b[name] ?? null, key.startsWith('-') ? -1 : 1);
      if (order !== 0) return order;
    }
    return 0;
  });
}

function compare(a: Value, b: Value, direction: 1 | -1): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return a < b ? -direction : direction;
}
