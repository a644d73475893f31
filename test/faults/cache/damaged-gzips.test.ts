import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { type JsonAnswer, jsonOf } from '../../commands/answer.js';
import { apiCall } from '../../commands/made-calls.js';
import { awsusage, type Ended, newFolder } from '../../commands/run-awsusage.js';
import { putFolder, startOwnS3 } from '../../commands/s3-bucket.js';
import { damagedGzips } from '../../dataset/damaged-gzips.js';
import { seededChance } from '../../records/seeded-chance.js';
import { tempFolder } from '../../storage/temp-folder.js';

const SQL = 'SELECT object_key, event_id FROM api_calls ORDER BY ALL';
const DAMAGED = 1000;
const GOOD = 100;
/** An object that was just written is not merged. */
const GRAIN_MS = 2500;

function callsOf(file: number): string {
  return [1, 2, 3].map((line) => `${apiCall({ event_id: `${file}-${line}` })}\n`).join('');
}

/** What an answer says, but for how it came about. */
function answerOf(end: Ended): unknown {
  const { rows, accounting } = jsonOf<JsonAnswer>(end);
  const objects = { ...accounting.objects, cached: undefined };
  const reasons = accounting.reasons.map(({ reason, count }) => ({ reason, count }));
  return { code: end.code, rows, objects, records: accounting.records, reasons };
}

function cachedIn(end: Ended): number | undefined {
  return jsonOf<JsonAnswer>(end).accounting.objects['cached' as 'read'];
}

test('1,000 damaged gzips: the same answer from files, from a bucket, and from a cache of either', async () => {
  const good = Array.from({ length: GOOD }, (_, file) => [`good-${file}.json.gz`, gzipSync(callsOf(DAMAGED + file))]);
  const files = { ...damagedGzips(DAMAGED, callsOf, seededChance(1129)), ...Object.fromEntries(good) } as const;
  const folder = tempFolder(files as Record<string, Buffer>);
  for (const name of Object.keys(files)) utimesSync(join(folder, name), new Date(0), new Date(0));
  const own = await startOwnS3();
  try {
    putFolder(own.s3, folder, { bucket: 'logs' });
    await wait(GRAIN_MS);
    const env = { XDG_CACHE_HOME: newFolder(), AWSUSAGE_CACHE: 'on' };
    const question = ['sql', SQL, '--json', '--limit', '0'];
    const plain = await awsusage([...question, folder], {});
    expect(jsonOf<JsonAnswer>(plain).accounting.objects.failed).toBeGreaterThan(DAMAGED * 0.9);
    expect(plain.code).toBe(3);
    const bucket = await own.ask([...question, 's3://logs/']);
    expect(answerOf(bucket)).toEqual(answerOf(plain));
    for (const source of [folder, 's3://logs/']) {
      await own.ask(['cache', 'fill', source], { env });
      const cached = await own.ask([...question, source], { env: { ...env, AWSUSAGE_CACHE: 'read' } });
      expect(cachedIn(cached), source).toBeGreaterThanOrEqual(GOOD);
      expect(answerOf(cached), source).toEqual(answerOf(plain));
    }
  } finally {
    await own.s3.close();
  }
});
