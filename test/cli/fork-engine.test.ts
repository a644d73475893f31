import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ForkedEngine } from '../../src/cli/fork-engine.js';
import type { Engine, Row } from '../../src/engines/engine.js';
import { openDuckDB } from '../../src/engines/duckdb.js';
import { type BuiltEngine, engineProcesses, goneAfter, loadBuiltEngine } from './built-engine.js';

/** Takes minutes where nothing stops it. */
const ENDLESS = 'CREATE TABLE never AS SELECT sum(a.range * b.range) FROM range(1000000) AS a, range(1000000) AS b';

/** Does not fit into the least memory. */
const SPILLING = 'CREATE TABLE much AS SELECT range AS n, md5(CAST(range AS VARCHAR)) AS digest FROM range(30000000)';

let built: BuiltEngine;
let folder: string;
let forked: ForkedEngine;
let engine: Engine;

beforeAll(async () => {
  built = await loadBuiltEngine();
  folder = await mkdtemp(join(tmpdir(), 'awsusage-test-engine-'));
});

afterAll(async () => rm(folder, { recursive: true }));

beforeEach(async () => {
  forked = built.forkEngine();
  engine = await forked.open({ spillFolder: join(folder, 'spill'), memoryLimit: 64_000_000, threads: 2 });
});

afterEach(() => forked.close());

function onlyProcess(): number {
  const [pid, ...others] = engineProcesses(process.pid);
  expect([typeof pid, others]).toEqual(['number', []]);
  return pid ?? 0;
}

describe('answers', () => {
  const ALL_TYPES = `SELECT 170141183460469231731687303715884105727::HUGEINT AS huge, 9007199254740993 AS large, 1::TINYINT AS small,
    12.50::DECIMAL(9, 2) AS money, 0.1::DOUBLE AS tenth, 'NaN'::DOUBLE AS nan, '-Infinity'::DOUBLE AS infinite, true AS yes,
    TIMESTAMP '2026-10-01 06:15:01.25' AS at, DATE '2026-10-01' AS day, '{"a": [1.10]}'::JSON AS json, {'a': [1, NULL]} AS nested,
    'ключ ' || chr(0) || chr(27) || '🦆' AS odd, '' AS empty, NULL AS nothing, INTERVAL 3 DAY AS span, '\\xAA'::BLOB AS bytes`;

  test('of every type are what they are without another process', async () => {
    const local = await openDuckDB({ spillFolder: folder, memoryLimit: 64_000_000, threads: 1 });
    expect(await engine.rows(ALL_TYPES)).toEqual(await local.rows(ALL_TYPES));
    const [near, far] = [await local.stream(ALL_TYPES), await engine.stream(ALL_TYPES)];
    expect(far.columns).toEqual(near.columns);
    expect(await collect(far.chunks)).toEqual(await collect(near.chunks));
    local.close();
  });

  test('take what is bound, as it is', async () => {
    const parameters = { big: 2n ** 62n, text: `'; DROP TABLE x; --\u0000🦆`, number: 0.1, yes: false, nothing: null };
    const rows = await engine.rows('SELECT $big::BIGINT, $text, $number, $yes, $nothing', parameters);
    expect(rows).toEqual([Object.values(parameters)]);
  });

  test('of 100,000 rows are whole, at once and in chunks', async () => {
    const sql = `SELECT range AS n, 'row ' || range AS name FROM range(100000)`;
    const rows = await engine.rows(sql);
    expect(rows).toEqual(Array.from({ length: 100_000 }, (_, n) => [BigInt(n), `row ${String(n)}`]));
    await engine.run('SET preserve_insertion_order = true');
    expect(await collect((await engine.stream(sql)).chunks)).toEqual(rows);
  });

  test('are counted', async () => {
    expect(await engine.run('CREATE TABLE counted (n INTEGER)')).toBe(0n);
    expect(await engine.run('INSERT INTO counted FROM range(7)')).toBe(7n);
    expect(await engine.run('DELETE FROM counted WHERE n < 3')).toBe(3n);
  });

  test('to many statements at once come in their order', async () => {
    await engine.run('CREATE SEQUENCE turns');
    const asked = Array.from({ length: 20 }, async () => engine.rows(`SELECT nextval('turns')`));
    expect((await Promise.all(asked)).flat()).toEqual(Array.from({ length: 20 }, (_, n) => [BigInt(n + 1)]));
  });

  test('may be left early, and are not taken for complete where another statement came in between', async () => {
    for await (const chunk of (await engine.stream('FROM range(10000)')).chunks) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    const first = await engine.stream('FROM range(10000)');
    const second = await engine.stream('FROM range(20000)');
    await expect(collect(first.chunks)).rejects.toThrow('given up for a later one');
    expect(await collect(second.chunks)).toHaveLength(20_000);
    const disturbed = await engine.stream('FROM range(10000)');
    await engine.run('CREATE TABLE other AS SELECT 1');
    await expect(collect(disturbed.chunks)).rejects.toThrow('Another statement began');
  });
});

