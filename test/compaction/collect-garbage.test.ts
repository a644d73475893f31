import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { collectGarbage, type GcRequest } from '../../src/compaction/collect-garbage.js';
import { fileRemover } from '../../src/compaction/file-remover.js';
import type { GcOutcome } from '../../src/compaction/gc-outcome.js';
import { readDescription } from '../../src/compaction/prepare-compaction.js';
import { planScan } from '../../src/dataset/plan-scan.js';
import { openFileStore } from '../../src/storage/file-store.js';
import { fileWritableStore } from '../../src/storage/file-writable-store.js';
import { AT_ONCE, MADE_KEYS, madeObject, madeSource } from '../commands/made-source.js';
import { awsusage, newFolder } from '../commands/run-awsusage.js';
import { newNames } from '../storage/new-names.js';

interface Merged {
  readonly source: string;
  readonly table: string;
  collect(more?: Partial<GcRequest>): Promise<GcOutcome>;
}

const SLOT_06 = 'year=2026/month=10/day=01/hour=06/c-00000001.parquet';

/** Merges the made source as users do, and collects in this process, where a test can come in between. */
async function newMerged(sourceFolder = newFolder()): Promise<Merged> {
  const [source, table] = [join(sourceFolder, 'json-data'), join(newFolder(), 'table')];
  for (const [key, body] of Object.entries(madeSource())) {
    mkdirSync(dirname(join(source, key)), { recursive: true });
    writeFileSync(join(source, key), body);
  }
  const end = await awsusage(['compact', source, '--to', table, ...AT_ONCE]);
  expect(end).toMatchObject({ code: 0 });
  return { source, table, collect: (more) => collect({ source, table }, more) };
}

async function collect(
  { source, table }: Pick<Merged, 'source' | 'table'>,
  more: Partial<GcRequest> = {},
): Promise<GcOutcome> {
  const writable = (root: string): ReturnType<typeof fileWritableStore> =>
    fileWritableStore({ root, name: root, staging: `${table}.ledger/staging`, newName: newNames('n') });
  const [slots, ledger] = [writable(table), writable(`${table}.ledger`)];
  const description = (await readDescription(ledger))!;
  const store = await openFileStore(source);
  const trash = { folder: `${table}.ledger/trash`, ledger };
  return collectGarbage({
    scan: () => planScan({ stores: [store], window: {}, latenessMs: 0 }),
    open: async () => ({
      data: await openFileStore(table),
      ledger: await openFileStore(`${table}.ledger`),
      get: (key) => ledger.get(key),
      slots,
    }),
    destination: table,
    description,
    wish: { source: description.source, format: undefined, partitionBy: undefined, userFormats: [] },
    limits: { graceMs: 0, now: Date.now() },
    remover: fileRemover({ trash, source, newName: newNames('aside') }),
    trash,
    onChecked: () => undefined,
    ...more,
  });
}

test('a file that is overwritten between the plan and the removal is kept', async () => {
  const { source, collect: gc } = await newMerged();
  const [key] = MADE_KEYS;
  const newer = madeObject('newer');
  const outcome = await gc({
    onChecked: (slot) => {
      if (slot === SLOT_06) writeFileSync(join(source, key!), newer);
    },
  });
  expect(outcome.left).toEqual([{ key, why: 'changed meanwhile' }]);
  expect(outcome.removed.map((one) => one.key)).toEqual(MADE_KEYS.slice(1));
  expect(readFileSync(join(source, key!))).toEqual(newer);
});

test('a slot that is damaged between the listing and the check keeps its files', async () => {
  const { source, table, collect: gc } = await newMerged();
  const scan = async (): ReturnType<GcRequest['scan']> => {
    const plan = await planScan({ stores: [await openFileStore(source)], window: {}, latenessMs: 0 });
    const bytes = readFileSync(join(table, SLOT_06));
    bytes[50]! ^= 1;
    writeFileSync(join(table, SLOT_06), bytes);
    return plan;
  };
  const outcome = await gc({ scan });
  expect(outcome.problems).toMatchObject([{ slot: SLOT_06, kind: 'damaged' }]);
  expect(outcome.left.map((one) => one.key)).toEqual(MADE_KEYS.slice(0, 3));
  for (const key of MADE_KEYS.slice(0, 3)) expect(existsSync(join(source, key))).toBe(true);
});

test('a file that is gone when its turn comes is told', async () => {
  const { source, collect: gc } = await newMerged();
  const [key] = MADE_KEYS;
  const outcome = await gc({ onChecked: () => rmSync(join(source, key!), { force: true }) });
  expect(outcome.gone).toEqual([key]);
  expect(outcome.removed).toHaveLength(4);
});

test('a ledger that cannot be written to leaves every file', async () => {
  const { source, table, collect: gc } = await newMerged();
  renameSync(`${table}.ledger/staging`, `${table}.ledger/was-staging`);
  writeFileSync(`${table}.ledger/staging`, 'no folder');
  const outcome = await gc();
  expect(outcome.ended).toContain('Cannot create');
  expect(new Set(outcome.left.map(({ why }) => why))).toEqual(new Set(['not reached']));
  for (const key of MADE_KEYS) expect(existsSync(join(source, key))).toBe(true);
});

const OTHER_DISK = '/dev/shm';
const hasOtherDisk = existsSync(OTHER_DISK) && statSync(OTHER_DISK).dev !== statSync(newFolder()).dev;

test.skipIf(!hasOtherDisk)(
  'from another file system files are removed at once, when they are looked at again',
  async () => {
    const folder = mkdtempSync(join(OTHER_DISK, 'awsusage-test-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const { source, table, collect: gc } = await newMerged(folder);
    const [key] = MADE_KEYS;
    const outcome = await gc({ onChecked: () => writeFileSync(join(source, key!), 'newer') });
    expect(outcome.left).toEqual([{ key, why: 'changed meanwhile' }]);
    expect(outcome.removed).toHaveLength(4);
    const left = readdirSync(source, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(left.map(({ name }) => name)).toEqual(['a.json.gz']);
    const trashed = readdirSync(`${table}.ledger/trash`, { recursive: true, withFileTypes: true });
    expect(trashed.filter((entry) => entry.isFile() && entry.name !== 'index.json')).toEqual([]);
  },
);
