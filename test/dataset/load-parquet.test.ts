import { appendFileSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Engine } from '../../src/engines/engine.js';
import { configFormats } from '../../src/formats/config-format.js';
import { seededChance } from '../records/seeded-chance.js';
import { serverForTest } from '../s3/sdk-client.js';
import { openBucket } from '../storage/open-bucket.js';
import { tempFolder } from '../storage/temp-folder.js';
import {
  ALL_CALLS,
  type ObjectRow,
  differences,
  openRun,
  openSource,
  rowsOf,
  withoutLocalPath,
  withRun,
} from './open-source.js';
import { openFileStore } from '../../src/storage/file-store.js';
import { callLines, recordedCall } from './recorded-calls.js';

/** Writes Parquet files: keys and the SELECTs that they hold; `{json}` in one is a file of `records`. */
async function parquetFolder(
  files: Readonly<Record<string, string>>,
  records: readonly unknown[] = [],
): Promise<string> {
  const folder = tempFolder();
  const run = openRun();
  const engine = await run.openEngine();
  const json = join(run.folder, 'records.json');
  writeFileSync(json, records.map((record) => JSON.stringify(record)).join('\n'));
  for (const [key, select] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, key)), { recursive: true });
    await engine.run(
      `COPY (${select.replace('{json}', json)}) TO '${join(folder, key).replaceAll("'", "''")}' (FORMAT parquet)`,
    );
  }
  return folder;
}

const CALLS = Array.from({ length: 50 }, (_, i) =>
  recordedCall(i, { event_id: `e${i}`, duration_ms: i / 4, account_id: '000000000012' }),
);
const TEXTS = Object.keys(CALLS[0]!)
  .map((name) => `'${name}': 'VARCHAR'`)
  .join(', ');
const AS_TEXT = `SELECT * FROM read_json('{json}', columns = {${TEXTS}})`;

async function callsAsJson(): Promise<ObjectRow[]> {
  const folder = tempFolder({ 'part.json': CALLS.map((call) => JSON.stringify(call)).join('\n') });
  const { rows } = await openSource(folder);
  return withoutKeys(await rows(ALL_CALLS));
}

function withoutKeys(rows: readonly ObjectRow[]): ObjectRow[] {
  return rows.map((row) => ({ ...row, object_key: null }));
}

