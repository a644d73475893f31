import type { Value } from '../../src/engines/engine.js';
import { API_CALL_COLUMNS } from '../../src/formats/api-call-columns.js';

export type PlainRow = Record<string, Value>;
export type PlainRecord = Readonly<Record<string, unknown>>;

/** A row of `api_calls` with what is given; all else is NULL, and it is one call. */
export function plainRow(given: Readonly<Record<string, Value>>): PlainRow {
  const empty = Object.fromEntries(Object.keys(API_CALL_COLUMNS).map((name) => [name, null]));
  return { ...empty, calls: 1n, ...given };
}

/** What records of each format mean, worked out without SQL. */
export const PLAIN_ROWS: Readonly<Record<string, (record: PlainRecord) => PlainRow>> = {
  'api-call': (record) =>
    plainRow({
      timestamp: time(record['timestamp']),
      event_id: text(record['event_id']) ?? text(record['request_id']),
      session_id: text(record['session_id']),
      account_id: text(record['account_id']),
      region: text(record['region']),
      service: text(record['service'])?.toLowerCase() ?? null,
      operation: text(record['operation']),
      user_agent: text(record['user_agent']),
      status_code: integer(record['status_code']),
      error_code: text(record['err_type'], 'null'),
      error_message: text(record['err_msg'], 'null'),
      duration_ms: number(record['duration_ms']),
      request: text(record['request'], 'null'),
      response: text(record['response'], 'null'),
      log_format: 'api-call',
    }),
  apigateway: (record) => {
    const get = (camel: string): unknown =>
      record[camel] ?? record[camel.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)];
    return plainRow({
      timestamp: time(get('requestTime')),
      event_id: text(get('extendedRequestId'), '-'),
      service: 'execute-api',
      operation: `${String(get('httpMethod'))} ${String(get('resourcePath'))}`,
      principal: text(get('user'), '-'),
      source_ip: text(get('ip'), '-'),
      status_code: integer(get('status')),
      response_bytes: integer(get('responseLength')),
      log_format: 'apigateway',
    });
  },
  'web-log': (record) => {
    const get = (snake: string, camel: string): unknown => record[snake] ?? record[camel];
    const { referrer = null, hostname = null, os = null, uri = null } = record;
    return plainRow({
      timestamp: time(record['timestamp']),
      session_id: text(get('session_id', 'sessionId')),
      service: 'web',
      operation: text(record['event']),
      principal: text(get('user_id', 'userId')),
      source_ip: text(record['ip']),
      user_agent: text(get('user_agent', 'userAgent')),
      request: JSON.stringify({ referrer, hostname, os, uri }),
      log_format: 'web-log',
    });
  },
  'app-event': (record) =>
    plainRow({
      timestamp: time(record['event_timestamp']),
      event_id: text(record['event_id']),
      service: text(record['app_title'])?.toLowerCase() ?? null,
      operation: text(record['event_type']),
      principal: text(record['user_id']),
      request: record['meta'] === undefined || record['meta'] === null ? null : JSON.stringify(record['meta']),
      log_format: 'app-event',
    }),
  'media-event': (record) =>
    plainRow({
      timestamp: time(record['timestamp']),
      event_id: text(record['id']),
      service: 'media',
      operation: text(record['format']),
      principal: text(record['userId']),
      log_format: 'app-event',
    }),
};

/** One line of an S3 access log, cut at blanks outside of brackets and quotes; no value of these lines has a quote but the user agent. */
export function plainAccessRow(line: string): PlainRow {
  const fields = [...line.matchAll(/\[([^\]]*)\]|"((?:[^"]|"(?! |$))*(?:"quoted")?)"|(\S+)/g)].map(
    ([, bracket, quoted, word]) => bracket ?? quoted ?? word ?? '',
  );
  const at = (index: number): string | null => (fields[index] === '-' ? null : (fields[index] ?? null));
  const integer = (index: number): bigint | null => (at(index) === null ? null : BigInt(at(index) ?? 0));
  return plainRow({
    timestamp: time(at(2)),
    service: 's3',
    operation: at(6),
    principal: at(4),
    source_ip: at(3),
    user_agent: at(16),
    status_code: integer(9),
    error_code: at(10),
    duration_ms: at(13) === null ? null : Number(at(13)),
    response_bytes: integer(11),
    request: JSON.stringify({ bucket: at(1), key: at(7), uri: at(8) }),
    log_format: 's3-access',
  });
}

/** Text; other values as JSON; NULL for nothing, empty text and the marker that stands for nothing. */
export function text(value: unknown, marker = ''): string | null {
  if (value === undefined || value === null || value === '' || value === marker) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function integer(value: unknown): bigint | null {
  return /^-?\d+$/.test(String(value)) ? BigInt(String(value)) : null;
}

function number(value: unknown): number | null {
  return value === undefined || value === null ? null : Number(value);
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** UTC ISO text of an ISO time (without a zone: UTC), an epoch in seconds or milliseconds, or a web server's time. */
export function time(value: unknown): string | null {
  if (typeof value === 'number') return iso(value < 1e11 ? value * 1000 : value);
  if (typeof value !== 'string') return null;
  const log = /^(\d\d)\/(\w{3})\/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)$/.exec(value);
  if (log !== null) {
    const [, day, month = '', year, clock, hours, minutes] = log;
    const number = String(MONTHS.indexOf(month) + 1).padStart(2, '0');
    return iso(Date.parse(`${year}-${number}-${day}T${clock}${hours}:${minutes}`));
  }
  return iso(Date.parse(/Z$|[+-]\d\d:?\d\d$/.test(value) ? value : `${value.replace(' ', 'T')}Z`));
}

function iso(epochMs: number): string | null {
  return Number.isNaN(epochMs) ? null : new Date(epochMs).toISOString().replace(/\.?0*Z$/, 'Z');
}
