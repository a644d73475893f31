import { firstJsonValueSql, jsonContentSql } from './json-value-sql.js';
import type { FieldType, LogFormat } from './log-format.js';
import { HIDDEN, presentSql } from './present-sql.js';

const known = (expression: string) => presentSql(expression, HIDDEN);

/** Event records that services hand to functions share CloudTrail's keys; each has one of these besides. */
const NOT_CLOUDTRAIL = ['s3', 'dynamodb', 'kinesis', 'eventSourceARN'];

/** Versions 1.0 to 1.11 of the record contents, with insight and aggregated events, in the order of AWS's documentation. */
const FIELDS: Readonly<Record<string, FieldType>> = {
  eventVersion: 'text',
  userIdentity: 'json',
  eventTime: 'timestamp',
  eventSource: 'text',
  eventName: 'text',
  awsRegion: 'text',
  sourceIPAddress: 'text',
  userAgent: 'text',
  errorCode: 'text',
  errorMessage: 'text',
  requestParameters: 'json',
  responseElements: 'json',
  additionalEventData: 'json',
  requestID: 'text',
  eventID: 'text',
  readOnly: 'boolean',
  resources: 'json',
  eventType: 'text',
  apiVersion: 'text',
  managementEvent: 'boolean',
  recipientAccountId: 'text',
  sharedEventID: 'text',
  serviceEventDetails: 'json',
  vpcEndpointId: 'text',
  vpcEndpointAccountId: 'text',
  eventCategory: 'text',
  addendum: 'json',
  sessionCredentialFromConsole: 'text',
  edgeDeviceDetails: 'json',
  tlsDetails: 'json',
  eventContext: 'json',
  insightDetails: 'json',
  accountId: 'text',
  timeWindow: 'json',
  summary: 'json',
};

/** AWS CloudTrail records: one for each API call, sign-in or service event. */
export const CLOUDTRAIL: LogFormat = {
  name: 'cloudtrail',
  summary: 'AWS CloudTrail records',
  signatures: [
    { all: ['eventSource', 'eventName'], none: NOT_CLOUDTRAIL },
    { all: ['eventVersion', 'eventName'], none: NOT_CLOUDTRAIL },
    { all: ['eventName', 'userIdentity'], none: NOT_CLOUDTRAIL },
    { all: ['eventVersion', 'eventSource', 'userIdentity'], none: NOT_CLOUDTRAIL },
    {
      all: ['eventVersion', 'eventCategory'],
      any: ['eventID', 'timeWindow', 'insightDetails'],
      none: NOT_CLOUDTRAIL,
    },
  ],
  fields: FIELDS,
  // Aggregated events spell it so, and DuckDB's column names do not know upper from lower case.
  aliases: { eventId: 'eventID' },
  drop: {
    // An aggregated event counts calls once for each template that is switched on (by operation, by resource, by user), and
    // nothing in it tells whether the calls are also delivered one by one, so its count cannot be added to theirs.
    when: `"eventCategory" IN ('Aggregated', 'Insight') OR "eventType" IN ('AwsAggregatedEvent', 'AwsCloudTrailInsight')`,
    reason: 'CloudTrail aggregated or insight event: it summarises many calls',
  },
  columns: {
    timestamp: '"eventTime"',
    event_id: presentSql('"eventID"'),
    session_id: `nullif(system.main.regexp_extract(${firstJsonValueSql('"userIdentity"', ['$.accessKeyId'])}, '^ASIA.*$'), '')`,
    account_id: `coalesce(${known('"recipientAccountId"')}, ${firstJsonValueSql('"userIdentity"', ['$.accountId'])})`,
    region: known('"awsRegion"'),
    service: `lower(system.main.regexp_replace(${known('"eventSource"')}, '\\.amazonaws\\.com(?:\\.cn)?$', ''))`,
    operation: known('"eventName"'),
    principal: firstJsonValueSql('"userIdentity"', ['$.arn', '$.invokedBy', '$.principalId', '$.userName']),
    source_ip: known('"sourceIPAddress"'),
    user_agent: known('"userAgent"'),
    error_code: known('"errorCode"'),
    error_message: known('"errorMessage"'),
    request: jsonContentSql('"requestParameters"'),
    response: jsonContentSql('"responseElements"'),
  },
};