describe('Parquet', () => {
  test('gives the rows that the same records give as JSON, whatever the types and the case of its columns', async () => {
    const typed = (time: string, status: string): string =>
      `SELECT * REPLACE (CAST("timestamp" AS ${time}) AS "timestamp", CAST(status_code AS ${status}) AS status_code, CAST(duration_ms AS DECIMAL(18, 2)) AS duration_ms) FROM (${AS_TEXT})`;
    const upper = `SELECT ${Object.keys(CALLS[0]!)
      .map((name) => `"${name}" AS "${name.toUpperCase()}"`)
      .join(', ')} FROM (${AS_TEXT})`;
    const expected = await callsAsJson();
    for (const select of [AS_TEXT, typed('TIMESTAMP', 'DOUBLE'), typed('TIMESTAMPTZ', 'SMALLINT'), upper]) {
      const { rows, accounting } = await openSource(await parquetFolder({ 'calls.parquet': select }, CALLS));
      expect(differences(withoutKeys(await rows(ALL_CALLS)), expected)).toEqual([]);
      expect(accounting.records).toEqual({ read: 50, kept: 50, duplicate: 0, filtered: 0, quarantined: 0 });
    }
  });

  test('the folders of Hive partitions prune, and add no columns', async () => {
    const folder = await parquetFolder(
      {
        'region=nowhere/day=2026-03-01/a [1]*.parquet': `${AS_TEXT} LIMIT 20`,
        "region=nowhere/day=2026-03-02/it's.parquet": `${AS_TEXT} LIMIT 10`,
      },
      CALLS,
    );
    const { rows, accounting } = await openSource(folder, { request: { dedupe: false } });
    expect(accounting.records).toMatchObject({ read: 30, kept: 30 });
    expect(await rows('SELECT DISTINCT region FROM api_calls')).toEqual([{ region: 'eu-west-1' }]);
    const window = { since: Date.parse('2026-03-01T00:00:00Z'), until: Date.parse('2026-03-01T01:00:00Z') };
    const pruned = await openSource(folder, { filters: { window }, latenessMs: 0 });
    expect(pruned.plan.objects.map(({ object }) => object.key)).toEqual([
      'region=nowhere/day=2026-03-01/a [1]*.parquet',
    ]);
  });

  test('columns that only the folders hold are read from there, as text', async () => {
    const without = (names: string): string => `SELECT * EXCLUDE (${names}) FROM (${AS_TEXT}) LIMIT 1`;
    const folder = await parquetFolder(
      {
        'account_id=000000000007/region=eu%2Fwest/a.parquet': without('region, account_id'),
        "account_id=1'); DROP TABLE loaded_calls; --/b.parquet": without('account_id'),
        'region=__HIVE_DEFAULT_PARTITION__/c.parquet': without('region'),
      },
      CALLS,
    );
    const { rows } = await openSource(folder, { request: { dedupe: false } });
    expect(await rows('SELECT account_id, region FROM api_calls ORDER BY object_key')).toEqual([
      { account_id: '000000000007', region: 'eu/west' },
      { account_id: "1'); DROP TABLE loaded_calls; --", region: 'eu-west-1' },
      { account_id: '000000000012', region: null },
    ]);
  });

  test('CloudTrail with lower-case names and nested columns, as Athena’s tables have it', async () => {
    const select = `SELECT '1.08' AS eventversion, '2026-03-01T06:00:00Z' AS eventtime, 's3.amazonaws.com' AS eventsource, 'GetObject' AS eventname, 'e' || i AS eventid,
      {'type': 'AssumedRole', 'arn': 'arn:' || i, 'accesskeyid': 'ASIA' || i, 'accountid': '00000000000' || i, 'username': '"accesskeyid":"x"'} AS useridentity,
      '{"bucketName": "b",  "n": 1.10}' AS requestparameters, NULL AS responseelements, ['a', 'b'] AS resources, MAP {'k': i} AS unknown_map FROM range(3) t(i)`;
    const { rows } = await openSource(await parquetFolder({ 'a.parquet': select }));
    const asked =
      'SELECT event_id, service, operation, principal, session_id, account_id, request, response, log_format FROM api_calls ORDER BY 1 LIMIT 1';
    expect(await rows(asked)).toEqual([
      {
        event_id: 'e0',
        service: 's3',
        operation: 'GetObject',
        principal: 'arn:0',
        session_id: 'ASIA0',
        account_id: '000000000000',
        request: '{"bucketName": "b",  "n": 1.10}',
        response: null,
        log_format: 'cloudtrail',
      },
    ]);
  });

  test('raw records, beside those of JSON', async () => {
    const select = `SELECT *, i AS more, {'deep': i} AS nested, NULL AS nothing FROM (SELECT row_number() OVER () AS i, * FROM (${AS_TEXT}))`;
    const folder = await parquetFolder(
      { 'a.parquet': select.replace('SELECT *,', 'SELECT * EXCLUDE (i),'), 'z.parquet': select },
      CALLS,
    );
    writeFileSync(join(folder, 'b.json'), `${callLines(3).join('\n')}\n`);
    const counted = 'SELECT count(*) AS n, count(DISTINCT operation) AS operations FROM raw';
    const { rows, accounting } = await openSource(folder, { asked: [counted] });
    expect(accounting.records).toMatchObject({ read: 103, kept: 53, duplicate: 50 });
    expect(await rows(counted)).toEqual([{ n: 53n, operations: 50n }]);
    const asked = "SELECT typeof(status_code) AS t, extra FROM raw WHERE event_id = 'e4'";
    expect(await rows(asked)).toEqual([{ t: 'BIGINT', extra: '{"more":5,"nested":{"deep":5},"nothing":null}' }]);
  });

  test('many row groups: each raw record is the record of its call', async () => {
    const select = `SELECT '2026-03-01T06:00:00' AS "timestamp", 's3' AS service, 'Op' || i AS operation, 's' AS session_id, 200 AS status_code, i AS n FROM range(300000) t(i)`;
    const folder = await parquetFolder({ 'a.parquet': select, 'b.parquet': select.replace("'Op'", "'Po'") });
    const asked =
      "SELECT count(*) AS n, count(DISTINCT operation) AS operations, count(*) FILTER (WHERE operation LIKE '%9') AS nines FROM raw";
    const { rows } = await openSource(folder, { asked: [asked], filters: { where: ["operation LIKE '%9'"] } });
    expect(await rows(asked)).toEqual([{ n: 60_000n, operations: 60_000n, nines: 60_000n }]);
  });

  test('of a format of the user’s own', async () => {
    const definition = {
      name: 'own',
      detect: { all: ['when', 'who'] },
      columns: { timestamp: '$.when', principal: '$.who', request: '$.deep' },
    };
    const select = "SELECT '2026-03-01' AS \"when\", 'eve' AS who, {'a': [1, NULL]} AS deep";
    const request = { userFormats: configFormats([definition], 'formats') };
    const { rows } = await openSource(await parquetFolder({ 'a.parquet': select }), { request });
    expect(await rows('SELECT "timestamp", principal, request FROM api_calls')).toEqual([
      { timestamp: '2026-03-01T00:00:00Z', principal: 'eve', request: '{"a":[1,null]}' },
    ]);
  });

  test('of no known format: failed, with its columns', async () => {
    const folder = await parquetFolder({ 'a.parquet': 'SELECT 1 AS one, 2 AS two' });
    writeFileSync(join(folder, 'b.json'), `${callLines(3).join('\n')}\n`);
    const { accounting } = await openSource(folder);
    expect(accounting.objects).toEqual({ listed: 2, read: 1, skipped: 0, failed: 1 });
    expect(accounting.reasons[0]?.reason).toContain('one, two');
  });

  test('is counted among the formats that were found', async () => {
    const { dataset } = await openSource(await parquetFolder({ 'a.parquet': AS_TEXT }, CALLS));
    expect(dataset.formats.map(({ format, records }) => [format.name, records])).toEqual([['api-call', 50]]);
  });

  test('empty, and from a store without files', async () => {
    const folder = await parquetFolder({ 'a.parquet': `${AS_TEXT} LIMIT 0` }, CALLS);
    expect((await openSource(folder)).accounting.objects).toEqual({ listed: 1, read: 1, skipped: 0, failed: 0 });
    const remote = await openSource([withoutLocalPath(await openFileStore(folder))]);
    expect(remote.accounting.objects).toEqual({ listed: 1, read: 0, skipped: 0, failed: 1 });
  });
});

