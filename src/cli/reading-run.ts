import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { planScan, type ScanPlan } from '../dataset/plan-scan.js';
import { NO_QUARANTINE, openQuarantine } from '../dataset/quarantine.js';
import type { AskRequest } from '../queries/ask-questions.js';
import type { Engine } from '../engines/engine.js';
import { UserError } from '../errors.js';
import { configFormats } from '../formats/config-format.js';
import type { LogFormat } from '../formats/log-format.js';
import { openLocation, parseLocation } from '../storage/location.js';
import type { ObjectStore } from '../storage/object-store.js';
import { findConfig, readConfig } from './config-file.js';
import type { CommandFlags } from './flags.js';
import { requireFreeBytes } from './free-space.js';
import { defaultMemoryLimit, parseBytes } from './memory-limit.js';
import { startProgress, showsProgress, type Progress } from './progress.js';
import { readSelection, type Selection } from './read-selection.js';
import { resolveSources } from './resolve-sources.js';
import { openRunFolder, type RunFolder } from './run-folder.js';
import { onInterrupt, type InterruptWatch } from './signals.js';

/** Left free on the disk of the temporary folder. */
const SPARE_BYTES = 64 * 1024 * 1024;

/** The sources of a command line, listed. */
export interface ReadingPlan {
  readonly plan: ScanPlan;
  readonly stores: readonly ObjectStore[];
  readonly selection: Selection;
  readonly userFormats: readonly LogFormat[];
  readonly progress: Progress;
}

/**
 * Finds the sources that the command line, the environment and the configuration name, and lists what is to be read.
 * @throws UserError when there is no source, it cannot be read, or nothing in it can hold the window
 */
export async function planReading(sources: readonly string[], flags: CommandFlags): Promise<ReadingPlan> {
  const progress = startProgress({
    stream: process.stderr,
    now: () => performance.now(),
    isTerminal: showsProgress({ stream: process.stderr, env: process.env, quiet: flags.quiet }),
    quiet: flags.quiet,
  });
  progress.begin('listing');
  try {
    return { ...(await listSources(sources, flags, progress)), progress };
  } catch (error) {
    progress.stop();
    throw error;
  }
}

async function listSources(
  sources: readonly string[],
  flags: CommandFlags,
  progress: Progress,
): Promise<Omit<ReadingPlan, 'progress'>> {
  const cwd = process.cwd();
  const { path, warnings } = await findConfig(cwd);
  for (const warning of warnings) progress.warn(`Warning: ${warning}`);
  const config = path === undefined ? undefined : await readConfig(path);
  const resolved = await resolveSources({ sources, env: process.env, config });
  const lateness = resolved.flatMap((source) => source.lateness ?? []);
  const selection = readSelection(flags, Date.now(), lateness);
  const stores: ObjectStore[] = [];
  for (const { location } of resolved)
    stores.push(await openLocation(parseLocation(location), { cwd, stdin: process.stdin }));
  const { window } = selection.filters;
  const plan = await planScan({ stores, window, latenessMs: selection.latenessMs });
  if (plan.objects.length === 0 && plan.failed.length === 0) await refuseEmpty(stores, plan, selection);
  return { plan, stores, selection, userFormats: configFormats(config?.formats ?? [], 'formats') };
}

async function refuseEmpty(stores: readonly ObjectStore[], plan: ScanPlan, { latenessMs }: Selection): Promise<never> {
  const names = stores.map(({ name }) => name).join(', ');
  const all = await planScan({ stores, window: {}, latenessMs });
  if (all.objects.length > 0) {
    const { keyTime } = all;
    const span =
      keyTime === undefined ? '' : `; the keys there are from ${isoText(keyTime.from)} to ${isoText(keyTime.to)}`;
    throw new UserError(`Nothing in ${names} can hold calls of the window${span}`, {
      wayOut: 'Ask for another window with --since and --until, or allow for late objects with --lateness.',
    });
  }
  const skipped = plan.skipped.slice(0, 5).map(({ key, reason }) => `Skipped ${key}: ${reason}.`);
  throw new UserError(`There is nothing to read in ${names}`, {
    wayOut: [...skipped, 'Give the folder, file or glob that the logs are in.'],
  });
}

/** Epoch milliseconds as ISO text, without a fraction of zero. */
export function isoText(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('.000Z', 'Z');
}

/** An engine and a folder for one run; `close` leaves nothing behind. */
export interface ReadingRun {
  readonly engine: Engine;
  readonly progress: Progress;
  /** What `openDataset` needs of the surroundings. */
  readonly request: Omit<AskRequest, 'questions'>;
  readonly watch: InterruptWatch;
  close(): void;
}

/** Opens the engine in a folder of the run's own; Ctrl-C interrupts it. */
export async function openReadingRun(reading: ReadingPlan, flags: CommandFlags): Promise<ReadingRun> {
  const memoryLimit = flags.memory === undefined ? defaultMemoryLimit() : parseBytes(flags.memory);
  const folder = await openRunFolder();
  const openEngine = await engineOpener(folder, memoryLimit);
  const engine = await openEngine();
  const { progress, plan } = reading;
  progress.begin('reading');
  progress.update({ objectsDone: 0, objectsTotal: plan.objects.length, bytesDone: 0, bytesTotal: plan.bytes });
  const watch = onInterrupt(() => {
    progress.stop();
    engine.interrupt();
  });
  const request = {
    plan,
    engine,
    openProbe: openEngine,
    folder: folder.path,
    filters: reading.selection.filters,
    userFormats: reading.userFormats,
    dedupe: flags.dedupe,
    showSecrets: flags['show-secrets'],
    quarantine: flags.quarantine === undefined ? NO_QUARANTINE : openQuarantine(flags.quarantine),
    onProgress: (state: Parameters<Progress['update']>[0]) => progress.update(state),
    requireFreeBytes: (bytes: number) => requireFreeBytes(folder.path, bytes + SPARE_BYTES),
  };
  const close = () => {
    progress.stop();
    watch.stop();
    engine.close();
    folder.remove();
  };
  return { engine, progress, request, watch, close };
}

async function engineOpener(folder: RunFolder, memoryLimit: number): Promise<() => Promise<Engine>> {
  const { openDuckDB } = await import('../engines/duckdb.js');
  return () => openDuckDB({ spillFolder: join(folder.path, 'spill'), memoryLimit, threads: availableParallelism() });
}
