import { expect, test } from 'vitest';
import { findEnvelope, findShipperEnvelope } from '../../src/records/envelopes.js';

test.each<[string, string[], string | undefined, string | undefined]>([
  ['lookup-events', ['EventId', 'EventName', 'CloudTrailEvent'], 'CloudTrailEvent', 'text'],
  ['EventBridge', ['version', 'id', 'detail-type', 'source', 'detail'], 'detail', 'object'],
  ['a detail of something else', ['id', 'detail'], undefined, undefined],
  ['SNS over HTTP', ['Type', 'MessageId', 'TopicArn', 'Message', 'Timestamp'], 'Message', 'text'],
  ['SNS in short', ['Type', 'MessageId', 'Message'], 'Message', 'text'],
  ['a message of a type', ['Type', 'Message'], undefined, undefined],
  ['a failed delivery', ['attemptsMade', 'arrivalTimestamp', 'errorCode', 'rawData'], 'rawData', 'base64'],
  [
    'a failed conversion',
    ['attemptEndingTimestamp', 'lastErrorCode', 'rawData', 'sequenceNumber'],
    'rawData',
    'base64',
  ],
  ['raw data alone', ['rawData'], undefined, undefined],
  ['a CloudWatch Logs event', ['id', 'timestamp', 'message'], 'message', 'text'],
  ['one with fields', ['id', 'timestamp', 'message', 'extractedFields', 'ingestionTime'], 'message', 'text'],
  ['a log line with a message', ['id', 'timestamp', 'message', 'level'], undefined, undefined],
  ['a shipper, inner', ['cloudtrail'], 'cloudtrail', 'object'],
  ['a shipper with more', ['cloudtrail', 'host'], undefined, undefined],
  ['a CloudTrail record', ['eventVersion', 'userIdentity', 'eventTime', 'eventID'], undefined, undefined],
  ['nothing', [], undefined, undefined],
])('%s', (_name, keys, field, wrapping) => {
  const found = findEnvelope(keys);
  expect([found?.field, found?.wrapping]).toEqual([field, wrapping]);
  expect(findEnvelope([...keys].reverse())?.field).toBe(field);
});

test.each([
  [['aws'], true],
  [['@timestamp', 'aws', 'host'], true],
  [['@timestamp', 'AWS'], false],
  [[], false],
])('%j may be of a shipper: %s', (keys, is) => {
  expect(findShipperEnvelope(keys)).toEqual(is ? { field: 'aws', wrapping: 'object' } : undefined);
});
