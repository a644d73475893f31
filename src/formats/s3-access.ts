import type { LogFormat } from './log-format.js';
import { presentSql } from './present-sql.js';

const present = (field: string) => presentSql(`"${field}"`, '-');

/**
 * S3 server access logs, as lines of text or as JSON with the names of Athena's documentation.
 * There is no event id: the keys that one multi-object delete removes are logged each in a line of its own, and all of
 * these lines carry the one request's id (the same holds for a copy's two lines), so it does not tell records apart.
 */
export const S3_ACCESS: LogFormat = {
  name: 's3-access',
  summary: 'S3 server access logs',
  signatures: [{ all: ['bucket_owner', 'bucket', 'operation', 'request_uri'] }],
  fields: {
    bucket_owner: 'text',
    bucket: 'text',
    time: 'timestamp',
    remote_ip: 'text',
    requester: 'text',
    request_id: 'text',
    operation: 'text',
    key: 'text',
    request_uri: 'text',
    http_status: 'integer',
    error_code: 'text',
    bytes_sent: 'integer',
    object_size: 'integer',
    total_time: 'integer',
    turn_around_time: 'integer',
    referrer: 'text',
    user_agent: 'text',
    version_id: 'text',
    host_id: 'text',
    signature_version: 'text',
    cipher_suite: 'text',
    authentication_type: 'text',
    host_header: 'text',
    tls_version: 'text',
    access_point_arn: 'text',
    acl_required: 'text',
    source_region: 'text',
  },
  aliases: {
    bucketowner: 'bucket_owner',
    bucket_name: 'bucket',
    requestdatetime: 'time',
    remoteip: 'remote_ip',
    requestid: 'request_id',
    httpstatus: 'http_status',
    errorcode: 'error_code',
    bytessent: 'bytes_sent',
    objectsize: 'object_size',
    totaltime: 'total_time',
    turnaroundtime: 'turn_around_time',
    useragent: 'user_agent',
    versionid: 'version_id',
    hostid: 'host_id',
    sigv: 'signature_version',
    ciphersuite: 'cipher_suite',
    authtype: 'authentication_type',
    endpoint: 'host_header',
    tlsversion: 'tls_version',
    accesspointarn: 'access_point_arn',
    aclrequired: 'acl_required',
  },
  spellings: {
    time: 'web-server',
    http_status: 'quoted',
    bytes_sent: 'quoted',
    object_size: 'quoted',
    total_time: 'quoted',
    turn_around_time: 'quoted',
  },
  columns: {
    timestamp: '"time"',
    service: `'s3'`,
    operation: present('operation'),
    principal: present('requester'),
    source_ip: present('remote_ip'),
    user_agent: present('user_agent'),
    status_code: '"http_status"',
    error_code: present('error_code'),
    duration_ms: '"total_time"',
    response_bytes: '"bytes_sent"',
    request: `json_object('bucket', ${present('bucket')}, 'key', ${present('key')}, 'uri', ${present('request_uri')})`,
  },
};

const FIELDS = Object.keys(S3_ACCESS.fields);

const HEAD =
  /^(\S+) (\S+) \[(\d{2}\/[A-Za-z]{3}\/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4})\] (\S+) (\S+) (\S+) ([A-Z0-9]+\.[\w.-]+) (\S+) /i;
const COUNTS = / (\d{3}|-) (\S+) (\d+|-) (\d+|-) (\d+|-) (\d+|-)(?= |$)/y;

/**
 * Splits one line of an S3 server access log into the fields of {@link S3_ACCESS}; `-` is null, fields that the line does
 * not have are left out, fields beyond the known ones are `field_28` and so on. Gives undefined for a line of another kind.
 * Quotes inside quoted fields are not escaped: the request URI ends where the six fields after it follow, the user agent
 * ends at the last quote of the line. Time grows with the length of the line only.
 */
export function parseS3AccessLine(line: string): Record<string, string | null> | undefined {
  const text = line.trim();
  const head = HEAD.exec(text);
  if (head === null) return undefined;
  const uri = requestUri(text, head[0].length);
  if (uri === undefined) return undefined;
  const caller = callerAndTail(text.slice(uri.end).trimStart());
  if (caller === undefined) return undefined;
  const values = [...head.slice(1), uri.value, ...uri.counts, ...caller];
  return Object.fromEntries(values.map((value, i) => [FIELDS[i] ?? `field_${i + 1}`, value === '-' ? null : value]));
}

interface RequestUri {
  readonly value: string;
  /** Status to turn-around time: the six fields after the URI. */
  readonly counts: readonly string[];
  readonly end: number;
}

/** A URI holds no blanks of its own besides the two of `GET /key HTTP/1.1`, so the first fitting end is the right one. */
function requestUri(text: string, start: number): RequestUri | undefined {
  if (text[start] !== '"') return text[start] === '-' ? uriEndingAt(text, start, start + 1) : undefined;
  for (let close = text.indexOf('" ', start + 1); close !== -1; close = text.indexOf('" ', close + 1)) {
    const uri = uriEndingAt(text, start + 1, close);
    if (uri !== undefined) return { ...uri, end: COUNTS.lastIndex };
  }
  return undefined;
}

function uriEndingAt(text: string, start: number, end: number): RequestUri | undefined {
  COUNTS.lastIndex = text[end] === '"' ? end + 1 : end;
  const counts = COUNTS.exec(text);
  return counts === null
    ? undefined
    : { value: text.slice(start, end), counts: counts.slice(1), end: COUNTS.lastIndex };
}

/** Referrer, user agent and the unquoted fields after them, in order; each of the first two may be a bare `-`. */
function callerAndTail(text: string): readonly string[] | undefined {
  const lastQuote = text.lastIndexOf('"');
  const words = text
    .slice(lastQuote + 1)
    .split(' ')
    .filter((word) => word !== '');
  if (lastQuote === -1) return words;
  if (text.startsWith('- "')) return ['-', text.slice(3, lastQuote), ...words];
  if (!text.startsWith('"')) return undefined;
  const between = text.indexOf('" "');
  if (between === -1) return [text.slice(1, lastQuote), ...words];
  const isCut = between === lastQuote - 2;
  if (isCut) return [text.slice(1, between), text.slice(lastQuote + 1)];
  return [text.slice(1, between), text.slice(between + 3, lastQuote), ...words];
}
