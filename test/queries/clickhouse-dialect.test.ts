import { describe, expect, test } from 'vitest';
import { AWS_API_CALLS_VIEW, quoteBackticks } from '../../src/queries/clickhouse-dialect.js';
import { collect, openEngine } from './duckdb-engine.js';

describe('backquoted names', () => {
  test.each([
    ['SELECT `a` FROM `b`', 'SELECT "a" FROM "b"'],
    ['`a``b`', '"a`b"'],
    ['`a\\`b`', '"a`b"'],
    ['`a"b`', '"a""b"'],
    ['` `', '" "'],
  ])('%s becomes %s', (sql, expected) => {
    expect(quoteBackticks(sql)).toBe(expected);
  });

  test.each([
    "'`a`'",
    "'it''s `a`'",
    "E'\\'`a`'",
    '"`a`"',
    '-- `a`',
    '/* `a` /* `b` */ `c` */',
    '$$ `a` $$',
    '$t$ $$ `a` $t$',
    '`open',
    "'open `a`",
    'select 1',
  ])('%s stays', (sql) => {
    expect(quoteBackticks(sql)).toBe(sql);
  });
});

describe('queries written for ClickHouse run as pasted', () => {
  const calls = [
    {
      timestamp: '2026-10-01T10:00:00',
      session_id: 'a',
      service: 's3',
      operation: 'GetObject',
      request: '{"Bucket":"b"}',
    },
    {
      timestamp: '2026-10-01T11:00:00',
      session_id: 'a',
      service: 's3',
      operation: 'GetObject',
      request: '{"Bucket":7}',
    },
    { timestamp: '2026-10-02T10:00:00', session_id: 'b', service: 's3', operation: 'ListBuckets', request: null },
    { timestamp: '2026-10-02T10:00:00', session_id: null, service: 'sqs', operation: 'ListQueues', request: '{}' },
  ];

  test.each([
    [
      'SELECT toDate(`timestamp`) as `date`, countDistinct(session_id) as number_of_sessions FROM aws_api_calls GROUP BY `date`',
      [
        { date: '2026-10-01', number_of_sessions: 1n },
        { date: '2026-10-02', number_of_sessions: 1n },
      ],
    ],
    [
      'SELECT service, operation, countDistinct(session_id) as number_of_sessions FROM aws_api_calls GROUP BY service, operation',
      [
        { service: 's3', operation: 'GetObject', number_of_sessions: 1n },
        { service: 's3', operation: 'ListBuckets', number_of_sessions: 1n },
        { service: 'sqs', operation: 'ListQueues', number_of_sessions: 0n },
      ],
    ],
    [
      "SELECT timestamp, operation, JSONExtractString(request, 'Bucket') as bucket FROM aws_api_calls WHERE service == 's3'",
      [
        { timestamp: '2026-10-01T10:00:00Z', operation: 'GetObject', bucket: 'b' },
        { timestamp: '2026-10-01T11:00:00Z', operation: 'GetObject', bucket: '' },
        { timestamp: '2026-10-02T10:00:00Z', operation: 'ListBuckets', bucket: null },
      ],
    ],
  ])('%s', async (sql, expected) => {
    const engine = await openEngine(calls);
    await engine.run(AWS_API_CALLS_VIEW);
    const rows = await collect(await engine.stream(quoteBackticks(sql)));
    const order = (row: object): string => Object.values(row).join();
    expect(rows.sort((a, b) => (order(a) < order(b) ? -1 : 1))).toEqual(expected);
  });

  test('the table has the columns of the recording gateway', async () => {
    const engine = await openEngine([
      { error_code: 'E', error_message: 'm', status_code: 404, region: 'r', user_agent: 'u' },
    ]);
    await engine.run(AWS_API_CALLS_VIEW);
    const { columns } = await engine.stream('SELECT * FROM aws_api_calls');
    expect(columns.map((column) => column.name).join(' ')).toBe(
      'timestamp session_id service operation region status_code user_agent request response err_type err_msg',
    );
    expect(await engine.rows('SELECT err_type, err_msg, status_code, region, user_agent FROM aws_api_calls')).toEqual([
      ['E', 'm', 404n, 'r', 'u'],
    ]);
  });
});
