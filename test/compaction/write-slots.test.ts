import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { v7 as newId } from 'uuid';
import { describe, expect, test } from 'vitest';
import type { Candidate, PlannedBatch } from '../../src/compaction/plan-compaction.js';
import { stageGroup } from '../../src/compaction/stage-group.js';
import { writeSlots, type Sort, type WritingOptions } from '../../src/compaction/write-slots.js';
import { planScan } from '../../src/dataset/plan-scan.js';
import { NO_QUARANTINE } from '../../src/dataset/quarantine.js';
import type { Engine } from '../../src/engines/engine.js';
import { LOG_FORMATS } from '../../src/formats/format-catalog.js';
import { openFileStore } from '../../src/storage/file-store.js';
import { openRun, withRun } from '../dataset/open-source.js';
import { seededChance } from '../records/seeded-chance.js';
import { tempFolder } from '../storage/temp-folder.js';

const FORMAT = LOG_FORMATS.find(({ name }) => name === 'api-call')!;
const DAY = Date.parse('2026-03-01T00:00:00Z');

interface Sizes {
  readonly slots: number;
  readonly objects: number;
  readonly rows: number;
}

/** Objects of calls at any time of a day, as many for each slot. */
async function stageCalls({ slots, objects, rows }: Sizes): Promise<{
  engine: Engine;
  write: (sort: Sort, wrap?: (engine: Engine) => Engine) => ReturnType<typeof writeSlots>;
}> {
  const { below } = seededChance(slots * objects * rows);
  const source: Record<string, string> = {};
  for (let slot = 0; slot < slots; slot++)
    for (let object = 0; object < objects; object++) {
      const lines = Array.from({ length: rows }, () => {
        const timestamp = new Date(DAY + 1000 * below(86_400)).toISOString().replace('.000', '');
        return `{"timestamp":"${timestamp}","service":"s3","operation":"Op${object}","status_code":200,"session_id":"s"}\n`;
      });
      source[`slot=${slot}/${String(object).padStart(6, '0')}.json`] = lines.join('');
    }
  const run = openRun();
  const engine = await run.openEngine();
  const shape = { format: FORMAT, userFormats: [], partitionKeys: ['slot'] };
  const plan = await planScan({ stores: [await openFileStore(tempFolder(source))], window: {}, latenessMs: 0 });
  const candidates = plan.objects.map((planned): Candidate => {
    const [partition = ''] = planned.object.key.split('/');
    return { ...planned, exactKey: planned.object.key, partition };
  });
  const batches = Array.from({ length: slots }, (_, slot): PlannedBatch => {
    const inputs = candidates.filter(({ partition }) => partition === `slot=${slot}`);
    return { partition: `slot=${slot}`, inputs, bytes: 1, expectedBytes: 1 };
  });
  const staged = await stageGroup(batches, {
    ...shape,
    engine,
    folder: run.folder,
    quarantineOf: () => NO_QUARANTINE,
    onProgress: () => undefined,
    requireFreeBytes: () => Promise.resolve(),
    mayGrow: () => false,
  });
  const folder = join(run.folder, 'slots');
  mkdirSync(folder);
  const options: Omit<WritingOptions, 'engine' | 'sort'> = { ...shape, folder, codec: 'zstd', toolVersion: '1', newId };
  return {
    engine,
    write: (sort, wrap = (own) => own) => writeSlots(staged.batches, { ...options, engine: wrap(engine), sort }),
  };
}

async function numberOf(engine: Engine, sql: string): Promise<number> {
  const [row] = await engine.rows(sql);
  return Number(row?.[0]);
}

describe('the rows of a slot', () => {
  test.each([
    ['one slot of many small objects', { slots: 1, objects: 400, rows: 1 }],
    ['one slot of several row groups', { slots: 1, objects: 130, rows: 1100 }],
    ['slots of many small objects', { slots: 3, objects: 400, rows: 1 }],
    ['slots of which each has several row groups', { slots: 2, objects: 1300, rows: 110 }],
  ])('are sorted by time, and are those of its objects alone: %s', async (_, sizes) => {
    const { engine, write } = await stageCalls(sizes);
    const written = await write('timestamp');
    expect(written).toHaveLength(sizes.slots);
    for (const { body, plan } of written) {
      const file = `read_parquet('${body.file}', file_row_number = true, hive_partitioning = false)`;
      const back = `SELECT "timestamp" < lag("timestamp") OVER (ORDER BY file_row_number) AS is_back FROM ${file}`;
      expect(await numberOf(engine, `SELECT count(*) FROM (${back}) WHERE is_back`)).toBe(0);
      expect(await numberOf(engine, `SELECT count(*) FROM ${file}`)).toBe(sizes.objects * sizes.rows);
      const foreign = `NOT starts_with(object_key, '${plan.partition}/')`;
      expect(await numberOf(engine, `SELECT count(*) FROM ${file} WHERE ${foreign}`)).toBe(0);
      expect(await numberOf(engine, `SELECT count(DISTINCT object_key) FROM ${file}`)).toBe(sizes.objects);
    }
  });

  test.each([1, 3])('that are not those that were written are noticed, in one of %i files', async (slots) => {
    const { write } = await stageCalls({ slots, objects: 5, rows: 4 });
    let copies = 0;
    // What a disk or an engine may do: the last file has a row less.
    const losing = (engine: Engine): Engine =>
      withRun(engine, (sql) => {
        const isLast = sql.startsWith('COPY') && ++copies === slots;
        return engine.run(isLast ? sql.replace(/\) TO '/, " LIMIT 19) TO '") : sql);
      });
    await expect(write('timestamp', losing)).rejects.toThrow('was read back with other rows');
  });

  test('a file that cannot be read back is noticed', async () => {
    const { write } = await stageCalls({ slots: 2, objects: 5, rows: 4 });
    const damaging = (engine: Engine): Engine =>
      withRun(engine, async (sql) => {
        const changed = await engine.run(sql);
        const [, file] = /^COPY .*\) TO '([^']+)'/s.exec(sql) ?? [];
        if (file !== undefined) appendFileSync(file, 'x');
        return changed;
      });
    await expect(write('none', damaging)).rejects.toThrow();
  });
});
