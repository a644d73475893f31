import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { v7 as newId } from 'uuid';
import { compact, type CompactRequest } from '../compaction/compact.js';
import type { CompactionOutcome } from '../compaction/compaction-outcome.js';
import { ensureCapabilities } from '../compaction/ensure-capabilities.js';
import type { CompactionLimits } from '../compaction/plan-compaction.js';
import { prepareCompaction, type PreparedCompaction } from '../compaction/prepare-compaction.js';
import { sweepStaging } from '../compaction/sweep-staging.js';
import type { Engine } from '../engines/engine.js';
import { countRequests } from './count-requests.js';
import type { CompactFlags } from './compact-flags.js';
import { engineSource } from './engine-source.js';
import { requireFreeBytes } from './free-space.js';
import { readMemoryLimit } from './memory-limit.js';
import { limitBytes, readByteLimit } from './limit-bytes.js';
import { openCompaction, readLimits, type OpenedCompaction } from './open-compaction.js';
import { printCompactionPlan } from './print-compaction-plan.js';
import { printCompaction } from './print-compaction.js';
import { refuseFormats, ROW_FORMATS } from './print-sections.js';
import type { StopRequest } from './stop-request.js';
import { withRunResources, type RunResources } from './run-resources.js';

export interface CompactSourceRequest {
  readonly sources: readonly string[];
  readonly flags: CompactFlags;
  /** The version of this program, which the slots tell. */
  readonly toolVersion: string;
  /** Where somebody may ask the run to stop before its end; else Ctrl-C ends it at once. */
  readonly stop?: StopRequest;
}

/** Left free on the disk of the temporary folder. */
const SPARE_BYTES = 64 * 1024 * 1024;

/**
 * Merges the new objects of a source into its table and says what became of them. With `--dry-run` it says what would be
 * merged.
 * @throws UserError for everything that the user can mend
 */
export async function compactSource(request: CompactSourceRequest): Promise<void> {
  const { flags, stop } = request;
  refuseFormats('an outcome of several tables', ROW_FORMATS, flags);
  const memoryLimit = readMemoryLimit(flags.memory);
  const bounds = { memoryLimit, limits: readLimits(flags) };
  readByteLimit(flags['max-bytes']);
  await withRunResources(flags, (resources) => compactOnce(request, bounds, resources), stop === undefined);
}

interface Bounds {
  readonly memoryLimit: number;
  readonly limits: CompactionLimits;
}

async function compactOnce(
  { sources, flags, toolVersion, stop }: CompactSourceRequest,
  { memoryLimit, limits }: Bounds,
  resources: RunResources,
): Promise<void> {
  resources.progress.begin('listing');
  const opened = await openCompaction(sources, flags, resources);
  if (flags['dry-run']) return printPlanned({ ...opened, limits }, flags, resources);
  const isStopping = (): boolean => stop?.isStopping === true;
  const onPlan = (prepared: PreparedCompaction): void => refuseTooMuch(prepared, flags);
  const openEngine = engineSource(memoryLimit, resources);
  const merging = { flags, limits, openEngine, toolVersion, isStopping, onPlan };
  const outcome = await mergeOpened(opened, merging, resources);
  resources.progress.stop();
  const seconds = (performance.now() - resources.started) / 1000;
  await printCompaction({ outcome, seconds, requests: countRequests(opened.counted) }, flags);
}

export interface MergeRequest {
  readonly flags: Pick<CompactFlags, 'codec' | 'sort' | 'concurrency'>;
  readonly limits: CompactionLimits;
  readonly openEngine: () => Promise<Engine>;
  readonly toolVersion: string;
  /** Asked before each group of objects. */
  readonly isStopping: () => boolean;
  /** Told of each plan before it is carried out; what it throws ends the run. */
  readonly onPlan: (prepared: PreparedCompaction) => void;
}

/** Merges the new objects of an opened source into its table. */
export async function mergeOpened(
  opened: OpenedCompaction,
  request: MergeRequest,
  resources: RunResources,
): Promise<CompactionOutcome> {
  const { limits, isStopping, onPlan } = request;
  await ensureDestination(opened);
  const total = { objectsDone: 0, bytesDone: 0, objectsTotal: 0, bytesTotal: 0 };
  return compact({
    ...opened.prepare,
    limits,
    isStopping,
    merging: await mergingOptions(opened, { ...request, resources, total }),
    onPlan: (prepared) => {
      onPlan(prepared);
      beginMerging(prepared, total, resources);
    },
  });
}

/** @throws UserError when more would be fetched than `--max-bytes` allows */
export function refuseTooMuch({ plan }: PreparedCompaction, flags: Pick<CompactFlags, 'max-bytes'>): void {
  const tooMuch = limitBytes({ objects: plan.batches.flatMap(({ inputs }) => inputs) }, flags['max-bytes']);
  if (tooMuch !== undefined) throw tooMuch;
}

async function printPlanned(
  opened: OpenedCompaction & { readonly limits: CompactionLimits },
  flags: CompactFlags,
  { progress }: RunResources,
): Promise<void> {
  const prepared = await prepareCompaction({ ...opened.prepare, limits: opened.limits });
  progress.stop();
  await printCompactionPlan(
    prepared,
    { destination: opened.destination.name, requests: countRequests(opened.counted) },
    flags,
  );
}

async function ensureDestination({ stores, destination }: OpenedCompaction): Promise<void> {
  if (stores.ledger.staging !== undefined) await sweepStaging(stores.ledger.staging, Date.now());
  const capabilities = await ensureCapabilities(stores.ledger, newId);
  stores.ledger.adopt(capabilities);
  stores.slots.adopt(capabilities);
  // A table can be read from the moment on that its ledger describes it: before its first slot, its folder is there.
  if (destination.folder !== undefined) await mkdir(destination.folder, { recursive: true });
}

interface Merging extends MergeRequest {
  readonly resources: RunResources;
  readonly total: MergingTotal;
}

/** How far a run is. */
interface MergingTotal {
  objectsDone: number;
  bytesDone: number;
  objectsTotal: number;
  bytesTotal: number;
}

async function mergingOptions(
  { stores, destination }: OpenedCompaction,
  { flags, limits, toolVersion, resources, openEngine, total }: Merging,
): Promise<CompactRequest['merging']> {
  const folder = (await resources.folder()).path;
  return {
    openEngine,
    folder,
    slotFolder:
      destination.folder === undefined ? join(folder, 'slots') : join(`${destination.folder}.ledger`, 'staging'),
    codec: flags.codec,
    sort: flags.sort,
    toolVersion,
    newId,
    stores,
    concurrency: flags.concurrency,
    now: () => Date.now(),
    wait: (ms) => wait(ms),
    mayGrow: ({ object: { modified = 0 } }) => Date.now() - modified < limits.maxWaitMs,
    onStep: () => undefined,
    onProgress: (objects, bytes) => {
      total.objectsDone += objects;
      total.bytesDone += bytes;
      resources.progress.update(total);
    },
    requireFreeBytes: (bytes) => requireFreeBytes(folder, bytes + SPARE_BYTES),
  };
}

/** Each plan begins the count anew. */
function beginMerging({ plan }: PreparedCompaction, total: MergingTotal, { progress }: RunResources): void {
  const objectsTotal = plan.batches.reduce((sum, { inputs }) => sum + inputs.length, 0);
  const bytesTotal = plan.batches.reduce((sum, { bytes }) => sum + bytes, 0);
  Object.assign(total, { objectsDone: 0, bytesDone: 0, objectsTotal, bytesTotal });
  progress.begin('merging');
  progress.update(total);
}