describe('errors', () => {
  test('of the SQL are SqlErrors, and the engine goes on', async () => {
    const failure = await engine.rows('SELEKT 1').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(built.SqlError);
    expect(failure).toMatchObject({ message: expect.stringMatching(/^Parser Error/) as string, name: 'SqlError' });
    await expect(engine.stream(`SELECT CAST('x' AS INTEGER)`)).rejects.toBeInstanceOf(built.SqlError);
    expect(await engine.rows('SELECT 1')).toEqual([[1n]]);
  });

  test('that the user can mend keep their way out; the memory limit is DuckDB’s', async () => {
    const sql = `SELECT list(md5(CAST(range AS VARCHAR))) FROM range(10000000)`;
    const failure = await engine.run(sql).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(built.UserError);
    expect(failure).toMatchObject({ wayOut: [expect.stringContaining('--memory') as string], exitCode: 'usage' });
    expect(await engine.rows('SELECT 1')).toEqual([[1n]]);
  });

  test('of a lock hold there, too', async () => {
    await engine.lock();
    await expect(engine.rows(`SELECT * FROM read_text('/etc/hostname')`)).rejects.toThrow(/Permission Error/);
  });

  test('of what cannot be sent reject the call alone', async () => {
    const parameters = { x: (() => 1) as unknown as string };
    await expect(engine.rows('SELECT $x', parameters)).rejects.toThrow(/could not be cloned/);
    expect(await engine.rows('SELECT 1')).toEqual([[1n]]);
  });
});

describe('interrupt', () => {
  test.each([0, 1, 50, 300])('after %d ms stops the statement that is running, and no other', async (delay) => {
    const stopped = engine.run(ENDLESS).catch((error: unknown) => error);
    const next = engine.rows('SELECT 2');
    if (delay > 0) await sleep(delay);
    engine.interrupt();
    expect(await stopped).toMatchObject({ message: expect.stringContaining('INTERRUPT Error') as string });
    expect(await next).toEqual([[2n]]);
  });

  test('while nothing runs stops nothing', async () => {
    engine.interrupt();
    await sleep(50);
    expect(await engine.rows('SELECT count(*) FROM range(10000000)')).toEqual([[10_000_000n]]);
  });
});

describe('a crash', () => {
  test.each(['SIGSEGV', 'SIGKILL', 'SIGABRT'] as const)(
    'by %s rejects all that waits, and all that follows',
    async (signal) => {
      const pending = [engine.run(ENDLESS), engine.rows('SELECT 1'), engine.stream('SELECT 1')];
      const failures = Promise.all(pending.map(async (call) => call.catch((error: unknown) => error)));
      await sleep(100);
      process.kill(onlyProcess(), signal);
      for (const failure of await failures) {
        expect(failure).toBeInstanceOf(built.EngineCrash);
        expect(failure).toMatchObject({ signal, exitCode: null, message: expect.stringContaining(signal) as string });
      }
      await expect(engine.rows('SELECT 1')).rejects.toBeInstanceOf(built.EngineCrash);
      engine.interrupt();
      engine.close();
      expect(engineProcesses(process.pid)).toEqual([]);
    },
  );

  test('while an answer is read ends the reading with it', async () => {
    const { chunks } = await engine.stream('FROM range(1000000)');
    const read = async (): Promise<void> => {
      for await (const chunk of chunks) if (chunk[0]?.[0] === 0n) process.kill(onlyProcess(), 'SIGKILL');
    };
    await expect(read()).rejects.toBeInstanceOf(built.EngineCrash);
  });

  test('of DuckDB itself is one, with the signal', async () => {
    const call = engine.rows(`SELECT json_structure(repeat('{"a":', 200000) || '1' || repeat('}', 200000))`);
    await expect(call).rejects.toMatchObject({ name: 'EngineCrash', signal: 'SIGSEGV' });
  });

  test('at the very start rejects the opening, with its last words', async () => {
    const before = process.env['NODE_OPTIONS'];
    process.env['NODE_OPTIONS'] = '--no-such-option';
    const broken = built.forkEngine();
    if (before === undefined) delete process.env['NODE_OPTIONS'];
    else process.env['NODE_OPTIONS'] = before;
    const opening = broken.open({ spillFolder: folder, memoryLimit: 64_000_000, threads: 1 });
    await expect(opening).rejects.toMatchObject({
      name: 'EngineCrash',
      exitCode: 9,
      message: expect.stringMatching(/it ended with exit code 9; it said: .*--no-such-option/) as string,
    });
  });

  test('leaves no spilled data behind', async () => {
    const failure = engine.run(SPILLING).catch((error: unknown) => error);
    const spill = join(folder, `spill-${String(onlyProcess())}`);
    while (!existsSync(spill) || (await readdir(spill)).length === 0) await sleep(10);
    process.kill(onlyProcess(), 'SIGKILL');
    expect(await failure).toBeInstanceOf(built.EngineCrash);
    while (existsSync(spill)) await sleep(10);
  });
});

describe('close', () => {
  test('ends the process at once, in the middle of a statement', async () => {
    const pid = onlyProcess();
    const failure = engine.run(ENDLESS).catch((error: unknown) => error);
    await sleep(50);
    engine.close();
    expect(await failure).toMatchObject({ message: 'The engine is closed' });
    expect(await goneAfter(pid)).toBeLessThan(1000);
    await expect(engine.rows('SELECT 1')).rejects.toThrow('The engine is closed');
    engine.close();
  });

  test('before the engine is open rejects the opening', async () => {
    const early = built.forkEngine();
    const opening = early.open({ spillFolder: folder, memoryLimit: 64_000_000, threads: 1 });
    early.close();
    await expect(opening).rejects.toThrow('The engine is closed');
  });
});

test('an engine that cannot be opened says why', async () => {
  const other = built.forkEngine();
  await expect(other.open({ spillFolder: folder, memoryLimit: 64_000_000, threads: -1 })).rejects.toThrow(
    'Failed to set config',
  );
  other.close();
});

async function collect(chunks: AsyncIterable<readonly Row[]>): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const chunk of chunks) rows.push(...chunk);
  return rows;
}
