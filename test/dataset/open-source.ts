import { UserError } from '../../src/errors.js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Accounting } from '../../src/dataset/accounting.js';
import type { CallFilters } from '../../src/dataset/filter-calls.js';
import type { Statement } from '../../src/dataset/needed-columns.js';
import { openDataset, type Dataset, type DatasetRequest } from '../../src/dataset/open-dataset.js';
import { planScan, type ScanPlan } from '../../src/dataset/plan-scan.js';
import { NO_QUARANTINE } from '../../src/dataset/quarantine.js';
import { openDuckDB } from '../../src/engines/duckdb.js';
import type { Engine, Value } from '../../src/engines/engine.js';
import { openFileStore } from '../../src/storage/file-store.js';
import type { ObjectStore } from '../../src/storage/object-store.js';

export const NO_FILTERS: CallFilters = { window: {}, values: {}, errorsOnly: false, where: [] };

/** What a command without flags says of a reading. */
export const PLAIN_READING = {
  userFormats: [],
  dedupe: true,
  showSecrets: false,
  quarantine: NO_QUARANTINE,
  onProgress: () => undefined,
  requireFreeBytes: () => Promise.resolve(),
} as const;

/** A row by the names of its columns. */
export type ObjectRow = Record<string, Value>;

export const ALL_CALLS = 'SELECT * FROM api_calls';

export interface OpenSourceOptions {
  /** What will be asked; all columns of all calls where absent. As for a user's own SQL, a mistake in it is explained. */
  readonly asked?: readonly string[];
  readonly filters?: Partial<CallFilters>;
  readonly latenessMs?: number;
  readonly memoryLimit?: number;
  /** Wraps the engine, for tests that watch it. */
  readonly wrap?: (engine: Engine) => Engine;
  readonly request?: Partial<DatasetRequest>;
}

export interface OpenedSource {
  readonly engine: Engine;
  readonly dataset: Dataset;
  readonly accounting: Accounting;
  readonly plan: ScanPlan;
  /** The rows of a statement as objects. */
  rows(sql: string): Promise<ObjectRow[]>;
}

/** Opens a folder, a file or stores as a command does, with a real DuckDB; all is closed and removed after the test. */
export async function openSource(
  source: string | readonly ObjectStore[],
  options: OpenSourceOptions = {},
): Promise<OpenedSource> {
  const stores = typeof source === 'string' ? [await openFileStore(source)] : source;
  const { asked = [ALL_CALLS], latenessMs = 86_400_000, wrap = (engine) => engine } = options;
  const filters = { ...NO_FILTERS, ...options.filters };
  const run = openRun(options.memoryLimit);
  const engine = wrap(await run.openEngine());
  const plan = await planScan({ stores, window: filters.window, latenessMs });
  const dataset = await openDataset({
    plan,
    engine,
    folder: run.folder,
    filters,
    statements: asked.map(statementOf),
    views: [],
    openProbe: run.openEngine,
    ...PLAIN_READING,
    ...options.request,
  });
  return { engine, dataset, accounting: dataset.accounting, plan, rows: (sql) => rowsOf(engine, sql) };
}

/** A user's own statement. */
export function statementOf(sql: string): Statement {
  return { sql, parameters: {}, explain: (error) => new UserError(error.message, { cause: error }) };
}

/** A folder and engines for one run, gone after the test. */
export function openRun(memoryLimit = 500_000_000): { folder: string; openEngine: () => Promise<Engine> } {
  const folder = mkdtempSync(join(tmpdir(), 'awsusage-test-run-'));
  const engines: Engine[] = [];
  onTestFinished(() => {
    for (const engine of engines) engine.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const openEngine = async (): Promise<Engine> => {
    const engine = await openDuckDB({ spillFolder: join(folder, 'spill'), memoryLimit, threads: 2 });
    engines.push(engine);
    return engine;
  };
  return { folder, openEngine };
}

/** The rows of a statement as objects. */
export async function rowsOf(engine: Engine, sql: string): Promise<ObjectRow[]> {
  const { columns, chunks } = await engine.stream(sql);
  const rows: ObjectRow[] = [];
  for await (const chunk of chunks) {
    for (const row of chunk) rows.push(Object.fromEntries(columns.map(({ name }, i) => [name, row[i] ?? null])));
  }
  return rows;
}

/**
 * The first few rows that only one of two answers has, whatever their order: `+` for the first, `-` for the second. Each row
 * counts as often as it is there.
 */
export function differences(one: readonly ObjectRow[], two: readonly ObjectRow[]): string[] {
  const counts = new Map<string, number>();
  for (const row of one) count(counts, row, 1);
  for (const row of two) count(counts, row, -1);
  const found = [...counts].filter(([, difference]) => difference !== 0);
  return found
    .slice(0, 6)
    .map(([row, difference]) => `${difference > 0 ? '+' : ''}${difference} ${row.slice(0, 2000)}`);
}

function count(counts: Map<string, number>, row: ObjectRow, by: number): void {
  const shown = JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
  counts.set(shown, (counts.get(shown) ?? 0) + by);
}

/** An engine that notes what it runs. */
export function recordingEngine(engine: Engine, ran: string[] = []): { engine: Engine; ran: string[] } {
  const recorded = withRun(engine, (sql, parameters) => {
    ran.push(sql);
    return engine.run(sql, parameters);
  });
  return { engine: recorded, ran };
}

/** The same engine, which runs statements in another way. */
export function withRun(engine: Engine, run: Engine['run']): Engine {
  return {
    run,
    stream: (sql, parameters) => engine.stream(sql, parameters),
    rows: (sql, parameters) => engine.rows(sql, parameters),
    lock: (readable) => engine.lock(readable),
    interrupt: () => engine.interrupt(),
    close: () => engine.close(),
  };
}

/** The same store, but one that has no files for the engine to read. */
export function withoutLocalPath(store: ObjectStore): ObjectStore {
  const { name, list, read } = store;
  return { name, list, read, ...(store.context === undefined ? {} : { context: store.context }) };
}
