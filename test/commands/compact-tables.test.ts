import { cpSync, mkdirSync, renameSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { jsonOf } from './answer.js';
import { awsusage, newFolder, ROOT } from './run-awsusage.js';
import { putFolder, startOwnS3 } from './s3-bucket.js';
import { filesOf } from './merged-place.js';

const DATA = join(ROOT, 'fixtures/example-bucket/json-data');
const MERGE = ['--min-age', '0', '--min-files', '1', '--partition-by', 'day'];
/** Records that a question of the fixture keeps, and how many of them are of the first day. */
const ALL = 478;
const FIRST_DAY = 60;
const FIRST_SLOT = 'year=2026/month=10/day=01/c-00000001.parquet';

let folder: string;

beforeEach(() => {
  folder = newFolder();
  cpSync(DATA, join(folder, 'logs'), { recursive: true });
});

function run(...args: string[]) {
  return awsusage(args, { cwd: folder });
}

async function ask(...sources: string[]): Promise<{ code: number | null; kept: number | undefined; stderr: string }> {
  const end = await run('query', 'services', ...sources, '--json');
  const kept = end.stdout.includes('"accounting"') ? jsonOf(end).accounting.records.kept : undefined;
  return { code: end.code, kept, stderr: end.stderr };
}

async function merge(...more: string[]): Promise<void> {
  expect((await run('compact', 'logs', '--to', 'table', ...MERGE, ...more)).stderr).toContain('21 merged');
}

test('a merged file that is gone is read from the source, or told', async () => {
  await merge();
  rmSync(join(folder, 'table', FIRST_SLOT));
  expect(await ask('table')).toMatchObject({ code: 0, kept: ALL });
  expect((await run('compact', 'logs', '--to', 'table', ...MERGE)).code).toBe(3);
  rmSync(join(folder, 'logs/year=2026/month=10/day=01'), { recursive: true });
  const lost = await ask('table');
  expect(lost).toMatchObject({ code: 3, kept: ALL - FIRST_DAY });
  expect(lost.stderr).toContain('a merged file that is gone');
});

test('a merged file of another size is no answer', async () => {
  await merge();
  truncateSync(join(folder, 'table', FIRST_SLOT), 0);
  expect(await ask('table')).toMatchObject({ code: 4, kept: undefined });
});

test('a source that is not there is told, and not asked for with --merged-only', async () => {
  await merge();
  renameSync(join(folder, 'logs'), join(folder, 'away'));
  const asked = await ask('table');
  expect(asked).toMatchObject({ code: 3, kept: ALL });
  expect(asked.stderr).toContain('the source of a table is not there');
  expect(await ask('table', '--merged-only')).toMatchObject({ code: 0, kept: ALL });
  expect(await ask('table', 'away')).toMatchObject({ code: 2, kept: undefined });
});

test('a table and its source may be moved together', async () => {
  await merge('--since', '2026-10-01');
  mkdirSync(join(folder, 'moved'));
  for (const name of ['logs', 'table', 'table.ledger']) renameSync(join(folder, name), join(folder, 'moved', name));
  expect(await ask('moved/table')).toMatchObject({ code: 0, kept: ALL });
  expect(await ask('moved')).toMatchObject({ code: 0, kept: ALL });
});

test('a table may lie in its source, but not in a folder that is called like a partition', async () => {
  expect((await run('compact', 'logs', '--to', 'logs/table', ...MERGE)).stderr).toContain('21 merged');
  expect(await ask('logs')).toMatchObject({ code: 0, kept: ALL });
  expect(await ask('logs/table')).toMatchObject({ code: 0, kept: ALL });
  const refused = await run('compact', 'logs', '--to', 'kind=table', ...MERGE);
  expect(refused).toMatchObject({ code: 2 });
  expect(refused.stderr).toContain('called like a partition');
});

test('two tables of one source are not read together', async () => {
  await merge();
  expect((await run('compact', 'logs', '--to', 'second', ...MERGE)).code).toBe(0);
  const both = await ask('table', 'second');
  expect(both).toMatchObject({ code: 2, kept: undefined });
  expect(both.stderr).toContain('merged from the same source');
});

test('what cannot be merged leaves no table behind that would bind the next run', async () => {
  expect((await run('compact', 'logs', '--to', 'table', ...MERGE, '--format', 'cloudtrail')).stderr).toContain(
    '0 merged',
  );
  await merge('--format', 'api-call');
  expect(filesOf(join(folder, 'table'))).toHaveLength(5);
});

test('a bucket’s source that is emptied may still be named beside its table', async () => {
  const { s3, ask: askBucket } = await startOwnS3();
  try {
    putFolder(s3, DATA, { bucket: 'logs', prefix: 'src/' });
    const merged = await askBucket(['compact', 's3://logs/src/', '--to', 's3://logs/dst/', ...MERGE]);
    expect(merged.stderr).toContain('21 merged');
    const gc = ['compact', 'gc', 's3://logs/dst/', '--grace', '0s', '--force', '--yes'];
    expect((await askBucket(gc)).stderr).toContain('21 removed');
    s3.remove('logs', 'src/.DS_Store');
    const both = await askBucket(['query', 'services', 's3://logs/src/', 's3://logs/dst/', '--json']);
    expect(jsonOf(both).accounting.records.kept).toBe(ALL);
    const typo = await askBucket(['query', 'services', 's3://logs/scr/', 's3://logs/dst/', '--json']);
    expect(typo).toMatchObject({ code: 2 });
  } finally {
    await s3.close();
  }
});
