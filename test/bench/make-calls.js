// Recorded calls out of a number: call i is the same wherever and whenever it is made, so that a call can be delivered
// twice without being kept, and the right answer can be counted while the files are written.
import { mix, uuid } from './make-chance.js';

const START = Date.parse('2026-06-01T00:00:00Z');
const CALLS_PER_SESSION_BLOCK = 800;
const SESSIONS_PER_BLOCK = 4;

const USER_AGENTS = [
  'aws-cli/2.31.4 md/awscrt#0.27.6 lang/python#3.13.7',
  'Boto3/1.40.44 md/Botocore#1.40.44 lang/python#3.12.11',
  'aws-sdk-js/3.901.0 lang/js md/nodejs#22.20.0',
];

/** service, operation, weight out of about 1,000, request and response with `#` for a number. */
const OPERATIONS = [
  ['s3', 'GetObject', 190, { Bucket: 'bucket-#', Key: 'data/part-#.json' }, { ContentLength: 4096 }],
  ['s3', 'PutObject', 130, { Bucket: 'bucket-#', Key: 'data/part-#.json' }, { ETag: '"9b2cf535f27731c9"' }],
  ['s3', 'ListObjectsV2', 70, { Bucket: 'bucket-#', Prefix: 'data/' }, { KeyCount: 17, IsTruncated: false }],
  ['s3', 'HeadObject', 60, { Bucket: 'bucket-#', Key: 'data/part-#.json' }, null],
  ['s3', 'DeleteObject', 25, { Bucket: 'bucket-#', Key: 'data/part-#.json' }, null],
  ['s3', 'CreateBucket', 7, { Bucket: 'bucket-#' }, { Location: '/bucket-#' }],
  ['dynamodb', 'PutItem', 95, { TableName: 'table-#', Item: { id: { S: 'item-#' } } }, {}],
  ['dynamodb', 'GetItem', 85, { TableName: 'table-#', Key: { id: { S: 'item-#' } } }, { Item: {} }],
  ['dynamodb', 'Query', 45, { TableName: 'table-#', KeyConditionExpression: 'id = :id' }, { Count: 3 }],
  ['dynamodb', 'UpdateItem', 35, { TableName: 'table-#', Key: { id: { S: 'item-#' } } }, {}],
  ['dynamodb', 'CreateTable', 6, { TableName: 'table-#', BillingMode: 'PAY_PER_REQUEST' }, {}],
  ['dynamodb', 'DescribeTable', 13, { TableName: 'table-#' }, { Table: { TableStatus: 'ACTIVE' } }],
  ['sqs', 'SendMessage', 60, { QueueUrl: 'http://sqs.localhost:4566/000000000000/queue-#' }, { MessageId: '#' }],
  ['sqs', 'ReceiveMessage', 55, { QueueUrl: 'http://sqs.localhost:4566/000000000000/queue-#' }, { Messages: [] }],
  ['sqs', 'DeleteMessage', 22, { QueueUrl: 'http://sqs.localhost:4566/000000000000/queue-#' }, null],
  ['sqs', 'CreateQueue', 5, { QueueName: 'queue-#' }, { QueueUrl: 'queue-#' }],
  ['lambda', 'Invoke', 30, { FunctionName: 'function-#', InvocationType: 'Event' }, { StatusCode: 202 }],
  ['lambda', 'GetFunction', 12, { FunctionName: 'function-#' }, {}],
  ['lambda', 'CreateFunction', 4, { FunctionName: 'function-#', Runtime: 'nodejs22.x' }, {}],
  ['sts', 'GetCallerIdentity', 18, {}, { Account: '000000000000' }],
  ['sts', 'AssumeRole', 9, { RoleArn: 'arn:aws:iam::000000000000:role/role-#' }, {}],
  ['iam', 'CreateRole', 3, { RoleName: 'role-#' }, {}],
  ['iam', 'GetRole', 8, { RoleName: 'role-#' }, {}],
  ['sns', 'Publish', 10, { TopicArn: 'arn:aws:sns:us-east-1:000000000000:topic-#' }, { MessageId: '#' }],
  ['cloudformation', 'DescribeStacks', 2, { StackName: 'stack-#' }, {}],
  ['logs', 'PutLogEvents', 1, { logGroupName: 'group-#' }, {}],
];

const FAILURES = { s3: [404, 'NoSuchKey'], dynamodb: [400, 'ConditionalCheckFailedException'] };
const OTHER_FAILURE = [400, 'ResourceNotFoundException'];

const PREPARED = OPERATIONS.map(([service, operation, , request, response]) => ({
  service,
  operation,
  head: `"service":"${service}","operation":"${operation}","region":"us-east-1","request":`,
  request: JSON.stringify(JSON.stringify(request)).split('#'),
  response: `,"response":${JSON.stringify(JSON.stringify(response))}`,
  failure: failureOf(service),
}));

const BY_CHANCE = OPERATIONS.flatMap(([, , weight], index) => new Array(weight).fill(index));
const AGENT_TEXTS = USER_AGENTS.map((agent) => `,"user_agent":${JSON.stringify(agent)}}\n`);

/** What a question needs to know about call i. */
export function describeCall(i) {
  const chance = mix(i + 1);
  const prepared = PREPARED[BY_CHANCE[chance % BY_CHANCE.length]];
  return {
    service: prepared.service,
    operation: prepared.operation,
    prepared,
    session: Math.floor(i / CALLS_PER_SESSION_BLOCK) * SESSIONS_PER_BLOCK + ((chance >>> 29) % SESSIONS_PER_BLOCK),
    fails: (chance >>> 8) % 40 === 0,
    chance,
  };
}

/** Call i as one line of JSON, made at `hour` hours after the start. `withId` adds what later writers give. */
export function writeCall(i, { prepared, session, fails, chance }, { hour, withId }) {
  const seconds = String((chance >>> 4) % 3600);
  const request = prepared.request.join(String(chance % 997));
  const id = withId ? `{"event_id":"${uuid(i, 7)}","account_id":"000000000000",` : '{';
  const outcome = fails ? prepared.failure : `${prepared.response},"status_code":200,"err_type":null,"err_msg":null`;
  const time = `${hourText(hour)}:${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`;
  return `${id}"timestamp":"${time}","session_id":"${uuid(session, 3)}",${prepared.head}${request}${outcome}${AGENT_TEXTS[session % 3]}`;
}

/** `2026-06-01T00`: the hour so many hours after the start. */
export function hourText(hour) {
  if (hour !== hourText.last) {
    hourText.last = hour;
    hourText.text = new Date(START + hour * 3_600_000).toISOString().slice(0, 13);
  }
  return hourText.text;
}

function failureOf(service) {
  const [status, type] = FAILURES[service] ?? OTHER_FAILURE;
  return `,"response":"null","status_code":${status},"err_type":"${type}","err_msg":"The request failed"`;
}

function two(number) {
  return number < 10 ? `0${number}` : String(number);
}
