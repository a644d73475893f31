import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openQuarantine } from '../../src/dataset/quarantine.js';
import { UserError } from '../../src/errors.js';
import { configFormats } from '../../src/formats/config-format.js';
import { suggestMap } from '../../src/formats/suggest-map.js';
import { openFileStore } from '../../src/storage/file-store.js';
import type { ObjectStore } from '../../src/storage/object-store.js';
import { countingStore } from '../storage/counting-store.js';
import { tempFolder } from '../storage/temp-folder.js';
import { ALL_CALLS, openSource, recordingEngine, type OpenSourceOptions } from './open-source.js';
import { callLines, recordedCall } from './recorded-calls.js';

function callsFolder(files: Readonly<Record<string, string>> = {}): string {
  return tempFolder({ 'a.json': callLines(3).join('\n'), ...files });
}

async function errorOf(opened: Promise<unknown>): Promise<UserError> {
  const error = await opened.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(UserError);
  return error as UserError;
}

describe('an opened source', () => {
  /** What an engine must not do any more: all of these are put to it as they are, past every check of ours. */
  const LOCKED = [
    "SELECT * FROM read_text('@@')",
    "SELECT * FROM read_csv('@@')",
    "SELECT * FROM read_json('@@')",
    "SELECT * FROM read_blob('/proc/self/environ')",
    "SELECT * FROM '@@'",
    "SELECT * FROM glob('/*')",
    "SELECT * FROM sniff_csv('@@')",
    "SELECT * FROM parquet_metadata('@@')",
    "SELECT * FROM read_text('https://example.org/')",
    "COPY (SELECT 1) TO '@@.csv'",
    "COPY loaded_calls FROM '@@'",
    "EXPORT DATABASE '@@.folder'",
    "IMPORT DATABASE '@@.folder'",
    "ATTACH '@@.db'",
    'INSTALL httpfs',
    'LOAD httpfs',
    'SET enable_external_access = true',
    'SET lock_configuration = false',
    'RESET lock_configuration',
    "SET temp_directory = '@@'",
    "SET memory_limit = '1TB'",
    'SET threads = 64',
    "SET allowed_paths = ['@@']",
    "PRAGMA enable_profiling = 'json'",
    "CREATE SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')",
  ];

  test.each(LOCKED)('%s is refused', async (text) => {
    const folder = callsFolder();
    const { engine } = await openSource(folder);
    await expect(engine.run(text.replace('@@', join(folder, 'a.json')))).rejects.toThrow();
    expect(readdirSync(folder)).toEqual(['a.json']);
    expect(await engine.rows('SELECT count(*) FROM api_calls')).toEqual([[3n]]);
  });

  /** What a user's SELECT must not say: it would be possible, locked or not. */
  test.each([
    "SELECT * FROM enable_logging(storage_path = '@@.log')",
    'SELECT * FROM enable_logging()',
    "SELECT * FROM system.main.enable_logging(storage = 'stdout')",
    'SELECT * FROM disable_logging()',
    'SELECT * FROM enable_profiling()',
    "SELECT * FROM enable_profiling(save_location = '@@.txt')",
    'SELECT * FROM truncate_duckdb_logs()',
    'SELECT * FROM checkpoint()',
    "SELECT * FROM query('SELECT * FROM enable_logging()')",
    "SELECT * FROM query_table('api_calls')",
    "SELECT * FROM json_execute_serialized_sql('{}')",
    'SELECT (SELECT count(*) FROM enable_logging()) FROM api_calls',
    'WITH c AS (FROM enable_logging()) SELECT * FROM api_calls',
    'SELECT * FROM api_calls, LATERAL enable_logging()',
    'SELECT * FROM raw UNION ALL SELECT * FROM enable_logging()',
    'SELECT * FROM arrow_scan(1, 2, 3)',
    "SELECT * FROM read_text('@@') AS raw",
    "SELECT 'raw' FROM read_text('@@')",
    'CALL enable_logging()',
    'SELECT 1; SELECT 2',
    '',
  ])('%s is refused before anything is read', async (text) => {
    const folder = callsFolder();
    const { store, counts } = countingStore(await openFileStore(folder));
    const sql = text.replace('@@', join(folder, 'a.json'));
    await errorOf(openSource([store], { asked: [sql] }));
    expect(counts.readKeys).toEqual([]);
    expect(readdirSync(folder)).toEqual(['a.json']);
  });

  test.each([
    'SELECT * FROM range(3)',
    'SELECT unnest([1, 2]) FROM api_calls',
    'SELECT j.key FROM api_calls, json_each(request) AS j',
    'SELECT * FROM (SHOW TABLES)',
    'SELECT column_name FROM information_schema.columns',
    "SELECT 'enable_logging()' AS raw, 'read_text' FROM api_calls",
  ])('%s is answered', async (sql) => {
    const { rows } = await openSource(callsFolder(), { asked: [sql] });
    await expect(rows(sql)).resolves.toBeInstanceOf(Array);
  });

  test('spills into the folder of the run although it is locked', async () => {
    const { rows } = await openSource(callsFolder(), { memoryLimit: 60_000_000 });
    const sorted =
      'SELECT count(*) AS n FROM (SELECT md5(CAST(i AS VARCHAR)) AS h FROM range(3000000) t(i) ORDER BY h LIMIT 2900000)';
    expect(await rows(sorted)).toEqual([{ n: 2_900_000n }]);
  });
});

