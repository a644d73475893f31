import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ApiCall } from './duckdb-engine.js';

const DATA = new URL('../../../shared/data/', import.meta.url);

/** Why the tests on real logs cannot run here, or undefined where they can. */
export const REAL_LOGS_ABSENT = existsSync(DATA)
  ? undefined
  : 'the real logs (../shared/data) are not beside the checkout';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export interface CloudTrailRecord {
  readonly [key: string]: Json;
}

/** The records of every `.json` file below a folder of the real logs, in the order of their paths. */
export function readRecords(folder: string): readonly CloudTrailRecord[] {
  const root = fileURLToPath(new URL(folder, DATA));
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json'))
    .sort()
    .flatMap((file) => {
      const parsed = JSON.parse(readFileSync(`${root}/${file}`, 'utf8')) as Json;
      const records = Array.isArray(parsed) ? parsed : (parsed as { Records: Json[] }).Records;
      return records as unknown as CloudTrailRecord[];
    });
}

/** A CloudTrail record as a row of `api_calls`. */
export function projectCloudTrail(record: CloudTrailRecord): ApiCall {
  const identity = (record['userIdentity'] ?? {}) as Record<string, Json>;
  const key = text(identity['accessKeyId']);
  const document = (value: Json | undefined): string | null =>
    value === undefined || value === null ? null : JSON.stringify(value);
  return {
    timestamp: text(record['eventTime'])?.replace('Z', '') ?? null,
    event_id: text(record['eventID']),
    session_id: key?.startsWith('ASIA') ? key : null,
    account_id: text(record['recipientAccountId']) ?? text(identity['accountId']),
    region: text(record['awsRegion']),
    service: text(record['eventSource'])?.replace('.amazonaws.com', '') ?? null,
    operation: text(record['eventName']),
    principal:
      text(identity['arn']) ??
      text(identity['invokedBy']) ??
      text(identity['principalId']) ??
      text(identity['userName']),
    source_ip: text(record['sourceIPAddress']),
    user_agent: text(record['userAgent']),
    error_code: text(record['errorCode']),
    error_message: text(record['errorMessage']),
    request: document(record['requestParameters']),
    response: document(record['responseElements']),
    log_format: 'cloudtrail',
  };
}

function text(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
