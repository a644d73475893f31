import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ALL_COLUMNS, findNeeds } from '../../src/dataset/needed-columns.js';
import { planScan } from '../../src/dataset/plan-scan.js';
import { adHocQuery } from '../../src/queries/ad-hoc-query.js';
import { askQuestions, type Question } from '../../src/queries/ask-questions.js';
import { bindParameters } from '../../src/queries/bind-parameters.js';
import { listQueries, loadQuery } from '../../src/queries/query-catalog.js';
import { AWS_API_CALLS_VIEW } from '../../src/queries/clickhouse-dialect.js';
import { openFileStore } from '../../src/storage/file-store.js';
import { tempFolder } from '../storage/temp-folder.js';
import {
  differences,
  NO_FILTERS,
  openRun,
  openSource,
  statementOf,
  type ObjectRow,
  PLAIN_READING,
} from './open-source.js';
import { recordedCall } from './recorded-calls.js';

/** What each reads, and what it needs: all columns where nothing is said. */
const SELECTS: Readonly<Record<string, string | undefined>> = {
  'SELECT count(*) AS n FROM api_calls': '',
  'SELECT count(1) AS n FROM api_calls': '',
  'SELECT 1 AS one FROM api_calls LIMIT 3': '',
  'SELECT count(*) AS n FROM api_calls WHERE false': '',
  "SELECT count(*) AS n FROM api_calls WHERE region = 'eu-west-1'": 'region',
  'SELECT count(*) AS n FROM api_calls WHERE status_code IS NULL': 'status_code',
  "SELECT count(*) AS n FROM api_calls WHERE status_code IN (200, 404) AND NOT starts_with(operation, 'x')":
    'operation,status_code',
  'SELECT service FROM api_calls ORDER BY operation': 'service,operation',
  'SELECT service FROM api_calls ORDER BY "timestamp" DESC, operation LIMIT 5': 'timestamp,service,operation',
  'SELECT service FROM api_calls ORDER BY ALL LIMIT 2': 'service',
  'SELECT DISTINCT service FROM api_calls': 'service',
  'SELECT DISTINCT ON (service) service, operation FROM api_calls ORDER BY service, "timestamp", operation':
    'timestamp,service,operation',
  'SELECT service, count(*) AS n FROM api_calls GROUP BY ALL HAVING max(status_code) > 300': 'service,status_code',
  'SELECT service, count(*) FILTER (WHERE error_code IS NOT NULL) AS n FROM api_calls GROUP BY 1': 'service,error_code',
  'SELECT operation, row_number() OVER (PARTITION BY service ORDER BY "timestamp", operation) AS n FROM api_calls':
    'timestamp,service,operation',
  'SELECT operation FROM api_calls QUALIFY row_number() OVER (PARTITION BY session_id ORDER BY operation) = 1':
    'session_id,operation',
  'SELECT operation, lag(region) OVER w AS r FROM api_calls WINDOW w AS (ORDER BY operation)': 'region,operation',
  'SELECT a.operation FROM api_calls a JOIN api_calls b ON a.session_id = b.session_id AND a.status_code < b.status_code':
    'session_id,operation,status_code',
  'SELECT count(*) AS n FROM api_calls a JOIN api_calls b USING (session_id)': 'session_id',
  'SELECT count(*) AS n FROM api_calls a NATURAL JOIN (SELECT session_id, service FROM api_calls) b':
    'session_id,service',
  'SELECT count(*) AS n FROM api_calls a LEFT JOIN api_calls b ON a.operation = b.operation AND b.region = a.user_agent':
    undefined,
  'SELECT count(*) AS n FROM api_calls a ANTI JOIN api_calls b ON a.operation = b.service': 'service,operation',
  'SELECT count(*) AS n FROM api_calls a SEMI JOIN api_calls b ON a.operation = b.operation': 'operation',
  'SELECT a.operation FROM api_calls a ASOF JOIN api_calls b ON a.service = b.service AND a."timestamp" > b."timestamp" ORDER BY 1':
    'timestamp,service,operation',
  'SELECT api_calls FROM api_calls ORDER BY operation LIMIT 2': undefined,
  'SELECT count(api_calls) AS n FROM api_calls': undefined,
  "SELECT COLUMNS('s.*') FROM api_calls": undefined,
  "SELECT COLUMNS(c -> c LIKE '%_bytes') FROM api_calls": 'request_bytes,response_bytes',
  'SELECT * EXCLUDE (request, response) FROM api_calls': undefined,
  'SELECT * REPLACE (upper(service) AS service) FROM api_calls': undefined,
  'SELECT count(COLUMNS(*)) FROM api_calls': undefined,
  'WITH c AS (SELECT * FROM api_calls) SELECT count(DISTINCT operation) AS n FROM c': 'operation',
  'WITH c AS MATERIALIZED (SELECT * FROM api_calls) SELECT count(DISTINCT operation) AS n FROM c': undefined,
  'WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < (SELECT count(DISTINCT service) FROM api_calls)) SELECT max(i) AS n FROM r':
    'service',
  'SELECT operation, (SELECT max(b.status_code) FROM api_calls b WHERE b.service = a.service) AS most FROM api_calls a':
    'service,operation,status_code',
  'SELECT operation FROM api_calls a WHERE EXISTS (SELECT 1 FROM api_calls b WHERE b.error_code = a.error_code)':
    'operation,error_code',
  'SELECT operation FROM api_calls WHERE service IN (SELECT service FROM api_calls GROUP BY 1 HAVING count(*) > 2)':
    'service,operation',
  'SELECT operation FROM api_calls WHERE status_code > ALL (SELECT status_code FROM api_calls WHERE region IS NULL)':
    'region,operation,status_code',
  'SELECT a.service, t.n FROM api_calls a, LATERAL (SELECT count(*) AS n FROM api_calls b WHERE b.region = a.region) t':
    'region,service',
  "SELECT operation, unnest(string_split(user_agent, ' ')) AS part FROM api_calls": 'operation,user_agent',
  'SELECT service FROM api_calls UNION SELECT operation FROM api_calls': 'service,operation',
  'SELECT service FROM api_calls EXCEPT SELECT region FROM api_calls': 'region,service',
  'SELECT service FROM api_calls INTERSECT ALL SELECT service FROM api_calls': 'service',
  'SELECT service AS x FROM api_calls UNION ALL BY NAME SELECT operation AS y FROM api_calls': 'service,operation',
  'FROM api_calls SELECT service, sum(calls) AS n GROUP BY service': 'service,calls',
  'SELECT count(operation) AS n FROM api_calls TABLESAMPLE 100%': undefined,
  'SELECT count(*) AS n FROM (SELECT operation, service FROM api_calls USING SAMPLE 100%) AS s': undefined,
  'SELECT service, list(operation ORDER BY status_code, operation) AS all FROM api_calls GROUP BY 1':
    'service,operation,status_code',
  'SELECT arg_max(operation, (status_code, operation)) AS o FROM api_calls': 'operation,status_code',
  'SELECT service, GROUPING(service) AS g, count(*) AS n FROM api_calls GROUP BY ROLLUP (service, region)':
    'region,service',
  'SELECT * FROM (SELECT service, status_code FROM api_calls) PIVOT (count(*) FOR status_code IN (200, 404) GROUP BY service)':
    'service,status_code',
  'SELECT name, value FROM (SELECT service, operation FROM api_calls) UNPIVOT (value FOR name IN (service, operation))':
    'service,operation',
  'SELECT count(*) AS n FROM aws_api_calls WHERE err_type IS NULL': 'error_code',
  'SELECT err_type, err_msg FROM aws_api_calls': 'error_code,error_message',
  'SELECT count(DISTINCT object_key) AS n FROM api_calls': 'object_key',
  "SELECT operation FROM api_calls WHERE object_key LIKE 'a%'": 'operation,object_key',
  "SELECT json_extract_scalar(request, '$.Bucket') AS bucket FROM api_calls WHERE request IS NOT NULL": 'request',
  'SELECT coalesce(error_message, error_code, CAST(status_code AS VARCHAR)) AS e FROM api_calls':
    'status_code,error_code,error_message',
  "SELECT CASE WHEN service = 's3' THEN request END AS r FROM api_calls": 'service,request',
  'SELECT hash(a) = hash(b) AS same FROM (SELECT min(operation) AS a, max(operation) AS b FROM api_calls)': 'operation',
  'SELECT column_name FROM (DESCRIBE api_calls)': undefined,
  'SELECT max_by(operation, region) OVER (PARTITION BY service ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW) IS NULL AS x FROM api_calls ORDER BY operation':
    undefined,
};

