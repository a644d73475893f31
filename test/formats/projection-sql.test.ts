import { beforeAll, describe, expect, test } from 'vitest';
import type { DuckDBConnection } from '@duckdb/node-api';
import { API_CALL_COLUMNS } from '../../src/formats/api-call-columns.js';
import type { ApiCallColumn } from '../../src/formats/api-call-columns.js';
import { API_CALL } from '../../src/formats/api-call.js';
import { API_CALL_EVENT } from '../../src/formats/api-call-event.js';
import { APIGATEWAY } from '../../src/formats/apigateway.js';
import { APP_EVENT, MEDIA_EVENT } from '../../src/formats/app-event.js';
import { CLOUDTRAIL } from '../../src/formats/cloudtrail.js';
import { LOG_FORMATS } from '../../src/formats/format-catalog.js';
import type { LogFormat } from '../../src/formats/log-format.js';
import { mayHaveEventId, neededFields, projectionSql } from '../../src/formats/projection-sql.js';
import { parseS3AccessLine, S3_ACCESS } from '../../src/formats/s3-access.js';
import { WEB_LOG } from '../../src/formats/web-log.js';
import { openDuckDb, rowsOf, stage } from './duckdb-session.js';
import type { Cell } from './duckdb-session.js';

const COLUMNS = Object.keys(API_CALL_COLUMNS) as ApiCallColumn[];

let connection: DuckDBConnection;
beforeAll(async () => {
  connection = await openDuckDb();
});

/** The projected rows, without the columns that are NULL or where `calls` is 1. */
async function project(format: LogFormat, records: readonly object[]): Promise<Record<string, Cell>[]> {
  await stage(connection, format, records);
  const from = format.rows === undefined ? 'staged' : `staged, ${format.rows}`;
  const where = format.drop === undefined ? 'true' : `(${format.drop.when}) IS NOT TRUE`;
  const rows = await rowsOf(
    connection,
    `SELECT ${projectionSql(format, { columns: COLUMNS }).join(', ')} FROM ${from} WHERE ${where}`,
  );
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).filter(([name, value]) => value !== null && !(name === 'calls' && value === '1')),
    ),
  );
}

const j = JSON.stringify;

