import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { configFormats } from '../../src/formats/config-format.js';
import { LOG_FORMATS } from '../../src/formats/format-catalog.js';
import type { LogFormat } from '../../src/formats/log-format.js';
import { parseS3AccessLine } from '../../src/formats/s3-access.js';
import { seededChance } from '../records/seeded-chance.js';
import { HAS_SHARED_DATA, sharedPath } from '../records/shared-data.js';
import { tempFolder } from '../storage/temp-folder.js';
import { mergeFolder, type MergeOptions } from './merge-folder.js';
import { oddKeys, oddRecord } from './odd-records.js';
import { ALL_CALLS, differences, openSource } from './open-source.js';
import { comparable, elementsOf, membersOf } from './plain-json.js';
import { rebuildRecords } from './rebuild-records.js';
import { callLines } from './recorded-calls.js';

const RECORDS = 3000;
/** So many records have the same keys, so that both ways of reading come to take some. */
const RECORDS_A_SHAPE = 20;
const OWN_FORMAT = configFormats(
  [
    {
      name: 'my-log',
      detect: { all: ['when', 'what'] },
      columns: { timestamp: '$.when', operation: '$.what', request: '$.data', service: { sql: `'mine'` } },
    },
  ],
  'formats',
)[0]!;
const FORMATS = [...LOG_FORMATS, OWN_FORMAT];

function formatOf(name: string): LogFormat {
  return FORMATS.find((format) => format.name === name)!;
}

/** A folder of three objects with made-up records, and the records. */
function oddFolder(format: LogFormat, seed: number, count = RECORDS): { folder: string; records: string[] } {
  const chance = seededChance(seed);
  const shapes = Array.from({ length: count / RECORDS_A_SHAPE }, () => oddKeys(format, chance));
  const records = Array.from({ length: count }, () => oddRecord(chance.pick(shapes), format, chance));
  const parts = [records.slice(0, count / 2), records.slice(count / 2, count - 5), records.slice(count - 5)];
  const files = parts.map((part, i) => [`part=${i}/odd.json`, `${part.join('\n')}\n`] as const);
  return { folder: tempFolder(Object.fromEntries(files)), records };
}

/** What one list has and the other has not; equal texts are counted. */
function unequal(one: readonly string[], two: readonly string[]): string[] {
  const rows = (texts: readonly string[]) => texts.map((text) => ({ text }));
  return differences(rows(one), rows(two));
}

/** A bare dash is read as null. */
function expected(record: string): string {
  return comparable(membersOf(record).map(({ key, value }) => ({ key, value: value === '-' ? 'null' : value })));
}

/** Merges the folder, and expects to find in the file what the records are, each given as `comparable` tells it. */
async function expectRecords(folder: string, options: MergeOptions, records: readonly string[]): Promise<string> {
  const merged = await mergeFolder(folder, { userFormats: [OWN_FORMAT], ...options });
  const rebuilt = await rebuildRecords(merged.engine, merged.path, { ...options, columns: merged.columns });
  expect(unequal(rebuilt, records)).toEqual([]);
  expect(merged.fingerprints[0]).toBe(merged.fingerprints[1]);
  expect(merged.fingerprints[0]).toMatch(new RegExp(`^${records.length}:`));
  return merged.folder;
}

/** Expects the same rows of calls and of raw records over both folders. */
async function expectSameRows(merged: string, folder: string, { name }: LogFormat): Promise<void> {
  for (const sql of [ALL_CALLS, `SELECT * FROM raw_${name.replaceAll('-', '_')}`]) {
    const options = { asked: [sql], request: { userFormats: [OWN_FORMAT] } };
    const before = await openSource(folder, options);
    const after = await openSource(merged, options);
    expect(differences(await after.rows(sql), await before.rows(sql)), sql).toEqual([]);
    expect(after.accounting.records.kept).toBe(before.accounting.records.kept);
  }
}

describe.each(FORMATS.map(({ name }) => name))('made-up records of %s', (name) => {
  const format = formatOf(name);

  test('come back value for value, and give the same rows', async () => {
    const { folder, records } = oddFolder(format, 11);
    await expectSameRows(await expectRecords(folder, { format }, records.map(expected)), folder, format);
  });

  test('come back where partitions are named like fields', async () => {
    const { folder, records } = oddFolder(format, 12, 600);
    const partitionKeys = ['STATUS', 'region', 'eventName', 'time', 'metadata', 'uri', 'userid', 'app_title'];
    await expectSameRows(await expectRecords(folder, { format, partitionKeys }, records.map(expected)), folder, format);
  });
});

describe.skipIf(!HAS_SHARED_DATA)('logs that nobody here wrote (../shared/data has to be beside the checkout)', () => {
  test.each([
    'invictus-aws-dataset/CloudTrail',
    'stratus-red-team/docs',
    'umccr-cloudtrail-parquet-lambda/test_input/AWSLogs',
    'grycap-cloudtrail-tracker/lambda/tests',
  ])('%s', async (set) => {
    const format = formatOf('cloudtrail');
    const records = recordsBelow(sharedPath(set)).filter(
      (record) => record.includes('"eventVersion"') && !record.includes('"aws:s3"'),
    );
    expect(records.length).toBeGreaterThan(100);
    await expectSameRows(
      await expectRecords(sharedPath(set), { format }, records.map(expected)),
      sharedPath(set),
      format,
    );
  });

  test('lines of S3 access logs', async () => {
    const format = formatOf('s3-access');
    const text = readFileSync(sharedPath('opensearch-catalog/amazon_s3/raw.log'), 'utf8');
    const folder = tempFolder({ 'raw.log': text });
    const lines = text
      .trim()
      .split('\n')
      .map((line) => comparable(membersOf(JSON.stringify(parseS3AccessLine(line)))));
    await expectSameRows(await expectRecords(folder, { format }, lines), folder, format);
  });
});

