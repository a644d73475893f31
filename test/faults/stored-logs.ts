import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openDuckDB } from '../../src/engines/duckdb.js';
import type { TimeWindow } from '../../src/layouts/time-window.js';
import { apiCall } from '../commands/made-calls.js';

/** An object of logs, and what is known of it without reading it as the program does. */
export interface StoredLog {
  readonly body: Buffer;
  /** Bytes after unpacking. */
  readonly unpackedBytes: number;
  /** The ids of its records. */
  readonly ids: readonly string[];
}

/** What lies below `logs/` of a bucket. */
export interface StoredLogs {
  /** By their keys without `logs/`: all that a question is about. */
  readonly logs: ReadonlyMap<string, StoredLog>;
  /** Keys that are listed, and whose names say that they are no logs. */
  readonly skipped: readonly string[];
  /** Keys that the window leaves out. */
  readonly outside: readonly string[];
  readonly window: TimeWindow;
}

export const PREFIX = 'logs/';
const RECORDS = 5;
/** With it, a few records come to more than the 8 MB that an object may have to be held in memory. */
const LONG_TEXT = 'x'.repeat(1_700_000);
const A_PAGE = 1000;
const FROM = { since: Date.parse('2026-02-21T00:00:00Z'), until: Date.parse('2026-02-22T00:00:00Z') };

/** Three small objects, one of them compressed. */
export function smallLogs(): StoredLogs {
  return plainLogs({ 'a.json': textLog('a'), 'b.json': packedLog('b'), 'c.json': textLog('c') });
}

/** One object of more than 8 MB among small ones. */
export function logsWithLarge(): StoredLogs {
  return plainLogs({ 'a.json': textLog('a'), 'large.json': largeLog('large'), 'z.json': textLog('z') });
}

/** One Parquet object among small ones. */
export async function logsWithParquet(): Promise<StoredLogs> {
  return plainLogs({ 'a.json': textLog('a'), 'table.parquet': await parquetLog('table'), 'z.json': textLog('z') });
}

/** More than one page of keys in one folder; the logs are on all of its pages. */
export function pagedLogs(): StoredLogs {
  const logs = { '0.json': textLog('0'), '500.json': textLog('500'), 'z.json': textLog('z') };
  return { ...plainLogs(logs), skipped: range(A_PAGE).map((i) => `${1000 + i}.md5`) };
}

/** More objects than are fetched at once. */
export function manyLogs(count: number): StoredLogs {
  return plainLogs(Object.fromEntries(range(count).map((i) => [`${i}.json`, textLog(String(i), 2)])));
}

/** A month of hours of which one day is asked for, and logs before and after it that no folder tells the time of. */
export function folderedLogs(): StoredLogs {
  const hour = (day: number, at: number): string => `year=2026/month=02/day=${two(day)}/hour=${two(at)}`;
  const outside = range(19).flatMap((day) =>
    range(24).flatMap((at) => range(3).map((n) => `${hour(day + 1, at)}/${n}`)),
  );
  const wanted = range(3).map((at) => [`${hour(21, at)}/calls.json`, textLog(`h${at}`)] as const);
  const logs = { 'a.json': textLog('a'), ...Object.fromEntries(wanted), 'z.json': textLog('z') };
  return { ...plainLogs(logs), outside: [...outside, 'year=2026/month=03/day=01/0'], window: FROM };
}

export function textLog(name: string, records = RECORDS): StoredLog {
  const { lines, ids } = callsOf(name, records);
  const body = Buffer.from(lines);
  return { body, unpackedBytes: body.length, ids };
}

export function packedLog(name: string): StoredLog {
  const { body, ...log } = textLog(name);
  return { ...log, body: gzipSync(body) };
}

export function largeLog(name: string): StoredLog {
  const { lines, ids } = callsOf(name, RECORDS, { request: JSON.stringify({ Body: LONG_TEXT }) });
  const body = Buffer.from(lines);
  return { body, unpackedBytes: body.length, ids };
}

export async function parquetLog(name: string): Promise<StoredLog> {
  const { lines, ids } = callsOf(name, RECORDS);
  const folder = mkdtempSync(join(tmpdir(), 'awsusage-test-'));
  const engine = await openDuckDB({ spillFolder: folder, memoryLimit: 200_000_000, threads: 1 });
  try {
    const [json, parquet] = [join(folder, 'calls.json'), join(folder, 'calls.parquet')];
    writeFileSync(json, lines);
    await engine.run(`COPY (SELECT * FROM read_json('${json}', format = 'newline_delimited')) TO '${parquet}'`);
    const body = readFileSync(parquet);
    return { body, unpackedBytes: body.length, ids };
  } finally {
    engine.close();
    rmSync(folder, { recursive: true });
  }
}

function callsOf(name: string, records: number, members: Readonly<Record<string, unknown>> = {}) {
  const ids = range(records).map((i) => `${name}-${i}`);
  const lines = ids.map((id) =>
    apiCall({ event_id: id, timestamp: '2026-02-21T06:00:00', err_type: null, ...members }),
  );
  return { ids, lines: `${lines.join('\n')}\n` };
}

function plainLogs(logs: Readonly<Record<string, StoredLog>>): StoredLogs {
  return { logs: new Map(Object.entries(logs)), skipped: [], outside: [], window: {} };
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
