import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { newFolder } from '../commands/run-awsusage.js';
import { callLines, recordedCall } from '../dataset/recorded-calls.js';
import { openDuckDB } from '../../src/engines/duckdb.js';
import { zstdFrame } from '../records/zstd-bodies.js';

/** In each file of a packed folder but the large one. */
const CALLS = 40;
/** Together more than the 8 MB up to which an object may be held in memory. */
const LARGE_CALLS = 2000;
const LARGE_REQUEST = JSON.stringify({ Body: 'x'.repeat(5000) });

export interface MadeFolder {
  readonly folder: string;
  /** The calls in it. */
  readonly calls: number;
}

/** One file of calls for each way in which they may be stored, with names that say so and with names that do not. */
export async function makePackedFolder(): Promise<MadeFolder> {
  const text = (file: number): string => callLines(CALLS, { session_id: `session-${file}` }).join('\n');
  const files = {
    'plain.json': text(0),
    'day=01/plain': text(1),
    'packed.json.gz': gzipSync(text(2)),
    'day=01/packed': gzipSync(text(3)),
    'members.json.gz': Buffer.concat([gzipSync(`${text(4)}\n`), gzipSync(text(5))]),
    'packed.json.zst': zstdFrame(text(6)),
    'table.parquet': await makeParquet(text(7)),
    'day=02/table.parquet': await makeParquet(text(8)),
    'empty.json': '',
  };
  const large = callLines(LARGE_CALLS, { request: LARGE_REQUEST }).join('\n');
  if (large.length < 8_000_000) throw new Error('the large file is not large');
  return { folder: newFolder({ ...files, 'large.json': large }), calls: 9 * CALLS + LARGE_CALLS };
}

/** So many files of one call each, all in one folder. */
export function makeManyFiles(count: number): MadeFolder {
  const files = Array.from({ length: count }, (_, i) => [`logs/${i}.json`, JSON.stringify(recordedCall(i))]);
  return { folder: newFolder(Object.fromEntries(files) as Record<string, string>), calls: count };
}

async function makeParquet(lines: string): Promise<Buffer> {
  const folder = newFolder();
  const [json, parquet] = [join(folder, 'calls.json'), join(folder, 'calls.parquet')];
  writeFileSync(json, lines);
  const engine = await openDuckDB({ spillFolder: tmpdir(), memoryLimit: 500_000_000, threads: 2 });
  try {
    await engine.run(`COPY (SELECT * FROM read_json('${json}', format = 'newline_delimited')) TO '${parquet}'`);
  } finally {
    engine.close();
  }
  return readFileSync(parquet);
}
