import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CallFilters } from '../../src/dataset/filter-calls.js';
import { UserError } from '../../src/errors.js';
import { API_CALL_COLUMNS } from '../../src/formats/api-call-columns.js';
import { tempFolder } from '../storage/temp-folder.js';
import { ALL_CALLS, openSource } from './open-source.js';
import { recordedCall } from './recorded-calls.js';

const CALLS = Array.from({ length: 60 }, (_, i) =>
  recordedCall(i, { account_id: i % 5 === 0 ? null : `00000000000${i % 3}`, region: i % 7 === 0 ? null : 'eu-west-1' }),
);

function folder(): string {
  return tempFolder({ 'a.json': CALLS.map((call) => JSON.stringify(call)).join('\n') });
}

async function keptBy(filters: Partial<CallFilters>): Promise<string[]> {
  const { rows, accounting } = await openSource(folder(), { asked: ['SELECT operation FROM api_calls'], filters });
  const kept = (await rows('SELECT operation FROM api_calls')).map((row) => String(row['operation']));
  expect(accounting.records).toEqual({
    read: 60,
    kept: kept.length,
    duplicate: 0,
    filtered: 60 - kept.length,
    quarantined: 0,
  });
  return kept.sort();
}

function operations(keep: (call: Record<string, unknown>) => boolean): string[] {
  return CALLS.filter(keep)
    .map((call) => String(call['operation']))
    .sort();
}

describe('filters', () => {
  test('by value, repeated ones together', async () => {
    expect(await keptBy({ values: { service: ['S3'] } })).toEqual(operations(({ service }) => service === 's3'));
    expect(await keptBy({ values: { service: ['s3', 'dynamodb'] } })).toHaveLength(60);
    expect(
      await keptBy({ values: { operation: ['Good1', 'Good2', 'good3', "x'); DROP TABLE loaded_calls; --"] } }),
    ).toEqual(operations(({ operation }) => operation === 'Good1' || operation === 'Good2'));
  });

  test('a column without a value is no value that was asked for', async () => {
    const kept = await keptBy({ values: { account_id: ['000000000001'], region: ['eu-west-1'] } });
    expect(kept).toEqual(operations((call) => call['account_id'] === '000000000001' && call['region'] === 'eu-west-1'));
  });

  test('errors only', async () => {
    expect(await keptBy({ errorsOnly: true })).toEqual(
      operations((call) => call['err_type'] !== null || Number(call['status_code']) >= 400),
    );
  });

  test('by the user’s own expressions, which all have to be true', async () => {
    const both = await keptBy({ where: ["service = 's3'", 'status_code >= 400 OR region IS NULL'] });
    expect(both).toEqual(
      operations((call) => call['service'] === 's3' && (Number(call['status_code']) >= 400 || call['region'] === null)),
    );
  });

  test('NULL is not true', async () => {
    expect(await keptBy({ where: ["account_id <> '000000000001'"] })).toEqual(
      operations((call) => call['account_id'] !== null && call['account_id'] !== '000000000001'),
    );
  });

  test.each([
    "service = 's3' -- and nothing else",
    "service = 's3' /* that is all */",
    "\n(service = 's3')\n",
    "service = 's3'\n--",
  ])('a comment ends with the expression: %j', async (where) => {
    expect(await keptBy({ where: [where] })).toEqual(operations(({ service }) => service === 's3'));
  });

  test('a subquery over the calls', async () => {
    const where = 'session_id IN (SELECT session_id FROM api_calls WHERE error_code IS NOT NULL)';
    const failed = new Set(CALLS.filter((call) => call['err_type'] !== null).map((call) => call['session_id']));
    expect(await keptBy({ where: [where] })).toEqual(operations((call) => failed.has(call['session_id'])));
  });

  test('each kind of filter has its reason', async () => {
    const filters = { values: { service: ['s3'] }, errorsOnly: true, where: ['status_code = 404'] };
    const { accounting } = await openSource(folder(), { filters });
    expect(accounting.reasons.map(({ reason, count }) => [reason, count])).toEqual([
      ['another service than asked for', 40],
      ['no error', 18],
    ]);
  });
});

