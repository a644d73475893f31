import { appendFileSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Engine } from '../../src/engines/engine.js';
import { LOG_FORMATS } from '../../src/formats/format-catalog.js';
import { serverForTest } from '../s3/sdk-client.js';
import { openBucket } from '../storage/open-bucket.js';
import { tempFolder } from '../storage/temp-folder.js';
import { mergeFolder } from './merge-folder.js';
import { ALL_CALLS, differences, openSource, withRun } from './open-source.js';
import { recordedCall } from './recorded-calls.js';

const API_CALL = LOG_FORMATS.find(({ name }) => name === 'api-call')!;
const HOURS = [0, 1, 2, 3, 4];
const ASKED = 'SELECT object_key, operation, request, "timestamp" FROM api_calls';

/** Ten calls an hour, each hour in an object of its own. */
function hourObjects(more: (hour: number) => Record<string, unknown> = () => ({})): Record<string, string> {
  const lines = (hour: number): string =>
    Array.from({ length: 10 }, (_, i) => JSON.stringify(recordedCall(10 * hour + i, more(hour)))).join('\n');
  return Object.fromEntries(HOURS.map((hour) => [`hour=${hour}/calls.json`, lines(hour)]));
}

/** A folder with a merged file for each hour. */
async function hourSlots(objects: Readonly<Record<string, string>>): Promise<string> {
  const slots = tempFolder();
  for (const [key, lines] of Object.entries(objects)) {
    const { path } = await mergeFolder(tempFolder({ [key]: lines }), { format: API_CALL, partitionKeys: ['hour'] });
    mkdirSync(join(slots, dirname(key)));
    copyFileSync(path, join(slots, dirname(key), 'c-00000001.parquet'));
  }
  return slots;
}

/** Counts the statements that load calls, and does something before the first. */
function watchLoads(before: () => void = () => undefined): { wrap: (engine: Engine) => Engine; loads: () => number } {
  let loads = 0;
  const wrap = (engine: Engine): Engine =>
    withRun(engine, (sql, parameters) => {
      const isLoad = sql.startsWith('INSERT INTO loaded_calls');
      if (isLoad && loads++ === 0) before();
      return engine.run(sql, parameters);
    });
  return { wrap, loads: () => loads };
}

describe('merged files that look alike', () => {
  test('are loaded by one statement, each row with its object', async () => {
    const objects = hourObjects();
    const slots = await hourSlots(objects);
    const { wrap, loads } = watchLoads();
    const { rows, accounting } = await openSource(slots, { asked: [ASKED], wrap });
    const expected = await openSource(tempFolder(objects), { asked: [ASKED] });
    expect(differences(await rows(ASKED), await expected.rows(ASKED))).toEqual([]);
    expect(accounting).toMatchObject({ objects: { listed: 5, read: 5 }, records: { read: 50, kept: 50 } });
    expect(loads()).toBe(1);
  });

  test('of which one holds values in extra alone are loaded by two', async () => {
    const objects = hourObjects((hour) => (hour === 2 ? { duration_ms: 'long', status_code: '2e2' } : {}));
    const slots = await hourSlots(objects);
    const { wrap, loads } = watchLoads();
    const { rows } = await openSource(slots, { wrap });
    const expected = await openSource(tempFolder(objects));
    expect(differences(await rows(ALL_CALLS), await expected.rows(ALL_CALLS))).toEqual([]);
    expect(loads()).toBe(2);
  });

  test('of which one is damaged: that one fails alone', async () => {
    const slots = await hourSlots(hourObjects());
    const path = join(slots, 'hour=3', 'c-00000001.parquet');
    const bytes = readFileSync(path);
    // The footer is whole: only reading the rows tells.
    writeFileSync(path, bytes.fill(0xff, 4, 400));
    const { rows, accounting } = await openSource(slots, { asked: [ASKED] });
    expect(accounting).toMatchObject({ objects: { read: 4, failed: 1 }, records: { read: 40, kept: 40 } });
    expect(accounting.reasons).toEqual([
      {
        reason: 'the Parquet file is damaged or cannot be read',
        count: 1,
        example: 'hour=3/c-00000001.parquet',
      },
    ]);
    expect(await rows(ASKED)).toHaveLength(40);
  });

  test('of which one is cut: that one fails alone', async () => {
    const slots = await hourSlots(hourObjects());
    const path = join(slots, 'hour=0', 'c-00000001.parquet');
    writeFileSync(path, readFileSync(path).subarray(0, -20));
    const { accounting } = await openSource(slots);
    expect(accounting).toMatchObject({ objects: { read: 4, failed: 1 }, records: { read: 40, kept: 40 } });
  });

  test('of which one changes while they are read: that one fails alone, and no row is there twice', async () => {
    const objects = hourObjects();
    const slots = await hourSlots(objects);
    const { wrap } = watchLoads(() => appendFileSync(join(slots, 'hour=1', 'c-00000001.parquet'), 'PAR1'));
    const { rows, accounting } = await openSource(slots, { asked: [ASKED], wrap });
    expect(accounting).toMatchObject({ objects: { read: 4, failed: 1 }, records: { kept: 40 } });
    delete objects['hour=1/calls.json'];
    const expected = await openSource(tempFolder(objects), { asked: [ASKED] });
    expect(differences(await rows(ASKED), await expected.rows(ASKED))).toEqual([]);
  });

  test('in a bucket, beside Parquet of others', async () => {
    const objects = hourObjects();
    const slots = await hourSlots(objects);
    const { engine } = await mergeFolder(tempFolder({ 'a.json': JSON.stringify(recordedCall(77)) }), {
      format: API_CALL,
    });
    await engine.run(`COPY (SELECT "timestamp", operation, request, session_id, service, status_code FROM stored_rows)
      TO '${join(slots, 'other.parquet')}' (FORMAT parquet)`);
    const s3 = await serverForTest();
    const keys = [...HOURS.map((hour) => `hour=${hour}/c-00000001.parquet`), 'other.parquet'];
    for (const key of keys) s3.put('logs', key, readFileSync(join(slots, key)));
    const { wrap, loads } = watchLoads();
    const store = await openBucket(s3, 'logs');
    const { rows } = await openSource([store], { asked: [ASKED], wrap });
    const local = await openSource(slots, { asked: [ASKED] });
    const found = await rows(ASKED);
    expect(found).toHaveLength(51);
    expect(differences(found, await local.rows(ASKED))).toEqual([]);
    expect(loads()).toBe(2);
    expect(store.requests?.()).toEqual({ ListObjectsV2: 1, GetObject: 6 });
  });
});
