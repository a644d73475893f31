import { tmpdir } from 'node:os';
import { openDuckDB } from '../../src/engines/duckdb.js';
import type { Engine, RowStream, Value } from '../../src/engines/engine.js';
import type { ApiCallColumn } from '../../src/formats/api-call-columns.js';
import { API_CALL_COLUMNS } from '../../src/formats/api-call-columns.js';

export type ApiCall = Partial<Record<ApiCallColumn, string | number | bigint | null>>;

/** An engine with an `api_calls` table that holds these rows; `calls` is 1 where not given, the rest NULL. */
export async function openEngine(calls: readonly ApiCall[] = []): Promise<Engine> {
  const engine = await openDuckDB({ spillFolder: tmpdir(), memoryLimit: 500_000_000, threads: 2 });
  const columns = Object.entries(API_CALL_COLUMNS).map(
    ([name, type]) => `CAST(json_extract_string(call, '$.${name}') AS ${type}) AS "${name}"`,
  );
  const rows = calls.map((call) =>
    Object.fromEntries(
      Object.entries({ calls: 1, ...call }).map(([name, value]) => [name, value === null ? null : String(value)]),
    ),
  );
  await engine.run(
    `CREATE TABLE api_calls AS SELECT ${columns.join(', ')}
     FROM (SELECT unnest(json_extract(CAST($rows AS JSON), '$[*]')) AS call) AS given`,
    { rows: JSON.stringify(rows) },
  );
  return engine;
}

/** All rows of an answer as objects. */
export async function collect(answer: RowStream): Promise<Record<string, Value>[]> {
  const rows: Record<string, Value>[] = [];
  for await (const chunk of answer.chunks) {
    for (const row of chunk) {
      rows.push(Object.fromEntries(answer.columns.map((column, index) => [column.name, row[index] ?? null])));
    }
  }
  return rows;
}
