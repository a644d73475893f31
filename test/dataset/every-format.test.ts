import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { seededChance } from '../records/seeded-chance.js';
import { tempFolder } from '../storage/temp-folder.js';
import { ALL_CALLS, differences, openSource } from './open-source.js';
import { PLAIN_ROWS, plainAccessRow, time, type PlainRow } from './plain-rows.js';

describe('every column of made-up records', () => {
  const { pick, hits, below } = seededChance(7);
  const TEXTS = ['a', 'B', '', 'é\u{1f600}', 'x\ny', '"q"', 'a,b|c', '\u001d\u001e\u001f', 'NULL', "it's", '{}', ' '];
  const OPTIONAL = [...TEXTS, null, undefined];
  const TIMES = [
    '2026-03-01T06:00:00',
    '2026-03-01T06:00:00Z',
    '2026-03-01T06:00:00.123456Z',
    '2026-03-01 06:00:00',
    '2026-03-01T06:00:00+02:00',
    1772345678,
    1772345678123,
  ];
  const RECORDS: Readonly<Record<string, () => Record<string, unknown>>> = {
    'api-call': () => ({
      timestamp: pick(TIMES.slice(0, 2)),
      service: pick(['S3', 'sqs']),
      operation: pick(['ListBuckets', 'x"y']),
      session_id: pick(OPTIONAL),
      status_code: pick([200, 404, '500', null, 'bad']),
      user_agent: pick(OPTIONAL),
      request: pick([...OPTIONAL, 'null', '{"a":1.10}']),
      response: pick([...OPTIONAL, 'null']),
      err_type: pick([null, '', 'null', 'NoSuchKey']),
      err_msg: pick(OPTIONAL),
      duration_ms: pick([undefined, 1, 2.5, null]),
      region: pick([undefined, 'eu-west-1']),
      event_id: pick([undefined, null, '']),
      account_id: pick([undefined, '000000000001']),
      unknown: pick(OPTIONAL),
    }),
    apigateway: () => {
      const camel: Record<string, unknown> = {
        requestId: pick(TEXTS),
        ip: pick(['127.0.0.1', '-']),
        user: pick(['-', 'eve']),
        requestTime: pick([
          1772345678123,
          '10/Jan/2023:06:15:01 +0000',
          '10/Jan/2023:06:15:01 -0130',
          '2026-03-01T06:00:00Z',
        ]),
        httpMethod: pick(['GET', 'POST']),
        resourcePath: pick(['/', '/a/{id}']),
        status: pick([200, '404', '-']),
        protocol: 'HTTP/1.1',
        responseLength: pick([0, '12', '-', 9007199254740991]),
      };
      if (hits(0.5)) return camel;
      return Object.fromEntries(
        Object.entries(camel).map(([key, value]) => [
          key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
          value,
        ]),
      );
    },
    'web-log': () => ({
      [pick(['user_id', 'userId'])]: pick(['u1', 'u2']),
      [pick(['session_id', 'sessionId'])]: pick(['s1', 's2']),
      event: pick(['visit', 'cart']),
      referrer: pick([null, 'https://example.org/"x"']),
      [pick(['user_agent', 'userAgent'])]: pick([null, 'Mozilla']),
      os: pick([null, 'linux', '\t']),
      ip: '10.0.0.1',
      hostname: pick(['h', 'é']),
      timestamp: pick(TIMES.slice(0, 3)),
      uri: pick(['/', '/a\n']),
    }),
    'app-event': () => ({
      event_id: `e${below(1e9)}`,
      event_timestamp: pick(TIMES),
      event_type: pick(['opened', 'closed']),
      event_version: '1',
      app_title: pick(['App', 'Other']),
      app_version: '2',
      user_id: pick(['u', 'v']),
      user_name: 'n',
      meta: pick([undefined, null, {}, { a: [1, null, 'x'] }, { b: 'é\n' }]),
    }),
    'media-event': () => ({
      id: `m${below(1e9)}`,
      userId: pick(['u', 'v']),
      ...pick([{}, { format: 'video' }, { format: 'audio', timestamp: pick(TIMES) }]),
    }),
  };

  test.each(Object.keys(RECORDS))('%s', async (format) => {
    const records = Array.from({ length: 500 }, () => RECORDS[format]!());
    const folder = tempFolder();
    writeFileSync(join(folder, 'calls.json'), records.map((record) => JSON.stringify(record)).join('\n'));
    const { rows, accounting } = await openSource(folder, { request: { dedupe: false } });
    expect(accounting.records.kept).toBe(records.length);
    const expected = records.map((record) => ({ ...PLAIN_ROWS[format]!(record), object_key: 'calls.json' }));
    expect(differences((await rows(ALL_CALLS)).map(cutMicroseconds), expected)).toEqual([]);
  });

  test('s3-access', async () => {
    const line = (): string =>
      `owner ${pick(['bucket', 'b-2'])} [06/Feb/2019:00:00:38 ${pick(['+0000', '-0530'])}] 192.0.2.3 ${pick(['-', 'arn:aws:iam::1:user/eve'])} ` +
      `3E57427F3 REST.${pick(['GET.OBJECT', 'PUT.PART'])} ${pick(['-', 'a/b%20c'])} "GET /bucket/a HTTP/1.1" ${pick([200, 404])} ` +
      `${pick(['-', 'NoSuchKey'])} ${pick(['-', '113'])} - ${pick(['-', '7'])} - "${pick(['-', 'https://x'])}" "${pick(['-', 'S3Console/0.4 "quoted"'])}" - ` +
      `host SigV4 ECDHE AuthHeader s3.amazonaws.com TLSv1.2 - -`;
    const lines = Array.from({ length: 300 }, line);
    const folder = tempFolder({ 'access.log': `${lines.join('\n')}\n` });
    const { rows } = await openSource(join(folder, 'access.log'));
    const expected = lines.map((one) => ({ ...plainAccessRow(one), object_key: 'access.log' }));
    expect(differences(await rows(ALL_CALLS), expected)).toEqual([]);
  });
});

/** JavaScript's dates end at the millisecond. */
function cutMicroseconds(row: PlainRow): PlainRow {
  return { ...row, timestamp: typeof row['timestamp'] === 'string' ? time(row['timestamp']) : null };
}
