import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { configFormats } from '../../src/formats/config-format.js';
import { tempFolder } from '../storage/temp-folder.js';
import { ALL_CALLS, openSource } from './open-source.js';
import { recordedCall } from './recorded-calls.js';

const lines = (records: readonly unknown[]): string => records.map((record) => JSON.stringify(record)).join('\n');

const TRAIL = {
  eventVersion: '1.08',
  eventTime: '2026-03-01T06:00:00Z',
  eventSource: 's3.amazonaws.com',
  eventName: 'PutObject',
  eventID: 'e-1',
  readOnly: false,
  userIdentity: { type: 'IAMUser', arn: 'arn:aws:iam::1:user/eve' },
  requestParameters: { bucketName: 'b', n: 1 },
};

describe('raw records', () => {
  test('are verbatim, with a typed column for each known field and the rest in extra', async () => {
    const json = `{"eventVersion":"1.08","eventTime":"2026-03-01T06:00:00Z","eventSource":"s3.amazonaws.com","eventName":"PutObject","readOnly":false,"userIdentity":{ "a" : 1.10,"a":2 },"requestParameters":"text","newKey":{ "x":[1, 2.50] },"other":null,"__proto__":1e400}`;
    const { rows } = await openSource(tempFolder({ 'a.json': json }), { asked: ['SELECT * FROM raw'] });
    const [row] = await rows('SELECT * FROM raw_cloudtrail');
    expect(row).toMatchObject({
      eventTime: '2026-03-01T06:00:00Z',
      eventSource: 's3.amazonaws.com',
      readOnly: false,
      userIdentity: '{ "a" : 1.10,"a":2 }',
      requestParameters: '"text"',
      responseElements: null,
      extra: '{"newKey":{ "x":[1, 2.50] },"other":null,"__proto__":1e400}',
    });
    expect(await rows('SELECT * FROM raw')).toEqual([row]);
    const types = await rows("SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = 'raw_cloudtrail'");
    const typeOf = new Map(types.map((type) => [type['column_name'], type['data_type']]));
    expect([typeOf.get('eventTime'), typeOf.get('readOnly'), typeOf.get('eventName')]).toEqual([
      'TIMESTAMP',
      'BOOLEAN',
      'VARCHAR',
    ]);
    expect(typeOf.has('object_number') || typeOf.has('record_number')).toBe(false);
  });

  test('a value that does not fit its column is in extra', async () => {
    const calls = [
      recordedCall(1, { status_code: 'OK', duration_ms: 'fast', timestamp: 'never', more: 1 }),
      recordedCall(2, { status_code: 1.7, duration_ms: { ms: 2 } }),
      recordedCall(3, { status_code: '200', duration_ms: '1.5' }),
    ];
    const { rows } = await openSource(tempFolder({ 'a.json': lines(calls) }), { asked: ['SELECT * FROM raw'] });
    expect(await rows('SELECT operation, status_code, duration_ms, "timestamp", extra FROM raw ORDER BY 1')).toEqual([
      {
        operation: 'Good1',
        status_code: null,
        duration_ms: null,
        timestamp: null,
        extra: '{"more":1,"timestamp":"never","status_code":"OK","duration_ms":"fast"}',
      },
      {
        operation: 'Good2',
        status_code: null,
        duration_ms: null,
        timestamp: '2026-03-01T06:00:02Z',
        extra: '{"status_code":1.7,"duration_ms":{"ms":2}}',
      },
      { operation: 'Good3', status_code: 200n, duration_ms: 1.5, timestamp: '2026-03-01T06:00:03Z', extra: null },
    ]);
  });

  test('the values of secrets do not show, unless they are asked for', async () => {
    const secrets = {
      requestParameters: { password: 'hunter2-a', x: 1 },
      errorMessage: 'Authorization: hunter2-b',
      newKey: { SecretString: 'hunter2-c' },
      userAgent: '{"sessionToken":"hunter2-d"}',
    };
    const folder = tempFolder({ 'a.json': JSON.stringify({ ...TRAIL, ...secrets }) });
    const hidden = await openSource(folder, { asked: ['SELECT * FROM raw'] });
    const shown = await openSource(folder, { asked: ['SELECT * FROM raw'], request: { showSecrets: true } });
    for (const sql of ['SELECT * FROM raw', ALL_CALLS]) {
      expect(JSON.stringify(await hidden.rows(sql), bigIntText)).not.toContain('hunter2');
      expect(JSON.stringify(await shown.rows(sql), bigIntText)).toContain('hunter2');
    }
  });

  test('are the records that api_calls holds: without duplicates, dropped ones, and what filters leave out', async () => {
    const calls = [
      recordedCall(1, { event_id: 'a' }),
      recordedCall(2, { event_id: 'a' }),
      recordedCall(3, { event_id: 'b', service: 'sqs' }),
      recordedCall(4, { event_id: 'c', timestamp: '2026-05-01T00:00:00Z' }),
      recordedCall(5),
    ];
    const trail = [TRAIL, { ...TRAIL, eventID: 'e-2', eventCategory: 'Insight' }];
    const folder = tempFolder({ 'a.json': lines(calls), 'b.json': lines(trail) });
    const { rows, accounting } = await openSource(folder, {
      asked: ['SELECT * FROM raw_api_call', 'SELECT * FROM raw_cloudtrail'],
      filters: { window: { until: Date.parse('2026-04-01T00:00:00Z') }, where: ["service <> 'sqs'"] },
    });
    expect(await rows('SELECT operation FROM raw_api_call ORDER BY 1')).toEqual([
      { operation: 'Good1' },
      { operation: 'Good5' },
    ]);
    expect(await rows('SELECT "eventID" FROM raw_cloudtrail')).toEqual([{ eventID: 'e-1' }]);
    expect(await rows('SELECT operation FROM api_calls ORDER BY 1')).toEqual([
      { operation: 'Good1' },
      { operation: 'Good5' },
      { operation: 'PutObject' },
    ]);
    expect(accounting.records).toEqual({ read: 7, kept: 3, duplicate: 1, filtered: 3, quarantined: 0 });
  });

  test('are not those of a file that turned out to be broken', async () => {
    const good = tempFolder({ 'a.json': lines([recordedCall(1)]) });
    writeFileSync(join(good, 'b.json'), `[${lines([recordedCall(2)])},`);
    const { rows, accounting } = await openSource(good, { asked: ['SELECT * FROM raw'] });
    expect(accounting.objects).toMatchObject({ read: 1, failed: 1 });
    expect(await rows('SELECT operation FROM raw')).toEqual([{ operation: 'Good1' }]);
  });

  test('a record that gives several rows is there once', async () => {
    const events = [1, 2].map((n) => ({
      name: 'aws_request_agg',
      metadata: { session_id: 's' },
      payload: { api_calls: [1, 2, 3].map((i) => ({ service: 's3', operation: `Op${n}${i}`, count: i })) },
    }));
    const { rows, accounting } = await openSource(tempFolder({ 'a.json': lines(events) }), {
      asked: ['SELECT * FROM raw'],
    });
    expect(accounting.records).toEqual({ read: 6, kept: 6, duplicate: 0, filtered: 0, quarantined: 0 });
    expect(await rows('SELECT name FROM raw_api_call_event')).toHaveLength(2);
    expect(await rows('SELECT sum(calls) AS n FROM api_calls')).toEqual([{ n: 12n }]);
  });

  test('lines of access logs have their fields, and those that nobody knows in extra', async () => {
    const line =
      'owner bucket [06/Feb/2019:00:00:38 +0000] 192.0.2.3 - 3E57 REST.GET.OBJECT key "GET /a HTTP/1.1" 200 - 113 - 7 - "-" "agent" - host SigV4 c AuthHeader s3.amazonaws.com TLSv1.2 - - eu-west-1 new1 new2';
    const { rows } = await openSource(tempFolder({ 'a.log': `${line}\n` }), { asked: ['SELECT * FROM raw'] });
    expect(await rows('SELECT bucket, http_status, "time", error_code, extra FROM raw_s3_access')).toEqual([
      {
        bucket: 'bucket',
        http_status: 200n,
        time: '2019-02-06T00:00:38Z',
        error_code: null,
        extra: '{"field_28":"new1","field_29":"new2"}',
      },
    ]);
  });

  test('a format of the user’s own has the whole record', async () => {
    const definition = { name: 'my-own', detect: { all: ['when'] }, columns: { timestamp: '$.when' } };
    const folder = tempFolder({ 'a.json': '{"when": 1, "record":2}\n{"when":3}' });
    const request = { userFormats: configFormats([definition], 'formats') };
    const { rows } = await openSource(folder, { asked: ['SELECT * FROM raw_my_own'], request });
    expect(await rows('SELECT * FROM raw_my_own ORDER BY 1')).toEqual([
      { record: '{"when": 1, "record":2}', extra: null },
      { record: '{"when":3}', extra: null },
    ]);
  });

  test('one name stands for one format only', async () => {
    const folder = tempFolder({ 'a.json': lines([recordedCall(1)]), 'b.json': JSON.stringify(TRAIL) });
    const { rows } = await openSource(folder, { asked: ['SELECT count(*) AS n FROM raw_cloudtrail'] });
    expect(await rows('SELECT count(*) AS n FROM raw_cloudtrail')).toEqual([{ n: 1n }]);
    await expect(rows('SELECT * FROM raw')).rejects.toThrow(/raw/);
  });

  test('many records over many loads', async () => {
    const padding = 'x'.repeat(2000);
    const folder = tempFolder();
    for (const file of [1, 2, 3, 4]) {
      const calls = Array.from({ length: 6000 }, (_, i) => recordedCall(i, { operation: `Op${file}-${i}`, padding }));
      writeFileSync(join(folder, `${file}.json`), lines(calls));
    }
    const asked = 'SELECT count(DISTINCT operation) AS n, count(*) AS rows, min(length(extra)) AS shortest FROM raw';
    const { rows } = await openSource(folder, { asked: [asked] });
    expect(await rows(asked)).toEqual([
      { n: 24_000n, rows: 24_000n, shortest: BigInt(`{"padding":"${padding}"}`.length) },
    ]);
  });
});

function bigIntText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