test.each([
  ['example-bucket', 'api-call'],
  ['apigateway-bucket', 'apigateway'],
  ['cloudtrail-bucket', 'cloudtrail'],
])('%s', async (fixture, name) => {
  const folder = fileURLToPath(new URL(`../../fixtures/${fixture}`, import.meta.url));
  const format = formatOf(name);
  const records = recordsBelow(folder).filter((record) => /"(operation|eventName|httpMethod)"/.test(record));
  await expectSameRows(await expectRecords(folder, { format }, records.map(expected)), folder, format);
});

/** All records below a folder as JSON text, in lines, lists and envelopes. */
function recordsBelow(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.flatMap(({ parentPath, name }) => {
    const bytes = readFileSync(join(parentPath, name));
    const text = (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString('utf8').trim();
    if (text.startsWith('[')) return elementsOf(text);
    const list = text.startsWith('{"Records"') || /^{\s*"Records"/.test(text) ? membersOf(text)[0]?.value : undefined;
    return list === undefined ? elementsOf(`[${text}]`.replace(/}\s*{/g, '},{')) : elementsOf(list);
  });
}

describe('what becomes of objects', () => {
  const format = formatOf('api-call');
  const good = callLines(20);

  test('one of each kind', async () => {
    const cloudtrail = '{"eventSource":"s3.amazonaws.com","eventName":"GetObject"}';
    const whole = `${good.join('\n')}\n`;
    const folder = tempFolder({
      'good.json': whole,
      'half.json': `${whole}${good[0]!.slice(0, 50)}`,
      'bad-inside.json': `${good[0]}\n{"broken\n${good[1]}\n`,
      'bad-at-end.json': `${good[0]}\n{"a":}\n \n`,
      'foreign.json': `${whole}${cloudtrail}\n${cloudtrail}`,
      'only-foreign.json': cloudtrail,
      'document.json': '{"a":1}',
      'list.json': `[${good[0]},${good[1]!.slice(0, 20)}`,
      'empty.json': '',
      'table.parquet': 'PAR1 no table',
    });
    const { inputs, engine } = await mergeFolder(folder, { format });
    const read = { kind: 'read', quarantined: 0, passedOver: 0, endsBroken: false, reasons: [] };
    const sha256 = createHash('sha256').update(whole).digest('hex');
    const bytes = Buffer.byteLength(whole);
    expect(inputs.get('good.json')).toEqual({ ...read, rows: 20, sha256, bytesRead: bytes, bytesDecompressed: bytes });
    expect(inputs.get('half.json')).toMatchObject({ rows: 20, quarantined: 1, endsBroken: true });
    expect(inputs.get('bad-inside.json')).toMatchObject({ rows: 2, quarantined: 1, endsBroken: false });
    expect(inputs.get('bad-at-end.json')).toMatchObject({ rows: 1, quarantined: 1, endsBroken: true });
    expect(inputs.get('foreign.json')).toEqual({ kind: 'foreign', formats: { 'api-call': 20, cloudtrail: 2 } });
    expect(inputs.get('only-foreign.json')).toEqual({ kind: 'foreign', formats: { cloudtrail: 1 } });
    expect(inputs.get('document.json')).toEqual({ kind: 'skipped', reason: 'a JSON document that is no log' });
    expect(inputs.get('list.json')).toMatchObject({ kind: 'failed' });
    expect(inputs.get('empty.json')).toMatchObject({ kind: 'read', rows: 0, endsBroken: false });
    expect(inputs.get('table.parquet')).toEqual({ kind: 'parquet' });
    const counts = 'SELECT object_key, count(*) FROM stored_rows GROUP BY 1 ORDER BY 1';
    expect(await engine.rows(counts)).toEqual([
      ['bad-at-end.json', 1n],
      ['bad-inside.json', 2n],
      ['good.json', 20n],
      ['half.json', 20n],
    ]);
  });

  test('the hash is that of the bytes as stored', async () => {
    const packed = gzipSync(callLines(30_000).join('\n'), { level: 0 });
    const folder = tempFolder({ 'calls.json.gz': '' });
    writeFileSync(join(folder, 'calls.json.gz'), packed);
    const { inputs } = await mergeFolder(folder, { format });
    const sha256 = createHash('sha256').update(packed).digest('hex');
    expect(inputs.get('calls.json.gz')).toMatchObject({ rows: 30_000, sha256, bytesRead: packed.length });
  });

  test('fields whose values are only in extra are named', async () => {
    const lines = callLines(3, { duration_ms: 'soon' });
    const { lookups } = await mergeFolder(tempFolder({ 'calls.json': lines.join('\n') }), { format });
    expect(lookups).toEqual(['duration_ms']);
  });
});
