import { rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { jsonOf } from './answer.js';
import { AT_ONCE, MADE_KEYS, madeObject, madeSource, merge, newSource } from './made-source.js';
import { awsusage, type Ended } from './run-awsusage.js';
import { startOwnS3 } from './s3-bucket.js';

interface Status {
  readonly table: readonly Record<string, unknown>[];
  readonly objects: readonly { state: string; objects: number; bytes: number | null }[];
  readonly partitions: readonly Record<string, unknown>[];
  readonly changed: readonly string[];
}

function statesOf(end: Ended): Record<string, number> {
  return Object.fromEntries(jsonOf<Status>(end).objects.map(({ state, objects }) => [state, objects]));
}

/** An hour ago: no longer too young. */
function putOld(file: string, body: string | Buffer, hours = 1): void {
  writeFileSync(file, body);
  const then = Date.now() / 1000 - hours * 3600;
  utimesSync(file, then, then);
}

test('every object of the source is counted once, by what became of it', async () => {
  const cwd = newSource({ 'year=2026/month=10/day=01/hour=08/f.json.gz': madeObject('f') });
  await merge(cwd, ['--until', '2026-10-01T07:30:00Z', '--lateness', '0']);
  const source = join(cwd, 'json-data');
  const hour = join(source, 'year=2026/month=10/day=01');
  putOld(join(hour, 'hour=06/late.json.gz'), madeObject('late'));
  putOld(join(hour, 'hour=06/nothing.json.gz'), '');
  putOld(join(hour, 'hour=08/f.json.gz'), madeObject('f'));
  writeFileSync(join(hour, 'hour=08/young.json.gz'), madeObject('young'));
  putOld(join(source, MADE_KEYS[0]!), madeObject('another'));
  rmSync(join(source, MADE_KEYS[1]!));
  writeFileSync(join(source, 'README.md'), 'no log');
  const end = await awsusage(['compact', 'status', 'json-data', '--json'], { cwd });
  expect(end).toMatchObject({ code: 3, left: [] });
  expect(statesOf(end)).toEqual({
    merged: 3,
    pending: 1,
    late: 1,
    'too young': 1,
    empty: 1,
    'changed after merging': 1,
    'merged and not there any more': 1,
    skipped: 1,
  });
  const status = jsonOf<Status>(end);
  expect(status.table).toMatchObject([{ format: 'api-call', slots: 2, rows: 10, quarantined: 0 }]);
  expect(status.changed).toEqual([MADE_KEYS[0]]);
  expect(status.partitions).toMatchObject([
    { slots: 1, rows: 6, merged: 1, pending: 0, late: 1, too_young: 0, empty: 1, changed_after_merging: 1 },
    { slots: 1, rows: 4, merged: 2, pending: 0, late: 0, too_young: 0, empty: 0, changed_after_merging: 0 },
    { slots: 0, rows: 0, merged: 0, pending: 1, late: 0, too_young: 1, empty: 0, changed_after_merging: 0 },
  ]);
  const table = await awsusage(['compact', 'status', 'json-data-compacted', '--json', '--allow-partial'], { cwd });
  expect(table.code).toBe(0);
  expect(statesOf(table)).toEqual(statesOf(end));
});

test('what was put aside is counted', async () => {
  const cwd = newSource();
  // So old that its end will not be written any more.
  putOld(join(cwd, 'json-data', `${MADE_KEYS[0]!}.more.json`), '{"broken\n', 50);
  await awsusage(['compact', 'json-data', ...AT_ONCE], { cwd });
  const end = await awsusage(['compact', 'status', 'json-data'], { cwd });
  expect(end.code).toBe(0);
  expect(end.stdout).toMatch(/quarantined.*\n.*\n.*│ +1 │\n/);
  expect(end.stdout).toMatch(/merged without a record │ +1 │/);
});

test('before anything was merged', async () => {
  const end = await awsusage(['compact', 'status', 'json-data', '--json', '--min-age', '0'], { cwd: newSource() });
  expect(end.code).toBe(0);
  expect(end.stderr).toContain('Nothing was merged yet');
  expect(statesOf(end)).toEqual({ merged: 0, pending: 5 });
});

test('a bucket, by the table alone, whose source is gone', async () => {
  const own = await startOwnS3();
  try {
    for (const [key, body] of Object.entries(madeSource())) own.s3.put('logs', `json-data/${key}`, body);
    expect(await own.ask(['compact', 's3://logs/json-data/', ...AT_ONCE])).toMatchObject({ code: 0 });
    for (const key of MADE_KEYS) own.s3.remove('logs', `json-data/${key}`);
    for (const place of ['json-data-compacted/', 'json-data']) {
      const end = await own.ask(['compact', 'status', `s3://logs/${place}`, '--json']);
      expect(end).toMatchObject({ code: 0, left: [] });
      expect(statesOf(end)).toEqual({ merged: 0, pending: 0, 'merged and not there any more': 5 });
    }
  } finally {
    await own.s3.close();
  }
});