const CASES: readonly (readonly [string, LogFormat, object, object])[] = [
  [
    'api-call, everything',
    API_CALL,
    {
      timestamp: '2023-01-10T06:15:01',
      session_id: 'sess',
      event_id: 'e1',
      request_id: 'r1',
      account_id: '000000000000',
      service: 'S3',
      operation: 'CreateBucket',
      region: 'us-east-1',
      status_code: 409,
      user_agent: 'boto',
      request: '{"Bucket": "b", "n": 1.10}',
      response: '{}',
      err_type: 'BucketExists',
      err_msg: 'no',
      duration_ms: 1.5,
    },
    {
      timestamp: '2023-01-10 06:15:01',
      session_id: 'sess',
      event_id: 'e1',
      account_id: '000000000000',
      service: 's3',
      operation: 'CreateBucket',
      region: 'us-east-1',
      status_code: 409,
      user_agent: 'boto',
      request: '{"Bucket": "b", "n": 1.10}',
      response: '{}',
      error_code: 'BucketExists',
      error_message: 'no',
      duration_ms: 1.5,
    },
  ],
  [
    'api-call, absent values',
    API_CALL,
    {
      timestamp: '2023-01-10T06:15:01Z',
      session_id: '',
      request_id: 'r1',
      service: 'sqs',
      operation: 'X',
      status_code: '200',
      user_agent: null,
      request: 'null',
      response: '',
      err_type: '',
      err_msg: null,
    },
    { timestamp: '2023-01-10 06:15:01', event_id: 'r1', service: 'sqs', operation: 'X', status_code: 200 },
  ],
  [
    'api-call, request as an object and a status that is no integer',
    API_CALL,
    { timestamp: 1673331301.5, service: 'sqs', operation: 'X', status_code: 200.5, request: { a: [1] } },
    { timestamp: '2023-01-10 06:15:01.5', service: 'sqs', operation: 'X', request: '{"a":[1]}' },
  ],
  [
    'aws_request',
    API_CALL_EVENT,
    {
      name: 'aws_request',
      metadata: { session_id: 's', client_time: '2022-06-01 10:00:00.123456' },
      payload: {
        service: 'sqs',
        operation: 'CreateQueue',
        status_code: 400,
        err_type: 'QueueExists',
        err_msg: 'm',
        is_internal: false,
        region: 'eu-west-1',
        account_id: '000000000000',
        user_agent: 'ua',
      },
    },
    {
      timestamp: '2022-06-01 10:00:00.123456',
      session_id: 's',
      service: 'sqs',
      operation: 'CreateQueue',
      status_code: 400,
      error_code: 'QueueExists',
      error_message: 'm',
      region: 'eu-west-1',
      account_id: '000000000000',
      user_agent: 'ua',
    },
  ],
  [
    'cloudtrail, everything',
    CLOUDTRAIL,
    {
      eventVersion: '1.08',
      userIdentity: {
        type: 'AssumedRole',
        principalId: 'P:s',
        arn: 'arn:aws:sts::1:assumed-role/r/s',
        accountId: '111111111111',
        accessKeyId: 'ASIAX',
      },
      eventTime: '2023-07-10T11:42:18Z',
      eventSource: 'ec2.amazonaws.com',
      eventName: 'RunInstances',
      awsRegion: 'us-east-1',
      sourceIPAddress: '1.2.3.4',
      userAgent: 'aws-cli',
      errorCode: 'Client.X',
      errorMessage: 'em',
      requestParameters: { a: 1 },
      responseElements: null,
      eventID: 'id1',
      recipientAccountId: '222222222222',
    },
    {
      timestamp: '2023-07-10 11:42:18',
      event_id: 'id1',
      session_id: 'ASIAX',
      account_id: '222222222222',
      region: 'us-east-1',
      service: 'ec2',
      operation: 'RunInstances',
      principal: 'arn:aws:sts::1:assumed-role/r/s',
      source_ip: '1.2.3.4',
      user_agent: 'aws-cli',
      error_code: 'Client.X',
      error_message: 'em',
      request: '{"a":1}',
    },
  ],
  [
    'cloudtrail, hidden and empty values',
    CLOUDTRAIL,
    {
      userIdentity: {
        arn: 'HIDDEN_DUE_TO_SECURITY_REASONS',
        principalId: '',
        userName: 'Alice',
        accessKeyId: 'AKIAX',
        accountId: '111111111111',
      },
      eventTime: '2023-07-10T11:42:18.123Z',
      eventSource: 'signin.amazonaws.com.cn',
      eventName: 'ConsoleLogin',
      sourceIPAddress: 'HIDDEN_DUE_TO_SECURITY_REASONS',
      userAgent: '',
      errorCode: '',
      requestParameters: 'HIDDEN_DUE_TO_SECURITY_REASONS',
      responseElements: '',
    },
    {
      timestamp: '2023-07-10 11:42:18.123',
      account_id: '111111111111',
      service: 'signin',
      operation: 'ConsoleLogin',
      principal: 'Alice',
    },
  ],
  [
    'cloudtrail, invokedBy before principalId, JSON in strings',
    CLOUDTRAIL,
    {
      userIdentity: { type: 'AWSService', invokedBy: 'cloudtrail.amazonaws.com', principalId: 'p' },
      eventTime: '2014-03-06T21:22:54Z',
      eventSource: 's3.amazonaws.com',
      eventName: 'GetBucketAcl',
      requestParameters: j({ b: 'x' }),
      responseElements: 'plain "words"',
    },
    {
      timestamp: '2014-03-06 21:22:54',
      service: 's3',
      operation: 'GetBucketAcl',
      principal: 'cloudtrail.amazonaws.com',
      request: '{"b":"x"}',
      response: '"plain \\"words\\""',
    },
  ],
  [
    'cloudtrail, next to nothing',
    CLOUDTRAIL,
    { eventSource: 'kms.amazonaws.com', eventName: 'Decrypt' },
    { service: 'kms', operation: 'Decrypt' },
  ],
  [
    'apigateway',
    APIGATEWAY,
    {
      requestId: 'r',
      extendedRequestId: 'x',
      ip: '1.1.1.1',
      user: 'u',
      caller: '-',
      requestTime: '10/Jan/2023:06:15:01 +0200',
      httpMethod: 'GET',
      resourcePath: '/pets/{id}',
      status: '404',
      protocol: 'HTTP/1.1',
      responseLength: '1234',
      responseLatency: 17,
      accountId: '-',
    },
    {
      timestamp: '2023-01-10 04:15:01',
      event_id: 'x',
      principal: 'u',
      source_ip: '1.1.1.1',
      service: 'execute-api',
      operation: 'GET /pets/{id}',
      status_code: 404,
      response_bytes: '1234',
      duration_ms: 17,
    },
  ],
  [
    'apigateway, snake case, epoch milliseconds, absent values',
    APIGATEWAY,
    {
      request_id: 'r',
      ip: '-',
      user: '-',
      request_time: 1673331301123,
      http_method: 'POST',
      resource_path: '-',
      routeKey: 'POST /pets',
      status: 200,
      response_length: '-',
    },
    { timestamp: '2023-01-10 06:15:01.123', service: 'execute-api', operation: 'POST /pets', status_code: 200 },
  ],
  [
    'apigateway, default route',
    APIGATEWAY,
    { requestTime: '-', requestTimeEpoch: '1673331301', httpMethod: 'GET', routeKey: '$default', status: 200 },
    { timestamp: '2023-01-10 06:15:01', service: 'execute-api', operation: 'GET $default', status_code: 200 },
  ],
  [
    'web-log',
    WEB_LOG,
    {
      userId: 'u',
      sessionId: 's',
      event: 'cart',
      referrer: null,
      userAgent: 'Mozilla',
      ip: '1.1.1.1',
      hostname: 'h',
      os: 'linux',
      timestamp: '2124-01-10T06:15:01Z',
      uri: '/a"b',
    },
    {
      timestamp: '2124-01-10 06:15:01',
      session_id: 's',
      service: 'web',
      operation: 'cart',
      principal: 'u',
      source_ip: '1.1.1.1',
      user_agent: 'Mozilla',
      request: j({ referrer: null, hostname: 'h', os: 'linux', uri: '/a"b' }),
    },
  ],
  [
    'app-event',
    APP_EVENT,
    {
      event_id: 'e',
      event_timestamp: '2023-01-10T06:15:01Z',
      event_type: 'login',
      event_version: '1',
      app_title: 'Shop',
      app_version: '2',
      user_id: 42,
      user_name: 'n',
      meta: { a: '<b>' },
      token_payload: {},
    },
    {
      timestamp: '2023-01-10 06:15:01',
      event_id: 'e',
      service: 'shop',
      operation: 'login',
      principal: '42',
      request: '{"a":"<b>"}',
    },
  ],
  [
    'media-event',
    MEDIA_EVENT,
    { id: 'i', userId: 'u', format: 'mp4', timestamp: 1673331301 },
    { timestamp: '2023-01-10 06:15:01', event_id: 'i', principal: 'u', operation: 'mp4', service: 'media' },
  ],
  ['media-event, the least', MEDIA_EVENT, { id: 1, userId: 2 }, { event_id: '1', principal: '2', service: 'media' }],
  [
    's3-access',
    S3_ACCESS,
    parseS3AccessLine(
      'own b1 [06/Feb/2019:00:00:38 +0000] 192.0.2.3 arn:x REQ REST.GET.OBJECT a/b.txt "GET /b1/a/b.txt?x="1" HTTP/1.1" 404 NoSuchKey 113 297 7 6 "-" "aws-cli" - h',
    ) ?? {},
    {
      timestamp: '2019-02-06 00:00:38',
      service: 's3',
      operation: 'REST.GET.OBJECT',
      principal: 'arn:x',
      source_ip: '192.0.2.3',
      user_agent: 'aws-cli',
      status_code: 404,
      error_code: 'NoSuchKey',
      duration_ms: 7,
      response_bytes: '113',
      request: j({ bucket: 'b1', key: 'a/b.txt', uri: 'GET /b1/a/b.txt?x="1" HTTP/1.1' }),
    },
  ],
];

