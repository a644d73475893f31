import {
  copyFileSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDuckDB } from '../../src/engines/duckdb.js';
import { jsonOf } from './answer.js';
import { AT_ONCE, madeSource, merge, newSource } from './made-source.js';
import { awsusage, type Ended, newFolder } from './run-awsusage.js';
import { type OwnS3, startOwnS3 } from './s3-bucket.js';

interface Found {
  readonly verified: readonly { slots: number; rows: number; bytes: number; problems: number }[];
  readonly problems: readonly { slot: string; problem: string; reason: string }[];
  readonly unrecorded: number;
  readonly recorded: number;
  readonly countedOnly: number;
}

const HOUR = 'year=2026/month=10/day=01/hour=06';
const SLOT = `${HOUR}/c-00000001.parquet`;
const COPY = `${HOUR}/00000001.json.gz`;

function kindsOf(end: Ended): string[] {
  return jsonOf<Found>(end).problems.map(({ slot, problem }) => `${problem} ${slot}`);
}

let merged = '';

beforeAll(async () => {
  merged = newSource();
  await merge(merged);
});

/** A source with its table. Slots do not know where they lie. */
function newMerged(): string {
  const folder = newFolder();
  cpSync(merged, folder, { recursive: true });
  return folder;
}

describe('on a disk', () => {
  test('a table that is as it was written', async () => {
    const cwd = newMerged();
    const ends = await Promise.all(
      ['json-data', 'json-data-compacted'].map((name) => awsusage(['compact', name, '--verify', '--json'], { cwd })),
    );
    for (const end of ends) {
      expect(end).toMatchObject({ code: 0, left: [] });
      expect(jsonOf<Found>(end)).toMatchObject({
        verified: [{ slots: 2, rows: 10, problems: 0 }],
        problems: [],
        unrecorded: 0,
        countedOnly: 0,
      });
    }
    const shown = await awsusage(['compact', 'json-data', '--verify'], { cwd });
    expect(shown.stderr).toContain('2 slots checked, 0 problems');
  });

  test.each<[string, (table: string, ledger: string) => void, string[]]>([
    ['a changed byte', (table) => flipByte(join(table, SLOT), 60), ['damaged']],
    ['a cut end', (table) => cut(join(table, SLOT)), ['damaged']],
    ['a slot that is gone', (table) => rmSync(join(table, SLOT)), ['missing']],
    ['no plan', (_, ledger) => rmSync(join(ledger, 'plans', planOf(ledger)!)), ['plan']],
    ['another plan', (_, ledger) => writeFileSync(join(ledger, 'plans', planOf(ledger)!), gzipSync('{}')), ['plan']],
    ['a copy that is no copy', (_, ledger) => writeFileSync(join(ledger, 'commits', COPY), 'none'), ['copy']],
    ['a copy that says something else', (_, ledger) => changeCopy(ledger), ['copy']],
  ])('%s is named', async (_name, harm, kinds) => {
    const cwd = newMerged();
    harm(join(cwd, 'json-data-compacted'), join(cwd, 'json-data-compacted.ledger'));
    const end = await awsusage(['compact', 'json-data', '--verify', '--json'], { cwd });
    expect(end.code).toBe(3);
    expect([...new Set(kindsOf(end))]).toEqual(kinds.map((kind) => `${kind} ${SLOT}`));
  });

  test('slots that hold the same, and numbers without a trace', async () => {
    const cwd = newMerged();
    const table = join(cwd, 'json-data-compacted');
    copyFileSync(join(table, SLOT), join(table, SLOT.replace('1.parquet', '4.parquet')));
    const end = await awsusage(['compact', 'json-data', '--verify', '--json'], { cwd });
    expect(end.code).toBe(3);
    expect(jsonOf<Found>(end)).toMatchObject({ verified: [{ slots: 3 }], recorded: 0 });
    expect(jsonOf<Found>(end).problems.map(({ problem, reason }) => `${problem}: ${reason}`)).toEqual([
      'gap: there is no trace of the 2 slots before it',
      `twice: 3 of its objects are in ${SLOT}, too: their rows are counted twice`,
    ]);
  });

  test('a missing copy is written again, as it was', async () => {
    const cwd = newMerged();
    const copy = join(cwd, 'json-data-compacted.ledger/commits', COPY);
    const before = gunzipSync(readFileSync(copy)).toString();
    rmSync(copy);
    const dry = await awsusage(['compact', 'json-data', '--verify', '--json', '--dry-run'], { cwd });
    expect(dry.code).toBe(0);
    expect(jsonOf<Found>(dry)).toMatchObject({ unrecorded: 1, recorded: 0 });
    expect(existsSync(copy)).toBe(false);
    const end = await awsusage(['compact', 'json-data', '--verify', '--json'], { cwd });
    expect(end.code).toBe(0);
    expect(jsonOf<Found>(end)).toMatchObject({ unrecorded: 1, recorded: 1 });
    expect(JSON.parse(gunzipSync(readFileSync(copy)).toString())).toEqual(JSON.parse(before));
  });

  test.each([
    ['fewer', 'SELECT * FROM slot LIMIT 5', 'it has 5 rows, and 6 were written'],
    ['others', "SELECT * REPLACE (service || 'x' AS service) FROM slot", 'its rows are not those that were written'],
  ])('rows that are %s, in a file that says that it is the slot', async (_name, select, reason) => {
    const cwd = newMerged();
    const slot = join(cwd, 'json-data-compacted', SLOT);
    await rewrite(slot, select);
    rmSync(join(cwd, 'json-data-compacted.ledger/commits', COPY));
    const end = await awsusage(['compact', 'json-data', '--verify', '--json'], { cwd });
    expect(end.code).toBe(3);
    expect(jsonOf<Found>(end)).toMatchObject({ recorded: 0, problems: [{ slot: SLOT, problem: 'rows', reason }] });
  });

  test('a slot in the place of another', async () => {
    const cwd = newMerged();
    const table = join(cwd, 'json-data-compacted');
    renameSync(join(table, SLOT.replace('hour=06', 'hour=07')), join(table, SLOT));
    const end = await awsusage(['compact', 'json-data', '--verify', '--json'], { cwd });
    expect(end.code).toBe(3);
    expect(new Set(kindsOf(end))).toEqual(
      new Set([`plan ${SLOT}`, `copy ${SLOT}`, `damaged ${SLOT}`, `missing ${SLOT.replace('hour=06', 'hour=07')}`]),
    );
  });

  test('there is no table', async () => {
    const end = await awsusage(['compact', 'json-data', '--verify'], { cwd: newSource() });
    expect(end).toMatchObject({ code: 2, stdout: '' });
    expect(end.stderr).toContain('There is no merged table in json-data-compacted/');
  });
});

