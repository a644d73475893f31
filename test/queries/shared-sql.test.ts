import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { listQueries, loadQuery } from '../../src/queries/query-catalog.js';
import { openEngine } from './duckdb-engine.js';
import { sharedSqlFaults } from './shared-sql-faults.js';

const FILES = readdirSync(fileURLToPath(new URL('../../src/queries/', import.meta.url))).filter((file) =>
  file.endsWith('.sql'),
);

test('every file is a question', () => {
  expect(listQueries().map((query) => `${query.name}.sql`)).toEqual(FILES.sort());
});

describe('every question keeps to the SQL that DuckDB, Trino and Athena share', () => {
  test.each(FILES)('%s', (file) => {
    const query = loadQuery(file.replace('.sql', ''));
    expect(sharedSqlFaults(query.sql)).toEqual([]);
    expect(sharedSqlFaults(query.guard?.sql ?? '')).toEqual([]);
  });

  test.each(FILES.filter((file) => file !== 'denormalize.sql'))(
    '%s has a complete order and never names an object',
    (file) => {
      const { sql } = loadQuery(file.replace('.sql', ''));
      expect(sql).toMatch(/\nORDER BY [^()]+$/);
      expect(sql).not.toMatch(/object_key/);
    },
  );
});

describe('the check finds', () => {
  test.each([
    ['SELECT a::int FROM t', '::'],
    ["SELECT j->>'$.a' FROM t", '->>'],
    ["SELECT j->'$.a' FROM t", '->'],
    ["SELECT a FROM t WHERE a ILIKE 'x'", 'ilike'],
    ['SELECT a FROM t LIMIT 5 OFFSET 2', 'LIMIT before OFFSET'],
    ['SELECT a FROM t LIMIT $n OFFSET 2', 'LIMIT before OFFSET'],
    ['SELECT a FROM t QUALIFY row_number() OVER (ORDER BY a) = 1', 'qualify'],
    ['SELECT a, count(*) FROM t GROUP BY ALL', 'GROUP BY ALL'],
    ['SELECT lower(a) AS b, count(*) FROM t GROUP BY b', 'alias b in GROUP BY'],
    ['SELECT lower(a) AS b, count(*) FROM t GROUP BY lower(b)', 'alias b in GROUP BY'],
    ['SELECT lower(a) AS "b" FROM t WHERE b IS NULL', 'alias b in WHERE'],
    ['SELECT sum(a) AS b FROM t GROUP BY c HAVING b > 1', 'alias b in HAVING'],
    ['SELECT x FROM (SELECT lower(a) AS b FROM t WHERE b IS NULL) AS s', 'alias b in WHERE'],
    ["SELECT a + INTERVAL '1 day' FROM t", "INTERVAL is not '1' DAY"],
    ['SELECT a + INTERVAL 1 DAY FROM t', "INTERVAL is not '1' DAY"],
    ["SELECT DATE '2026-10-01' + 1 FROM t", 'DATE + number'],
    ['SELECT CAST(a AS date) - 7 FROM t', 'DATE + number'],
    [`SELECT a FROM t WHERE "timestamp" >= '2026-10-01'`, 'timestamp compared with a string'],
    ["SELECT a FROM t WHERE timestamp < '2026-10-01'", 'timestamp compared with a string'],
    ['SELECT * EXCLUDE (a) FROM t', 'exclude'],
    ["SELECT string_agg(a, ',') FROM t", 'string_agg'],
    ['FROM t', 'FROM first'],
    ['SELECT a FROM (FROM t) AS s', 'FROM first'],
    ['SELECT a FROM t ASOF JOIN u ON t.a >= u.a', 'asof'],
    ['SELECT a, FROM t', 'trailing ,'],
    ['SELECT a, b FROM t ORDER BY a,', 'trailing ,'],
    ['SELECT a FROM t;', ';'],
    ['SELECT a FROM t WHERE a == 1', '=='],
    ['SELECT `a` FROM t', 'backquoted name'],
    ['SELECT 7 / 2', '/ of integers'],
    ['SELECT count(*) / 2 FROM t', '/ of integers'],
    ['SELECT approx_distinct(a) FROM t', 'function approx_distinct'],
    ['SELECT approx_percentile(a, 0.5) FROM t', 'function approx_percentile'],
    ["SELECT regexp_matches(a, 'x') FROM t", 'function regexp_matches'],
    ["SELECT concat(a, 'x') FROM t", 'function concat'],
    ['SELECT greatest(a, 1) FROM t', 'function greatest'],
    ["SELECT listagg(a, ',') FROM t", 'function listagg'],
    ["SELECT strftime(a, '%Y') FROM t", 'function strftime'],
    ["SELECT date_parse(a, '%Y') FROM t", 'function date_parse'],
    ['SELECT lag(a) IGNORE NULLS OVER (ORDER BY a) FROM t', 'IGNORE NULLS'],
    ['SELECT CAST(a AS array(bigint)) FROM t', 'type array'],
    ['SELECT CAST(a AS hugeint) FROM t', 'type hugeint'],
    ['SELECT CAST(a AS integer[]) FROM t', 'type integer'],
    ['SELECT [1, 2]', 'list literal'],
    ["SELECT {'a': 1}", '{'],
    ['SELECT DISTINCT ON (a) a FROM t', 'DISTINCT ON'],
    ['SELECT 2 ** 3', '**'],
    ['SELECT $$x$$', 'string $$'],
  ])('%s', (sql, fault) => {
    expect(sharedSqlFaults(sql)).toContain(fault);
  });
});

describe('the check lets through what both understand', () => {
  test.each([
    `SELECT date_trunc('day', "timestamp"), date("timestamp"), CAST("timestamp" AS date), extract(hour FROM "timestamp") FROM api_calls`,
    `SELECT "timestamp" FROM api_calls WHERE "timestamp" >= TIMESTAMP '2026-10-01 00:00:00' + INTERVAL '1' DAY`,
    'SELECT service, count(DISTINCT session_id) FILTER (WHERE status_code >= 400) FROM api_calls GROUP BY 1 ORDER BY 2 DESC',
    'SELECT service AS s, count(*) AS n FROM api_calls GROUP BY service HAVING count(*) > 1 ORDER BY n OFFSET 1 LIMIT 2',
    'SELECT service, operation, sum(calls) FROM api_calls GROUP BY GROUPING SETS ((service), (service, operation))',
    'SELECT array_agg(duration_ms ORDER BY duration_ms)[CAST(ceil(0.95 * count(*)) AS integer)] FROM api_calls',
    'WITH a (x, y) AS (SELECT 1, 2), b AS (SELECT x AS z FROM a) SELECT z FROM b WHERE z IS NOT NULL',
    'SELECT t.x, t.n FROM UNNEST(sequence(0, 3)) WITH ORDINALITY AS t (x, n)',
    'SELECT x FROM (VALUES (1), (2)) AS t (x)',
    'SELECT CAST(sum(calls) AS double) / count(*), 100e0 / count(*) FROM api_calls',
    'SELECT lag(calls) OVER w FROM api_calls WINDOW w AS (ORDER BY calls ROWS BETWEEN $n PRECEDING AND 1 FOLLOWING)',
    "SELECT coalesce(nullif(operation, ''), 'none; :: `x`') FROM api_calls -- a::b;",
  ])('%s', async (sql) => {
    expect(sharedSqlFaults(sql)).toEqual([]);
    const engine = await openEngine();
    await engine.rows(sql, sql.includes('$n') ? { n: 2n } : {});
  });
});