describe('what a statement reads', () => {
  test('every column that it uses, and no other', async () => {
    const engine = await openRun().openEngine();
    const views = [
      'CREATE OR REPLACE VIEW aws_api_calls AS SELECT *, error_code AS err_type, error_message AS err_msg FROM api_calls',
    ];
    for (const [sql, columns] of Object.entries(SELECTS)) {
      if (columns === undefined) continue;
      const needs = await findNeeds(engine, { statements: [statementOf(sql)], views, lock: false });
      expect([needs.columns.join(','), needs.raw], sql).toEqual([columns, false]);
    }
  });

  test.each([
    'SELECT * FROM raw',
    'SELECT count(*) FROM raw_api_call',
    'SELECT 1 FROM "raw_cloudtrail"',
    'select * from RAW',
  ])('%s: the raw records', async (sql) => {
    const { openEngine } = openRun();
    const needs = await findNeeds(await openEngine(), { statements: [statementOf(sql)], views: [], lock: true });
    expect(needs).toEqual({ columns: ALL_COLUMNS, raw: true });
  });

  test('an engine that is not locked is left as it was', async () => {
    const engine = await openRun().openEngine();
    const setting = "SELECT value FROM duckdb_settings() WHERE name = 'disabled_optimizers'";
    const before = await engine.rows(setting);
    await findNeeds(engine, { statements: [statementOf('SELECT service FROM api_calls')], views: [], lock: false });
    expect(await engine.rows(setting)).toEqual(before);
    expect(await engine.rows('SELECT table_name FROM duckdb_tables()')).toEqual([]);
  });
});

