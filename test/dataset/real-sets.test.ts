import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Value } from '../../src/engines/engine.js';
import { projectCloudTrail, REAL_LOGS_ABSENT, type CloudTrailRecord } from '../queries/cloudtrail-calls.js';
import { ALL_CALLS, differences, openSource } from './open-source.js';
import { plainAccessRow, plainRow, time, type PlainRow } from './plain-rows.js';

const data = (path: string): string => fileURLToPath(new URL(`../../../shared/data/${path}`, import.meta.url));
const INVICTUS = 'invictus-aws-dataset/CloudTrail';
const UMCCR = 'umccr-cloudtrail-parquet-lambda/test_input/AWSLogs';
const GRYCAP = 'grycap-cloudtrail-tracker/lambda/tests';
const OPENSEARCH = 'opensearch-catalog';

describe.skipIf(REAL_LOGS_ABSENT !== undefined)('logs that nobody here wrote', () => {
  test('invictus', async () => {
    const { accounting, rows } = await openSource(data(INVICTUS));
    expect(accounting.objects).toEqual({ listed: 55, read: 55, skipped: 0, failed: 0 });
    expect(accounting.records).toEqual({ read: 2900, kept: 2900, duplicate: 0, filtered: 0, quarantined: 0 });
    const counts = 'SELECT count(DISTINCT service) AS services, count(DISTINCT operation) AS operations FROM api_calls';
    expect(await rows(counts)).toEqual([{ services: 29n, operations: 260n }]);
  });

  test('stratus', async () => {
    const { accounting } = await openSource(data('stratus-red-team/docs'));
    expect(accounting.objects).toEqual({ listed: 35, read: 35, skipped: 0, failed: 0 });
    expect(accounting.records).toEqual({ read: 310, kept: 310, duplicate: 0, filtered: 0, quarantined: 0 });
  });

  test('umccr, with its duplicate and without', async () => {
    const once = await openSource(data(UMCCR));
    expect(once.accounting.objects).toEqual({ listed: 6, read: 5, skipped: 1, failed: 0 });
    expect(once.accounting.records).toEqual({ read: 185, kept: 184, duplicate: 1, filtered: 0, quarantined: 0 });
    const all = await openSource(data(UMCCR), { request: { dedupe: false } });
    expect(all.accounting.records).toEqual({ read: 185, kept: 185, duplicate: 0, filtered: 0, quarantined: 0 });
    const twice = `${ALL_CALLS} WHERE event_id IN (SELECT event_id FROM api_calls GROUP BY 1 HAVING count(*) > 1)`;
    const [first, second] = (await all.rows(`${twice} ORDER BY "timestamp"`)) as [PlainRow, PlainRow];
    expect(first['timestamp']).not.toBe(second['timestamp']);
    expect(await once.rows(`${ALL_CALLS} WHERE event_id = '${String(first['event_id'])}'`)).toEqual([first]);
  });

  test('grycap, with the decoys beside it', async () => {
    const { accounting } = await openSource(data(GRYCAP));
    expect(accounting.objects).toEqual({ listed: 3, read: 1, skipped: 2, failed: 0 });
    expect(accounting.records).toMatchObject({ read: 142, kept: 142 });
    expect(accounting.reasons).toContainEqual({ reason: 'S3 event notification', count: 1, example: 'event.json' });
  });

  test('what can be recovered of a broken file', async () => {
    const file = data(`${OPENSEARCH}/aws_cloudtrail/samples-large.json`);
    const { accounting, rows } = await openSource(file);
    expect(accounting.objects).toMatchObject({ read: 1, failed: 0 });
    expect(accounting.records.kept).toBe(840);
    expect(accounting.records.read).toBe(840 + accounting.records.quarantined);
    // Nothing else in the file has this key, and every record has it once.
    const ids = [...readFileSync(file, 'utf8').matchAll(/"eventID": ?"([^"]+)"/g)].map(([, id]) => id);
    expect((await rows('SELECT event_id FROM api_calls')).map((row) => row['event_id']).sort()).toEqual(ids.sort());
  });

  test('lines of S3 access logs', async () => {
    const { accounting, rows } = await openSource(data(`${OPENSEARCH}/amazon_s3/raw.log`));
    expect(accounting.records).toEqual({ read: 18, kept: 18, duplicate: 0, filtered: 0, quarantined: 0 });
    const lines = readFileSync(data(`${OPENSEARCH}/amazon_s3/raw.log`), 'utf8')
      .trim()
      .split('\n');
    const expected = lines.map((line) => ({ ...plainAccessRow(line), object_key: 'raw.log' }));
    expect(differences(await rows(ALL_CALLS), expected)).toEqual([]);
  });

  test.each([INVICTUS, 'stratus-red-team/docs', UMCCR, GRYCAP])('every column of every row of %s', async (folder) => {
    const { rows } = await openSource(data(folder), { request: { dedupe: false, showSecrets: true } });
    const expected = readFolder(data(folder)).flatMap(({ key, text }) =>
      recordsOf(text).map((one) => ({ ...one, object_key: key })),
    );
    expect(differences((await rows(ALL_CALLS)).map(withParsedJson), expected.map(withParsedJson))).toEqual([]);
  });

  test('requests and responses are verbatim', async () => {
    const { rows } = await openSource(data('stratus-red-team/docs'), { request: { showSecrets: true } });
    const texts = new Map(readFolder(data('stratus-red-team/docs')).map(({ key, text }) => [key, text]));
    const asked = await rows('SELECT object_key, request, response FROM api_calls');
    const strange = asked.flatMap((row) =>
      [row['request'], row['response']].filter(
        (json) => json !== null && texts.get(String(row['object_key']))?.includes(String(json)) !== true,
      ),
    );
    expect(strange).toEqual([]);
  });
});

interface ReadFile {
  readonly key: string;
  readonly text: string;
}

function readFolder(root: string): ReadFile[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((key) => /\.json(\.gz)?$/.test(key))
    .map((key) => {
      const bytes = readFileSync(join(root, key));
      return { key, text: (key.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8') };
    });
}

function recordsOf(json: string): PlainRow[] {
  const parsed = JSON.parse(json) as { Records?: CloudTrailRecord[] } | CloudTrailRecord[];
  const records = Array.isArray(parsed) ? parsed : (parsed.Records ?? []);
  return records
    .filter((record) => record['eventSource'] !== 'aws:s3')
    .map((record) => {
      const call = projectCloudTrail(record);
      return plainRow({ ...(call as Record<string, Value>), timestamp: time(call.timestamp) });
    });
}

/** JSON is compared by its meaning: the plain rows have it without the blanks of the file. */
function withParsedJson(row: PlainRow): PlainRow {
  const compact = (json: Value | undefined): Value =>
    typeof json === 'string' ? JSON.stringify(JSON.parse(json)) : null;
  return { ...row, request: compact(row['request']), response: compact(row['response']) };
}