describe('the window', () => {
  const edge = Date.parse('2026-03-01T06:00:00.123Z');
  const times = [
    '06:00:00.122999',
    '06:00:00.123',
    '06:00:00.123000',
    '06:00:00.123001',
    '06:00:00.1239',
    '06:00:00.124',
  ];
  const source = (): string =>
    tempFolder({
      'a.json': [...times.map((time) => `2026-03-01T${time}Z`), null, 'no time']
        .map((timestamp, i) => JSON.stringify(recordedCall(i, { timestamp })))
        .join('\n'),
    });
  const kept = async (window: CallFilters['window']): Promise<string[]> => {
    const { rows } = await openSource(source(), { filters: { window } });
    return (await rows(ALL_CALLS)).map((row) => String(row['operation'])).sort();
  };

  test('begins with its first instant', async () => {
    expect(await kept({ since: edge })).toEqual(['Good1', 'Good2', 'Good3', 'Good4', 'Good5']);
  });

  test('ends before its last', async () => {
    expect(await kept({ until: edge })).toEqual(['Good0']);
    expect(await kept({ since: edge, until: edge + 1 })).toEqual(['Good1', 'Good2', 'Good3', 'Good4']);
    expect(await kept({ since: edge, until: edge })).toEqual([]);
  });

  test('records without a time are in no window', async () => {
    expect(await kept({})).toHaveLength(8);
    expect(await kept({ since: -8.64e15 })).toHaveLength(6);
    expect(await kept({ until: 8.64e15 })).toHaveLength(6);
  });
});

describe('what is no expression', () => {
  const REFUSED = [
    '1); DROP TABLE loaded_calls; --',
    'true); DROP TABLE loaded_calls; SELECT (1',
    "true); COPY (SELECT 1) TO '/tmp/stolen.csv'; --",
    'true; SELECT 1',
    'true) UNION SELECT (1',
    'true) UNION ALL SELECT 1 FROM api_calls WHERE (true',
    'true) LIMIT (1',
    'true) ORDER BY (1',
    'true) GROUP BY (1',
    'true) GROUP BY service HAVING (true',
    'true) QUALIFY (true',
    'true /*',
    "'",
    '"',
    '',
    ')',
    '(',
    'service = ',
    'service = $1',
    'service = $service',
    'service = ?',
    'count(*) > 1',
    'row_number() OVER () = 1',
    'no_such_column = 1',
    'no_such_function(service)',
    "service = (SELECT content FROM read_text('@@'))",
    "EXISTS (SELECT 1 FROM '@@')",
    "EXISTS (FROM read_csv('@@'))",
    "EXISTS (FROM glob('@@'))",
    "EXISTS (FROM enable_logging(storage_path='@@.log'))",
    "EXISTS (FROM enable_profiling(save_location='@@.txt'))",
    "EXISTS (FROM query('SELECT 1'))",
    "EXISTS (FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1')))",
    'EXISTS (FROM disable_logging())',
    'EXISTS (FROM checkpoint())',
    'EXISTS (FROM loaded_calls)',
    'EXISTS (FROM object_keys)',
    'EXISTS (FROM no_such_table)',
  ];

  test.each(REFUSED)('%s', async (text) => {
    const secret = tempFolder({ 'secret.txt': 'secret content' });
    const where = text.replace('@@', join(secret, 'secret.txt'));
    let reads = 0;
    const opened = openSource(folder(), { filters: { where: [where] }, request: { onProgress: () => (reads += 1) } });
    const error = await opened.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(UserError);
    const { message, wayOut } = error as UserError;
    expect(message).toContain(`--where "${where}"`);
    expect(message).not.toContain('secret content');
    expect(String(wayOut)).toContain(Object.keys(API_CALL_COLUMNS).join(', '));
    expect(reads).toBe(0);
    expect(readdirSync(tmpdir())).not.toContain('stolen.csv');
  });
});