describe('each format, projected', () => {
  test.each(CASES)('%s', async (_, format, record, expected) => {
    expect(await project(format, [record])).toEqual([expected]);
  });

  test('aws_request_agg gives a row for each entry, weighted', async () => {
    const rows = await project(API_CALL_EVENT, [
      {
        name: 'aws_request_agg',
        metadata: { session_id: 's', client_time: '2022-06-01 10:00:30' },
        payload: {
          period_start_time: '2022-06-01T10:00:00.5Z',
          period_end_time: '2022-06-01T10:00:15Z',
          api_calls: [
            { service: 'sns', operation: 'Publish', status_code: 200, count: 7 },
            { service: 'SQS', operation: 'CreateQueue', status_code: 400, err_type: 'QueueExists', count: 2 },
          ],
        },
      },
    ]);
    rows.sort((a, b) => String(a['service']).localeCompare(String(b['service'])));
    const common = { timestamp: '2022-06-01 10:00:00.5', session_id: 's' };
    expect(rows).toEqual([
      { ...common, service: 'sns', operation: 'Publish', status_code: 200, calls: '7' },
      { ...common, service: 'sqs', operation: 'CreateQueue', status_code: 400, error_code: 'QueueExists', calls: '2' },
    ]);
  });

  test('gateway events that are no calls are dropped', async () => {
    const metadata = { session_id: 's', client_time: '2022-06-01 10:00:30' };
    const payload = { service: 'sns', operation: 'Publish', status_code: 200 };
    const rows = await project(API_CALL_EVENT, [
      { name: 'aws_request', metadata, payload: { ...payload, is_internal: true } },
      { name: 'aws_request', metadata, payload: null },
      { name: 'aws_request_agg', metadata, payload: { api_calls: [] } },
      { name: 'aws_request_agg', metadata, payload: {} },
      { name: 'cli_cmd', metadata, payload },
      { name: 'aws_request', metadata, payload },
    ]);
    expect(rows.map(({ operation }) => operation)).toEqual(['Publish']);
  });

  test('aggregated and insight records are dropped, whatever they leave out', async () => {
    const rows = await project(CLOUDTRAIL, [
      {
        eventVersion: '1.0',
        eventCategory: 'Aggregated',
        eventId: 'a',
        eventSource: 's3.amazonaws.com',
        timeWindow: {},
        summary: {},
      },
      { eventVersion: '1.0', eventType: 'AwsAggregatedEvent', eventName: 'x' },
      { eventVersion: '1.09', eventCategory: 'Insight', insightDetails: {} },
      { eventVersion: '1.08', eventCategory: 'Management', eventSource: 'a.amazonaws.com', eventName: 'kept' },
      { eventVersion: '1.02', eventSource: 'a.amazonaws.com', eventName: 'kept too' },
    ]);
    expect(rows.map(({ operation }) => operation)).toEqual(['kept', 'kept too']);
  });

  test('text that DuckDB does not take for JSON costs its columns only', async () => {
    await stage(connection, CLOUDTRAIL, [
      { eventName: 'E', eventSource: 'x' },
      { eventName: 'F', eventSource: 'x', userIdentity: { arn: 'a' } },
    ]);
    await connection.run(
      `UPDATE staged SET "userIdentity" = '{"arn":"\\ud800"}', "requestParameters" = '"{bad' WHERE "eventName" = 'E'`,
    );
    const rows = await rowsOf(
      connection,
      `SELECT ${projectionSql(CLOUDTRAIL, { columns: COLUMNS }).join(', ')} FROM staged`,
    );
    expect(rows.map(({ operation, principal }) => [operation, principal])).toEqual([
      ['E', null],
      ['F', 'a'],
    ]);
  });
});