describe('Parquet in a bucket', () => {
  test('is downloaded and gives the rows that it gives as a file, in one request each', async () => {
    const folder = await parquetFolder({ 'a.parquet': AS_TEXT, 'region=eu-west-1/without-a-name': AS_TEXT }, CALLS);
    const s3 = await serverForTest();
    const keys = ['a.parquet', 'region=eu-west-1/without-a-name'];
    for (const key of keys) s3.put('logs', `data/${key}`, readFileSync(join(folder, key)));
    const store = await openBucket(s3, 'logs/data/');
    const remote = await openSource([store], { request: { dedupe: false } });
    const local = await openSource(folder, { request: { dedupe: false } });
    expect(remote.accounting).toEqual(local.accounting);
    expect(differences(await remote.rows(ALL_CALLS), await local.rows(ALL_CALLS))).toEqual([]);
    expect(store.requests?.()).toEqual({ ListObjectsV2: 1, GetObject: 2 });
  });

  test('that cannot be read fails alone', async () => {
    const folder = await parquetFolder({ 'a.parquet': AS_TEXT }, CALLS);
    const s3 = await serverForTest();
    for (const key of ['a', 'b', 'c']) s3.put('logs', key, readFileSync(join(folder, 'a.parquet')));
    const store = await openBucket(s3, 'logs', { env: { AWS_MAX_ATTEMPTS: '2' } });
    s3.faults.add({ match: ({ key }) => key === 'b', fault: { kind: 'flip' } });
    const { accounting } = await openSource([store], { request: { dedupe: false } });
    expect(accounting.objects).toEqual({ listed: 3, read: 2, skipped: 0, failed: 1 });
    expect(accounting.reasons).toContainEqual({
      reason: 'what came does not match its checksum (2 attempts)',
      count: 1,
      example: 'b',
    });
  });
});

describe('damaged Parquet', () => {
  test('fails alone, and nothing of it is left', async () => {
    const folder = await parquetFolder({ 'good.parquet': AS_TEXT }, CALLS);
    const bytes = readFileSync(join(folder, 'good.parquet'));
    const { below } = seededChance(3);
    for (let i = 0; i < 60; i++) {
      const damaged = Buffer.from(bytes);
      // Mostly where the file describes itself: damage elsewhere may go unseen, as Parquet need not have checksums.
      const at = i % 2 === 0 ? bytes.length - 1 - below(400) : below(bytes.length);
      damaged[at]! ^= 1 << below(8);
      writeFileSync(
        join(folder, `damaged${i}.parquet`),
        i % 5 === 0 ? damaged.subarray(0, 4 + below(bytes.length)) : damaged,
      );
    }
    const { accounting, rows } = await openSource(folder, { request: { dedupe: false } });
    expect(accounting.objects.listed).toBe(61);
    expect(accounting.objects.failed).toBeGreaterThan(25);
    const kept = await rows('SELECT object_key, count(*) AS n FROM api_calls GROUP BY 1');
    expect(kept).toHaveLength(accounting.objects.read);
    expect(kept).toContainEqual({ object_key: 'good.parquet', n: 50n });
  });

  test('a file that changes while it is read fails', async () => {
    const folder = await parquetFolder({ 'a.parquet': AS_TEXT, 'b.parquet': AS_TEXT }, CALLS);
    copyFileSync(join(folder, 'b.parquet'), join(folder, 'c.parquet'));
    const wrap = (engine: Engine): Engine =>
      withRun(engine, (sql, parameters) => {
        if (sql.includes('2.parquet') && sql.startsWith('INSERT INTO loaded_calls'))
          appendFileSync(join(folder, 'b.parquet'), 'x');
        return engine.run(sql, parameters);
      });
    const { accounting, engine } = await openSource(folder, { wrap, request: { dedupe: false } });
    expect(accounting.objects).toEqual({ listed: 3, read: 2, skipped: 0, failed: 1 });
    expect(await rowsOf(engine, 'SELECT DISTINCT object_key FROM api_calls ORDER BY 1')).toEqual([
      { object_key: 'a.parquet' },
      { object_key: 'c.parquet' },
    ]);
  });
});
