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
import type { RunResources } from './run-resources.js';

/** Left free on the disk of the temporary folder. */
const SPARE_BYTES = 64 * 1024 * 1024;

/** What `askQuestions` needs besides the questions. */
export type ReadingRequest = Omit<AskRequest, 'questions'>;

/** An engine that is being opened. What goes wrong is thrown to whoever waits for it. */
export interface OpeningEngine {
  readonly engine: Promise<Engine>;
  /** Opens another one for as long as it is needed. */
  readonly openEngine: () => Promise<Engine>;
  /** Closes it and opens another one for the rest of the run. */
  readonly openAnother: () => Promise<Engine>;
}

/** Begins to open the engine in the run's folder, which takes a tenth of a second: the sources can be listed meanwhile. */
export function startEngine(flags: CommandFlags, resources: RunResources): OpeningEngine {
  const openEngine = async (): Promise<Engine> => {
    const memoryLimit = readMemoryLimit(flags.memory);
    const { openDuckDB } = await import('../engines/duckdb.js');
    const spillFolder = join((await resources.folder()).path, 'spill');
    return openDuckDB({ spillFolder, memoryLimit, threads: availableParallelism() });
  };
  const openHeld = (): Promise<Engine> => {
    const engine = openEngine();
    // Whoever waits for it is told; where the listing fails first, nobody waits.
    engine.catch(() => undefined);
    const withEngine = (use: (opened: Engine) => void): void => void engine.then(use, () => undefined);
    resources.hold({
      interrupt: () => withEngine((opened) => opened.interrupt()),
      close: () => withEngine((opened) => opened.close()),
    });
    return engine;
  };
  const engine = openHeld();
  const openAnother = async (): Promise<Engine> => {
    (await engine).close();
    return openHeld();
  };
  return { engine, openEngine, openAnother };
}

/**
 * What a reading needs; Ctrl-C interrupts its engine.
 * @throws UserError when more would be fetched than `--max-bytes` allows
 */
export async function openReadingRun(
  { plan, selection, userFormats, replan, planWithout }: ReadingPlan,
  flags: CommandFlags,
  { resources, opening }: { readonly resources: RunResources; readonly opening: OpeningEngine },
): Promise<ReadingRequest> {
  const tooMuch = limitBytes(plan, flags['max-bytes']);
  if (tooMuch !== undefined) throw tooMuch;
  const engine = await opening.engine;
  const folder = await resources.folder();
  const { progress } = resources;
  progress.begin('reading');
  progress.update({ objectsDone: 0, objectsTotal: plan.objects.length, bytesDone: 0, bytesTotal: plan.bytes });
  return {
    plan,
    ...(replan === undefined ? {} : { replan }),
    ...(planWithout === undefined ? {} : { planWithout }),
    engine,
    openProbe: opening.openEngine,
    openAnother: opening.openAnother,
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

/** An accounting with the requests that it took, where they count. */
export function withRequests(accounting: Accounting, { stores }: Pick<ReadingPlan, 'stores'>): Accounting {
  const requests = countRequests(stores);
  return requests === undefined ? accounting : { ...accounting, requests };
}