describe('an answer from what is needed is the answer from everything', () => {
  const folder = (): string => {
    const calls = Array.from({ length: 120 }, (_, i) =>
      recordedCall(i, {
        ...(i % 5 === 0 ? { event_id: `e${i % 15}` } : {}),
        duration_ms: i % 4 === 0 ? i / 3 : null,
        account_id: i % 2 === 0 ? '000000000001' : null,
        region: i % 9 === 0 ? null : i % 2 === 0 ? 'eu-west-1' : 'us-east-1',
        err_msg: i % 11 === 0 ? `message ${i % 2}` : null,
      }),
    );
    const files = { 'a.json': calls.slice(0, 60), 'b.json': calls.slice(40) };
    const texts = Object.entries(files).map(([key, of]) => [key, of.map((call) => JSON.stringify(call)).join('\n')]);
    return tempFolder(Object.fromEntries(texts) as Record<string, string>);
  };

  test('for every SELECT', { timeout: 120_000 }, async () => {
    const source = folder();
    const wide = await openSource(source, { request: { views: [AWS_API_CALLS_VIEW] } });
    for (const sql of Object.keys(SELECTS)) {
      expect(differences(await answerTo(source, adHoc(sql)), await wide.rows(sql)), sql).toEqual([]);
    }
  });

  const GIVEN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    anomalies: { every: 'minute' },
    denormalize: { service: 's3' },
  };

  test.each(listQueries().map(({ name }) => name))('%s', async (name) => {
    const source = folder();
    const query = loadQuery(name);
    const known = new Set(query.parameters.map((parameter) => parameter.name));
    const given = Object.entries(GIVEN[name] ?? {}).filter(([parameter]) => known.has(parameter));
    const question = { query, parameters: bindParameters(query, Object.fromEntries(given)), limit: 0 };
    const narrow = await answerTo(source, question);
    expect(narrow.length).toBeGreaterThan(0);
    expect(narrow).toEqual(await answerTo(source, question, true));
  });

  test('a large file that the engine reads itself', async () => {
    const source = tempFolder();
    const calls = Array.from({ length: 400 }, (_, i) => recordedCall(i));
    writeFileSync(join(source, 'a.json'), calls.map((call) => JSON.stringify(call)).join('\n'));
    for (const sql of [
      'SELECT count(*) AS n FROM api_calls',
      'SELECT service FROM api_calls',
      'SELECT log_format FROM api_calls',
    ]) {
      expect(differences(await answerTo(source, adHoc(sql)), await answerTo(source, adHoc(sql), true))).toEqual([]);
    }
  });

  test('the time span is told only where the time was read', async () => {
    const source = folder();
    expect((await openSource(source, { asked: ['SELECT service FROM api_calls'] })).dataset.timeSpan).toBeUndefined();
    expect((await openSource(source, { asked: ['SELECT "timestamp" FROM api_calls'] })).dataset.timeSpan).toEqual({
      first: '2026-03-01T06:00:00Z',
      last: '2026-03-01T06:01:59Z',
    });
  });
});

function adHoc(sql: string): Question {
  return { query: adHocQuery(sql), parameters: {}, limit: 0 };
}

/** The rows of an answer; `wide` asks for all columns beside it. */
async function answerTo(source: string, question: Question, wide = false): Promise<ObjectRow[]> {
  const run = openRun();
  const plan = await planScan({ stores: [await openFileStore(source)], window: {}, latenessMs: 0 });
  const { answers } = await askQuestions({
    plan,
    engine: await run.openEngine(),
    folder: run.folder,
    filters: NO_FILTERS,
    questions: wide ? [question, adHoc('SELECT * FROM api_calls')] : [question],
    openProbe: run.openEngine,
    openAnother: run.openEngine,
    ...PLAIN_READING,
  });
  for await (const { columns, chunks } of answers) {
    const rows: ObjectRow[] = [];
    for await (const chunk of chunks) {
      for (const row of chunk) rows.push(Object.fromEntries(columns.map(({ name }, i) => [name, row[i] ?? null])));
    }
    return rows;
  }
  throw new Error('no answer');
}
