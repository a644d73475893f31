import { mkdirSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { v7 as newId } from 'uuid';
import { expect, test } from 'vitest';
import { encodePlan } from '../../src/compaction/batch-plan.js';
import { commitBatch, type DestinationStores, type WrittenBatch } from '../../src/compaction/commit-batch.js';
import { encodeFooter } from '../../src/compaction/slot-facts.js';
import { SlotNumbers } from '../../src/compaction/slot-numbers.js';
import { openDuckDB } from '../../src/engines/duckdb.js';
import { sqlLiteral } from '../../src/formats/sql-literal.js';
import { fileWritableStore } from '../../src/storage/file-writable-store.js';
import { tempFolder } from '../storage/temp-folder.js';

const PARTITION = 'day=01';

/** A run that has read a ledger without a slot, on a destination that others write to, too. */
function startRun(root: string): { stores: DestinationStores; commit(batch: WrittenBatch): Promise<unknown> } {
  const staging = join(root, 'table.ledger', 'staging');
  const slots = fileWritableStore({ root: join(root, 'table'), name: 'table/', staging, newName: newId });
  const ledger = fileWritableStore({
    root: join(root, 'table.ledger'),
    name: 'table.ledger/',
    staging,
    newName: newId,
  });
  const stores = { slots, ledger, pathOf: (key: string) => Buffer.from(join(root, 'table', key)) };
  const numbers = new SlotNumbers({ next: () => 1 });
  const options = { stores, numbers, onStep: () => undefined, now: () => Date.now(), wait: () => Promise.resolve() };
  return { stores, commit: (batch) => commitBatch(batch, options) };
}

async function writeBatch(root: string, keys: readonly string[]): Promise<WrittenBatch> {
  const inputs = keys.map((key) => ({
    key,
    version: '1',
    size: 1,
    sha256: key,
    rows: 1,
    quarantined: 0,
    passedOver: 0,
  }));
  const plan = {
    batchId: newId(),
    partition: PARTITION,
    format: 'api-call',
    rows: keys.length,
    fingerprint: '1:1',
    inputs,
  };
  const encoded = encodePlan(plan);
  const { batchId, rows, fingerprint } = plan;
  const facts = { batchId, planSha256: encoded.sha256, rows, fingerprint, engine: 'v1' };
  const footer = encodeFooter({ ...facts, format: 'api-call', partitionKeys: ['day'], lookups: [], toolVersion: '0' });
  mkdirSync(join(root, 'made'), { recursive: true });
  const file = join(root, 'made', `${batchId}.parquet`);
  const engine = await openDuckDB({ spillFolder: join(root, 'spill'), memoryLimit: 100_000_000, threads: 1 });
  await engine.run(
    `COPY (SELECT 1 AS one) TO ${sqlLiteral(file)} (FORMAT parquet, KV_METADATA {awsusage: ${sqlLiteral(footer)}})`,
  );
  engine.close();
  return { plan, encoded, body: { file }, size: (await stat(file)).size, sha256: '', engine: 'v1' };
}

test('a later batch is held against the slots that an earlier one has met', async () => {
  const root = tempFolder();
  const [a, b] = [startRun(root), startRun(root)];
  expect(await b.commit(await writeBatch(root, ['second']))).toMatchObject({ kind: 'committed', place: { number: 1 } });
  expect(await a.commit(await writeBatch(root, ['first']))).toMatchObject({ kind: 'committed', place: { number: 2 } });
  expect(await a.commit(await writeBatch(root, ['second', 'third']))).toEqual({ kind: 'overtaken' });
  expect(await a.commit(await writeBatch(root, ['fourth']))).toMatchObject({ kind: 'committed', place: { number: 3 } });
  expect((await readdir(join(root, 'table', PARTITION))).sort()).toEqual(
    [1, 2, 3].map((number) => `c-0000000${number}.parquet`),
  );
});

test('batches of one run follow each other', async () => {
  const root = tempFolder();
  const run = startRun(root);
  for (const number of [1, 2, 3])
    expect(await run.commit(await writeBatch(root, [`object-${number}`]))).toMatchObject({ place: { number } });
});