describe('in a bucket', () => {
  let own: OwnS3;
  beforeAll(async () => {
    own = await startOwnS3();
  });
  afterAll(() => own.s3.close());

  async function mergeBucket(bucket: string): Promise<void> {
    for (const [key, body] of Object.entries(madeSource())) own.s3.put(bucket, `json-data/${key}`, body);
    const end = await own.ask(['compact', `s3://${bucket}/json-data/`, ...AT_ONCE]);
    expect(end).toMatchObject({ code: 0 });
  }

  test('a table that is as it was written, given itself', async () => {
    await mergeBucket('good');
    const end = await own.ask(['compact', 's3://good/json-data-compacted', '--verify', '--json']);
    expect(end).toMatchObject({ code: 0, left: [] });
    expect(jsonOf<Found>(end)).toMatchObject({ verified: [{ slots: 2, rows: 10 }], problems: [] });
    const copy = own.s3.get('good', `json-data-compacted.ledger/commits/${COPY}`)!;
    expect(JSON.parse(gunzipSync(copy).toString())).toMatchObject({ crc64nvme: expect.stringMatching(/^.{11}=$/) });
  });

  test('a slot of other bytes', async () => {
    await mergeBucket('bad');
    const key = `json-data-compacted/${SLOT}`;
    const file = join(newFolder({ slot: own.s3.get('bad', key)! }), 'slot');
    flipByte(file, 60);
    own.s3.put('bad', key, readFileSync(file));
    const end = await own.ask(['compact', 's3://bad/json-data/', '--verify', '--json']);
    expect(end.code).toBe(3);
    expect(new Set(kindsOf(end))).toEqual(new Set([`damaged ${SLOT}`]));
  });

  test('a bucket that does not answer says nothing of the slots', async () => {
    await mergeBucket('silent');
    own.s3.faults.add({
      match: ({ operation, bucket, key }) => operation === 'HeadObject' && bucket === 'silent' && key.endsWith(SLOT),
      fault: { kind: 'error', code: 'AccessDenied' },
    });
    const end = await own.ask(['compact', 's3://silent/json-data/', '--verify', '--json']);
    expect(end.code).toBe(2);
    expect(end.stderr).toContain(SLOT);
  });
});

function flipByte(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes[at]! ^= 0xff;
  writeFileSync(file, bytes);
}

function cut(file: string): void {
  writeFileSync(file, readFileSync(file).subarray(0, -9));
}

/** The plan of the slot of this hour. */
function planOf(ledger: string): string | undefined {
  return readdirSync(join(ledger, 'plans')).find((name) => {
    const text = gunzipSync(readFileSync(join(ledger, 'plans', name))).toString();
    return (JSON.parse(text) as { partition: string }).partition === HOUR;
  });
}

function changeCopy(ledger: string): void {
  const file = join(ledger, 'commits', COPY);
  const record = JSON.parse(gunzipSync(readFileSync(file)).toString()) as { inputs: { version: string }[] };
  record.inputs[0]!.version = 'another';
  writeFileSync(file, gzipSync(JSON.stringify(record)));
}

/** Writes other rows under the same footer. */
async function rewrite(slot: string, select: string): Promise<void> {
  const engine = await openDuckDB({ spillFolder: newFolder(), memoryLimit: 200_000_000, threads: 1 });
  try {
    const [row] = await engine.rows(`SELECT decode(value) FROM parquet_kv_metadata('${slot}')`);
    const footer = String(row?.[0]).replaceAll("'", "''");
    const from = select.replace('FROM slot', `FROM read_parquet('${slot}', hive_partitioning = false)`);
    await engine.run(`COPY (${from}) TO '${slot}.new' (FORMAT parquet, KV_METADATA {awsusage: '${footer}'})`);
    renameSync(`${slot}.new`, slot);
  } finally {
    engine.close();
  }
}