describe('what is loaded twice', () => {
  /** Two records of the same id and time that differ only in a column which nobody asks for. */
  const twins = [recordedCall(1, { event_id: 'e', region: 'a' }), recordedCall(1, { event_id: 'e', region: 'b' })];
  const lines = [...twins.map((call) => JSON.stringify(call)), 'broken', ...callLines(3)].join('\n');

  test('is put aside once', async () => {
    const quarantine = join(tempFolder(), 'aside');
    const { recorder, options } = watched({ asked: ['SELECT service, object_key FROM api_calls'] });
    const { accounting } = await openSource(tempFolder({ 'a.json': lines, 'b.json': lines }), {
      ...options,
      request: { quarantine: openQuarantine(quarantine) },
    });
    expect(recorder.ran.filter((sql) => sql.startsWith('CREATE OR REPLACE TABLE loaded_calls'))).toHaveLength(2);
    expect(accounting.records).toMatchObject({ read: 12, kept: 7, duplicate: 3, quarantined: 2 });
    expect(readFileSync(join(quarantine, 'quarantine.ndjson'), 'utf8').trim().split('\n')).toHaveLength(2);
  });

  test('is read once where it can be read only once', async () => {
    const { store, counts } = countingStore(await openFileStore(tempFolder({ 'a.json': lines })));
    const once: ObjectStore = { ...store, readOnce: true };
    const { accounting } = await openSource([once], { asked: ['SELECT service FROM api_calls'] });
    expect(accounting.records).toMatchObject({ kept: 4, duplicate: 1 });
    expect(counts.readKeys).toEqual(['a.json']);
  });
});

describe('records of no known format', () => {
  test('nothing else there: their keys, of which a map to fill in can be made', async () => {
    const folder = tempFolder({ 'a.json': '{"when":1,"who":"eve","what":"x"}\n{"when":2,"who":"eve","what":"y"}\n' });
    const { dataset } = await openSource(folder);
    expect(dataset.unknownKeys).toEqual(['when', 'who', 'what']);
    expect(dataset.accounting.records).toEqual({ read: 2, kept: 0, duplicate: 0, filtered: 0, quarantined: 2 });
    const { formats } = JSON.parse(suggestMap(dataset.unknownKeys ?? [])) as { formats: unknown };
    expect(configFormats(formats, 'formats')).toHaveLength(1);
  });

  test('beside others: put aside, counted', async () => {
    const folder = callsFolder({ 'b.json': '{"when":1}\n{"when":2}\n', 'c.json': '{"a":"document"}' });
    const { accounting, dataset } = await openSource(folder);
    expect(dataset.unknownKeys).toBeUndefined();
    expect(accounting.objects).toEqual({ listed: 3, read: 2, skipped: 1, failed: 0 });
    expect(accounting.records).toEqual({ read: 5, kept: 3, duplicate: 0, filtered: 0, quarantined: 2 });
  });
});

