import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { API_CALL_COLUMNS } from '../../src/formats/api-call-columns.js';
import type { ApiCallColumn } from '../../src/formats/api-call-columns.js';
import { CLOUDTRAIL } from '../../src/formats/cloudtrail.js';
import { detectFormat } from '../../src/formats/format-catalog.js';
import { projectionSql } from '../../src/formats/projection-sql.js';
import { openDuckDb, rowsOf, stage } from './duckdb-session.js';

const DATA = fileURLToPath(new URL('../../../shared/data/', import.meta.url));

/** Folders of real records, with the number of records in them. */
const SETS: readonly (readonly [string, number])[] = [
  ['invictus-aws-dataset', 2900],
  ['stratus-red-team', 310],
  ['umccr-cloudtrail-parquet-lambda/test_input/AWSLogs', 185],
  ['umccr-cloudtrail-parquet-lambda/test_input/examples', 21],
  ['grycap-cloudtrail-tracker', 142],
];

interface Event {
  readonly [key: string]: unknown;
  readonly userIdentity?: Readonly<Record<string, unknown>> | null;
}

describe.skipIf(!existsSync(DATA)).each(SETS)('real records of %s (needs ../shared)', (folder, count) => {
  test('every record is detected and projected as plain JavaScript does', async () => {
    const events = readEvents(join(DATA, folder)).filter(({ eventSource }) => eventSource !== 'aws:s3');
    expect(events.length).toBe(count);
    for (const event of events) {
      expect(detectFormat(Object.keys(event))).toEqual({ kind: 'format', format: CLOUDTRAIL });
    }
    const connection = await openDuckDb();
    await stage(connection, CLOUDTRAIL, events);
    const columns = projectionSql(CLOUDTRAIL, { columns: Object.keys(API_CALL_COLUMNS) as ApiCallColumn[] });
    const rows = await rowsOf(connection, `SELECT ${columns.join(', ')} FROM staged`);
    expect(rows).toEqual(events.map(expectedRow));
    const dropped = await rowsOf(connection, `SELECT count(*) AS n FROM staged WHERE ${CLOUDTRAIL.drop?.when ?? ''}`);
    expect(dropped).toEqual([{ n: '0' }]);
  });
});

function expectedRow(event: Event) {
  const who = event.userIdentity ?? {};
  const key = text(who['accessKeyId']);
  return {
    timestamp: (text(event['eventTime']) ?? '').replace('T', ' ').replace('Z', ''),
    event_id: text(event['eventID']),
    session_id: key?.startsWith('ASIA') === true ? key : null,
    account_id: text(event['recipientAccountId']) ?? text(who['accountId']),
    region: text(event['awsRegion']),
    service: text(event['eventSource'])?.replace('.amazonaws.com', '') ?? null,
    operation: text(event['eventName']),
    principal: text(who['arn']) ?? text(who['invokedBy']) ?? text(who['principalId']) ?? text(who['userName']),
    source_ip: text(event['sourceIPAddress']),
    user_agent: text(event['userAgent']),
    status_code: null,
    error_code: text(event['errorCode']),
    error_message: text(event['errorMessage']),
    duration_ms: null,
    request_bytes: null,
    response_bytes: null,
    request: json(event['requestParameters']),
    response: json(event['responseElements']),
    calls: '1',
  };
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' && value !== 'HIDDEN_DUE_TO_SECURITY_REASONS' ? value : null;
}

function json(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}

function readEvents(folder: string): Event[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.json(\.gz)?$/.test(name) && !name.endsWith('query.json'))
    .flatMap((name) => {
      const bytes = readFileSync(join(folder, name));
      const body = JSON.parse((name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')) as
        Event[] | { Records: Event[] };
      return Array.isArray(body) ? body : body.Records;
    });
}