describe.each(LOG_FORMATS.map((format) => [format.name, format] as const))('%s', (_, format) => {
  test('gives each column its own type, in the asked order', async () => {
    await stage(connection, format, []);
    const from = format.rows === undefined ? 'staged' : `staged, ${format.rows}`;
    const shown = await rowsOf(
      connection,
      `DESCRIBE SELECT ${projectionSql(format, { columns: COLUMNS }).join(', ')} FROM ${from}`,
    );
    const expected = Object.entries(API_CALL_COLUMNS).filter(
      ([name]) => name !== 'log_format' && name !== 'object_key',
    );
    expect(shown.map(({ column_name, column_type }) => [column_name, column_type])).toEqual(expected);
    expect(
      projectionSql(format, { columns: ['object_key', 'service', 'timestamp'] }).map((sql) => sql.split(' AS ').at(-1)),
    ).toEqual(['"service"', '"timestamp"']);
  });

  test('has no event id without the fields by which mayHaveEventId tells', async () => {
    const idFields = Object.keys(format.fields).filter((field) => mayHaveEventId(format, (one) => one === field));
    const from = format.rows === undefined ? 'staged' : `staged, ${format.rows}`;
    const countIds = async (fields: readonly string[]): Promise<Cell | undefined> => {
      await stage(connection, format, []);
      const filled = [...fields, ...fieldsOfRows].map((field) => `"${field}"`).join(', ');
      const values = [...fields.map(() => `'text'`), ...fieldsOfRows.map(() => ROWS)].join(', ');
      await connection.run(`INSERT INTO staged (${filled}) VALUES (${values})`);
      const sql = `SELECT count(event_id)::INTEGER AS ids FROM (SELECT ${projectionSql(format, { columns: ['event_id'] }).join()} FROM ${from})`;
      return (await rowsOf(connection, sql))[0]?.['ids'];
    };
    const ROWS = `'{"api_calls":[{"count":1}]}'`;
    const fieldsOfRows = format.rows === undefined ? [] : ['payload'];
    const others = Object.keys(format.fields).filter((field) => ![...idFields, ...fieldsOfRows].includes(field));
    if (others.length > 0) expect(await countIds(others)).toBe(0);
    for (const field of idFields) expect(await countIds([field]), field).toBe(1);
    expect(mayHaveEventId(format, () => false)).toBe(false);
  });

  test('needs no field beyond neededFields, and each of them', async () => {
    for (const column of COLUMNS) {
      const fields = neededFields(format, [column]);
      const projected = projectionSql(format, { columns: [column] });
      const from = format.rows === undefined ? 'staged' : `staged, ${format.rows}`;
      const sql = `SELECT ${[...projected, '1'].join(', ')} FROM ${from} WHERE ${format.drop?.when ?? 'true'}`;
      await createStaged(fields);
      await rowsOf(connection, sql);
      // DuckDB knows "user" without a column of that name.
      for (const field of fields.filter((name) => name !== 'user')) {
        await createStaged(fields.filter((other) => other !== field));
        await expect(rowsOf(connection, sql), `${column} without ${field}`).rejects.toThrow(
          /not found|cannot be referenced/,
        );
      }
    }
  });
});

async function createStaged(fields: readonly string[]): Promise<void> {
  await connection.run(
    `CREATE OR REPLACE TABLE staged (${['zz_none', ...fields].map((field) => `"${field}" VARCHAR`).join(', ')})`,
  );
}
