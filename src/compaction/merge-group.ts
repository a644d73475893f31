import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openQuarantine, type Quarantine } from '../dataset/quarantine.js';
import type { Engine } from '../engines/engine.js';
import { EngineCrash } from '../engines/engine-crash.js';
import { commitBatch, type CommitStep, type DestinationStores, type WrittenBatch } from './commit-batch.js';
import { addResults, NO_RESULT, resultOfSlot, type GroupResult } from './group-result.js';
import { inParallel } from './in-parallel.js';
import type { Candidate, PlannedBatch } from './plan-compaction.js';
import type { MergedInputs } from './merged-inputs.js';
import { slotKey } from './slot-key.js';
import type { SlotNumbers } from './slot-numbers.js';
import { stageGroup, type RowShape, type StagedBatch, type StagedGroup } from './stage-group.js';
import { writeSlots, type Codec, type Sort } from './write-slots.js';

export type MergeStep = 'staged' | 'written' | CommitStep;

export interface MergeOptions extends RowShape {
  /** Gives the engine; a new one after the last has crashed. */
  readonly openEngine: () => Promise<Engine>;
  /** The run's own folder. */
  readonly folder: string;
  /** Where slots are written before they are made visible: for a local destination on its own file system. */
  readonly slotFolder: string;
  readonly codec: Codec;
  readonly sort: Sort;
  readonly toolVersion: string;
  readonly newId: () => string;
  readonly stores: DestinationStores;
  readonly numbers: SlotNumbers;
  readonly merged: MergedInputs;
  /** Makes sure that the destination is described; to be called before its first slot is stored. */
  readonly describe: () => Promise<void>;
  /** How many slots are committed at once. */
  readonly concurrency: number;
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
  readonly mayGrow: (candidate: Candidate) => boolean;
  readonly onStep: (step: MergeStep) => void;
  readonly onProgress: (objects: number, bytes: number) => void;
  readonly requireFreeBytes: (bytes: number) => Promise<void>;
}

/**
 * Reads a group of batches, writes a slot for each, and makes them visible. When the engine's process dies, each batch is
 * tried by itself, and the one that it dies of is left, with the reason.
 */
export async function mergeGroup(batches: readonly PlannedBatch[], options: MergeOptions): Promise<GroupResult> {
  try {
    return await mergeTogether(batches, options);
  } catch (error) {
    if (!(error instanceof EngineCrash)) throw error;
    const [only] = batches;
    if (batches.length === 1 && only !== undefined) return leaveAll(only, error.message);
    const results: GroupResult[] = [];
    for (const batch of batches) results.push(await mergeGroup([batch], options));
    return addResults(results);
  }
}

async function mergeTogether(batches: readonly PlannedBatch[], options: MergeOptions): Promise<GroupResult> {
  const engine = await options.openEngine();
  const aside = join(options.folder, 'aside');
  await rm(aside, { recursive: true, force: true });
  await mkdir(options.slotFolder, { recursive: true });
  const staged = await stageGroup(batches, { ...options, engine, quarantineOf: (batch) => keepAside(aside, batch) });
  options.onStep('staged');
  const written = await writeSlots(staged.batches, { ...options, engine, folder: options.slotFolder });
  try {
    options.onStep('written');
    for (const [index, batch] of written.entries()) {
      await storeAside(join(aside, String(batches.indexOf(staged.batches[index]!.batch))), batch, options.stores);
    }
    if (written.length > 0) await options.describe();
    return await commitAll(staged, written, options);
  } finally {
    for (const { body } of written) await rm(body.file, { force: true });
  }
}

/** Whole objects that cannot be read stay where they are: they are not merged. */
function keepAside(folder: string, batch: number): Quarantine {
  return { ...openQuarantine(join(folder, String(batch))), putObject: () => Promise.resolve() };
}

async function storeAside(folder: string, { plan }: WrittenBatch, { ledger }: DestinationStores): Promise<void> {
  if (plan.inputs.every(({ quarantined }) => quarantined === 0)) return;
  for (const name of (await readdir(folder)).sort()) {
    await ledger.create(`quarantine/${plan.batchId}/${name}`, { bytes: await readFile(join(folder, name)) });
  }
}

async function commitAll(
  { batches, left, empty }: StagedGroup,
  written: readonly WrittenBatch[],
  options: MergeOptions,
): Promise<GroupResult> {
  const partitions = new Map<string, CommitPair[]>();
  for (const [index, staged] of batches.entries()) {
    const { partition } = staged.batch;
    partitions.set(partition, [...(partitions.get(partition) ?? []), { staged, written: written[index]! }]);
  }
  // Slots of one partition one after the other: their numbers follow each other.
  const results = await inParallel([...partitions.values()], options.concurrency, async (pairs) => {
    const partial: GroupResult[] = [];
    for (const pair of pairs) partial.push(await commitOne(pair, options));
    return addResults(partial);
  });
  return addResults([...results, { ...NO_RESULT, left, empty }]);
}

interface CommitPair {
  readonly staged: StagedBatch;
  readonly written: WrittenBatch;
}

async function commitOne({ staged, written }: CommitPair, options: MergeOptions): Promise<GroupResult> {
  const { inputs } = staged;
  const result = await commitBatch(written, options);
  if (result.kind === 'overtaken') return { ...NO_RESULT, overtaken: inputs.length };
  const { place } = result;
  options.merged.add(inputs);
  const slot = {
    key: slotKey(place),
    partition: place.partition,
    rows: written.plan.rows,
    bytes: written.size,
    files: inputs.length,
    bytesIn: inputs.reduce((sum, { size }) => sum + size, 0),
  };
  return resultOfSlot(slot, inputs);
}

function leaveAll({ inputs }: PlannedBatch, reason: string): GroupResult {
  return { ...NO_RESULT, left: inputs.map((candidate) => ({ candidate, kind: 'failed', reason })) };
}