describe('formats of the user’s own', () => {
  const RECORDS = [
    {
      when: '2026-03-01T06:00:00Z',
      who: 'eve',
      what: 'Read',
      deep: { status: 404, list: [1, 2] },
      big: '12345678901234567890',
    },
    { when: 'never', who: '', what: 'Write', deep: { status: 'x' } },
  ];
  const folder = (): string => callsFolder({ 'own.json': RECORDS.map((record) => JSON.stringify(record)).join('\n') });
  const columns = {
    timestamp: '$.when',
    service: { sql: "'own'" },
    operation: { sql: `upper(json_extract_string("record", '$.what')) -- loud` },
    principal: '$.who',
    status_code: '$.deep.status',
    request: '$.deep',
  };
  const own = (more: object = {}): OpenSourceOptions => {
    const definition = { name: 'own', detect: { all: ['when', 'who'] }, columns: { ...columns, ...more } };
    return { request: { userFormats: configFormats([definition], 'formats') } };
  };

  test('fill the columns', async () => {
    const { rows, accounting } = await openSource(folder(), own());
    expect(accounting.records).toMatchObject({ read: 5, kept: 5 });
    const asked = `SELECT "timestamp", service, operation, principal, status_code, request, event_id, calls FROM api_calls WHERE log_format = 'own' ORDER BY operation`;
    expect(await rows(asked)).toEqual([
      {
        timestamp: '2026-03-01T06:00:00Z',
        service: 'own',
        operation: 'READ',
        principal: 'eve',
        status_code: 404n,
        request: '{"status":404,"list":[1,2]}',
        event_id: null,
        calls: 1n,
      },
      {
        timestamp: null,
        service: 'own',
        operation: 'WRITE',
        principal: null,
        status_code: null,
        request: '{"status":"x"}',
        event_id: null,
        calls: 1n,
      },
    ]);
  });

  test.each([
    "(SELECT content FROM read_text('@@'))",
    "(SELECT content AS raw FROM read_text('@@'))",
    "coalesce(NULL, (SELECT max(content) FROM read_text('@@') AS raw))",
    '(SELECT 1)',
    'EXISTS (SELECT 1)',
    '1 IN (SELECT 1)',
    'array(SELECT 1)',
    "1), (SELECT content FROM read_text('@@')",
    '1 AS VARCHAR) AS "timestamp", CAST((SELECT content FROM read_text(\'@@\')',
    "1) FROM read_text('@@') AS raw WHERE (true",
    '1) AS x, (2',
    '"no_such_field"',
    'no_such_function("record")',
    'count(*)',
    "'",
    '(1',
    'record.raw.',
  ])('%s is refused before anything is read', async (text) => {
    const source = folder();
    writeFileSync(join(source, 'secret.txt'), 'secret content');
    const { store, counts } = countingStore(await openFileStore(source));
    const sql = text.replaceAll('@@', join(source, 'secret.txt'));
    const { message, wayOut } = await errorOf(openSource([store], own({ error_message: { sql } })));
    expect(message).toContain('The format "own" of the configuration');
    expect(String(wayOut)).toContain('record');
    expect(message).not.toContain('secret content');
    expect(counts.readKeys).toEqual([]);
  });

  test('the word raw in an expression does not load raw records', async () => {
    const { recorder, options } = watched(own({ error_message: { sql: `json_extract_string("record", '$.raw')` } }));
    const { rows } = await openSource(folder(), { ...options, asked: ['SELECT error_message FROM api_calls'] });
    expect(await rows('SELECT count(*) AS n FROM api_calls')).toEqual([{ n: 5n }]);
    expect(recorder.ran.some((sql) => sql.includes('record_number'))).toBe(false);
  });
});

describe('the folder of the run', () => {
  test('holds nothing of the records once the source is open', async () => {
    const source = callsFolder({ 'b.json': 'broken\n', 'c [1].json': callLines(200).join('\n') });
    let run = '';
    const options: OpenSourceOptions = { asked: [ALL_CALLS], request: { requireFreeBytes: () => Promise.resolve() } };
    const { recorder, options: recording } = watched(options);
    await openSource(source, recording);
    run = /read_csv\('([^']+)\/[^/']+'/.exec(recorder.ran.join('\n'))?.[1] ?? '';
    expect(existsSync(run)).toBe(true);
    expect(readdirSync(run, { recursive: true }).filter((name) => /csv|json/.test(String(name)))).toEqual([]);
  });
});

/** Options under which the engine notes what it runs. */
function watched(options: OpenSourceOptions): {
  recorder: { ran: readonly string[] };
  options: OpenSourceOptions;
} {
  const ran: string[] = [];
  return {
    recorder: { ran },
    options: { ...options, wrap: (engine) => recordingEngine(engine, ran).engine },
  };
}
