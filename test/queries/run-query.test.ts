import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callsWithoutSession } from '../../src/queries/calls-without-session.js';
import { planQuery } from '../../src/queries/plan-query.js';
import { bindParameters } from '../../src/queries/bind-parameters.js';
import { listQueries, loadQuery } from '../../src/queries/query-catalog.js';
import { renderSql } from '../../src/queries/render-sql.js';
import { runQuery } from '../../src/queries/run-query.js';
import { ask } from './ask.js';
import { openEngine } from './duckdb-engine.js';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'awsusage-test-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

function write(sql: string): string {
  const path = join(folder, 'own.sql');
  writeFileSync(path, sql);
  return path;
}

describe('the limit', () => {
  const calls = Array.from({ length: 5_000 }, (_, index) => ({
    service: 's',
    operation: `Op${String(index).padStart(4, '0')}`,
  }));

  test.each([
    [0, 5_000],
    [20, 20],
    [2_048, 2_048],
    [2_049, 2_049],
    [5_000, 5_000],
    [9_999, 5_000],
  ])('%i gives %i rows and counts all', async (limit, shown) => {
    const { rows, answer } = await ask(await openEngine(calls), 'first-seen', {}, limit);
    expect(rows.length).toBe(shown);
    expect(rows.at(-1)?.['operation']).toBe(`Op${String(shown - 1).padStart(4, '0')}`);
    expect(answer.counted()).toEqual({ shown, total: 5_000 });
  });

  test("without one the question's own", async () => {
    const query = loadQuery('top-operations');
    const answer = await runQuery(await openEngine(calls), query, { parameters: {} });
    let rows = 0;
    for await (const chunk of answer.chunks) rows += chunk.length;
    expect([rows, answer.counted()]).toEqual([20, { shown: 20, total: 5_000 }]);
  });

  test('a reader that stops early ends the stream', async () => {
    const engine = await openEngine(calls);
    const answer = await runQuery(engine, loadQuery('first-seen'), { parameters: {}, limit: 0 });
    for await (const chunk of answer.chunks) if (chunk.length > 0) break;
    expect((await ask(engine, 'services')).rows.length).toBe(1);
  });
});

describe("a user's own file", () => {
  test('gets its parameters bound', async () => {
    const path = write(
      '-- summary: s\n-- parameter: who\n--   type: text\n\nSELECT count(*) AS n FROM api_calls WHERE principal = $who;',
    );
    const engine = await openEngine([{ principal: "o'brien" }, { principal: 'x' }]);
    expect((await ask(engine, path, { who: "o'brien" })).rows).toEqual([{ n: 1n }]);
    expect((await ask(engine, path)).rows).toEqual([{ n: 0n }]);
  });

  test.each([
    'WITH a AS (SELECT 1 AS x) SELECT x FROM a',
    'FROM api_calls SELECT 1',
    'VALUES (1)',
    '(SELECT 1)',
    'SELECT 1 -- ;',
    "SELECT ';'",
  ])('%s runs', async (sql) => {
    expect((await ask(await openEngine([{}]), write(sql))).rows.length).toBe(1);
  });

  test.each([
    ['SELECT 1; SELECT 2', /own\.sql holds 2 statements/],
    ['SELECT 1; DROP TABLE api_calls', /own\.sql is not a SELECT/],
    ['DROP TABLE api_calls', /own\.sql is not a SELECT/],
    ["COPY (SELECT 1) TO 'x.csv'", /own\.sql is not a SELECT/],
    ['WITH a AS (SELECT 1) INSERT INTO api_calls SELECT * FROM a', /own\.sql is not a SELECT/],
    ['SET threads = 1', /own\.sql is not a SELECT/],
    ['-- nothing', /own\.sql holds no statement/],
    ['SELECT 1\nFORM api_calls x y', /own\.sql cannot be parsed \(line 2, column \d+\): syntax error/],
  ])('%s does not', async (sql, message) => {
    const engine = await openEngine([{}]);
    await expect(ask(engine, write(sql))).rejects.toThrow(
      expect.objectContaining({ message: expect.stringMatching(message) }),
    );
    expect((await ask(engine, 'services')).rows.length).toBe(1);
  });
});

test('how many calls carry no session', async () => {
  const engine = await openEngine([{ session_id: 'a' }, { calls: 5 }, { session_id: 'b', calls: 2 }]);
  expect(await callsWithoutSession(engine)).toEqual({ without: 5n, total: 8n });
  expect(await callsWithoutSession(await openEngine())).toEqual({ without: 0n, total: 0n });
});

test('no question gives a column that Parquet readers elsewhere would take for a double', async () => {
  const engine = await openEngine([
    { timestamp: '2026-10-01T00:00:00', service: 's3', request: '{"Bucket":"b"}', duration_ms: 1, session_id: 'a' },
  ]);
  for (const { name } of listQueries()) {
    const query = loadQuery(name);
    const { sql, parameters } = await planQuery(engine, query, bindParameters(query, {}));
    await engine.run(`CREATE OR REPLACE TABLE answer AS ${sql}`, parameters);
    const types = await engine.rows("SELECT data_type FROM information_schema.columns WHERE table_name = 'answer'");
    expect([name, types.map(String).filter((type) => /HUGEINT|DECIMAL|UBIGINT/.test(type))]).toEqual([name, []]);
  }
});

describe('the SQL in print', () => {
  test('has its parameters in comments', () => {
    const parameters = { every: 'hour', sigma: 3, window: 24n, fill_gaps: false, who: null, name: "o'brien" };
    expect(renderSql({ name: 'q', sql: 'SELECT 1', parameters })).toBe(
      "-- q\n-- $every = 'hour'\n-- $sigma = 3\n-- $window = 24\n-- $fill_gaps = false\n-- $who = null\n-- $name = 'o''brien'\nSELECT 1\n",
    );
  });

  test('no value leaves its comment', () => {
    const hostile = 'a\nDROP TABLE x;\r\u2028\u001b[31m\u202e\u0085b';
    const text = renderSql({ name: 'q', sql: 'SELECT 1', parameters: { p: hostile } });
    expect(text).toBe("-- q\n-- $p = 'a\\u{a}DROP TABLE x;\\u{d}\\u{2028}\\u{1b}[31m\\u{202e}\\u{85}b'\nSELECT 1\n");
  });

  test('runs as printed, with the parameters bound', async () => {
    const engine = await openEngine([{ timestamp: '2026-10-01T00:00:00', service: 's3', request: '{"Bucket":"b"}' }]);
    for (const { name } of listQueries()) {
      const query = loadQuery(name);
      const planned = await planQuery(engine, query, bindParameters(query, {}));
      const printed = renderSql({ name, ...planned });
      expect([name, await engine.rows(printed, planned.parameters)]).toEqual([
        name,
        await engine.rows(planned.sql, planned.parameters),
      ]);
    }
  });
});
