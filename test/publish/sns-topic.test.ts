import { expect, test } from 'vitest';
import { UserError } from '../../src/errors.js';
import { parseTopic } from '../../src/publish/sns-topic.js';

test.each([
  ['sns:arn:aws:sns:eu-central-1:123456789012:reports', 'eu-central-1', false],
  ['arn:aws-cn:sns:cn-north-1:123456789012:a_b-c', 'cn-north-1', false],
  ['sns:arn:aws:sns:us-east-1:123456789012:ordered.fifo', 'us-east-1', true],
])('%s', (text, region, isFifo) =>
  expect(parseTopic(text)).toEqual({
    arn: text.replace('sns:', text.startsWith('sns:') ? '' : 'sns:'),
    region,
    isFifo,
  }),
);

test.each([
  '',
  'sns:',
  'reports',
  'sns:arn:aws:sqs:us-east-1:123456789012:reports',
  'sns:arn:aws:sns:us-east-1:12345:reports',
  'sns:arn:aws:sns:us-east-1:123456789012:a b',
])('%j is no topic', (text) => expect(() => parseTopic(text)).toThrow(UserError));
