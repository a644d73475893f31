import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Accounting } from '../dataset/accounting.js';
import { NO_QUARANTINE, openQuarantine } from '../dataset/quarantine.js';
import type { AskRequest } from '../queries/ask-questions.js';
import type { Engine } from '../engines/engine.js';
import { countRequests } from './count-requests.js';
import type { CommandFlags } from './flags.js';
import { requireFreeBytes } from './free-space.js';
import { limitBytes } from './limit-bytes.js';
import { readMemoryLimit } from './memory-limit.js';
import type { ReadingPlan } from './plan-reading.js';
import type { Progress } from './progress.js';
import type { RunFolder } from './run-folder.js';
import type { RunResources } from './run-resources.js';

/** Left free on the disk of the temporary folder. */
const SPARE_BYTES = 64 * 1024 * 1024;

/** What `askQuestions` needs besides the questions. */
export type ReadingRequest = Omit<AskRequest, 'questions'>;

/**
 * Opens the engine in the run's folder; Ctrl-C interrupts it.
 * @throws UserError when more would be fetched than `--max-bytes` allows
 */
export async function openReadingRun(
  { plan, selection, userFormats, replan, planWithout }: ReadingPlan,
  flags: CommandFlags,
  resources: RunResources,
): Promise<ReadingRequest> {
  const memoryLimit = readMemoryLimit(flags.memory);
  const tooMuch = limitBytes(plan, flags['max-bytes']);
  if (tooMuch !== undefined) throw tooMuch;
  const folder = await resources.folder();
  const openEngine = await engineOpener(folder, memoryLimit);
  const engine = await openEngine();
  resources.hold({ interrupt: () => engine.interrupt(), close: () => engine.close() });
  const { progress } = resources;
  progress.begin('reading');
  progress.update({ objectsDone: 0, objectsTotal: plan.objects.length, bytesDone: 0, bytesTotal: plan.bytes });
  return {
    plan,
    ...(replan === undefined ? {} : { replan }),
    ...(planWithout === undefined ? {} : { planWithout }),
    engine,
    openProbe: openEngine,
    folder: folder.path,
    filters: selection.filters,
    userFormats,
    dedupe: flags.dedupe,
    showSecrets: flags['show-secrets'],
    quarantine: flags.quarantine === undefined ? NO_QUARANTINE : openQuarantine(flags.quarantine),
    onProgress: (state: Parameters<Progress['update']>[0]) => progress.update(state),
    requireFreeBytes: (bytes: number) => requireFreeBytes(folder.path, bytes + SPARE_BYTES),
  };
}

async function engineOpener(folder: RunFolder, memoryLimit: number): Promise<() => Promise<Engine>> {
  const { openDuckDB } = await import('../engines/duckdb.js');
  return () => openDuckDB({ spillFolder: join(folder.path, 'spill'), memoryLimit, threads: availableParallelism() });
}

/** An accounting with the requests that it took, where they count. */
export function withRequests(accounting: Accounting, { stores }: Pick<ReadingPlan, 'stores'>): Accounting {
  const requests = countRequests(stores);
  return requests === undefined ? accounting : { ...accounting, requests };
}
