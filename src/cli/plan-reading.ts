import { planScan, type ScanPlan } from '../dataset/plan-scan.js';
import { UserError } from '../errors.js';
import { configFormats } from '../formats/config-format.js';
import type { LogFormat } from '../formats/log-format.js';
import type { ObjectStore } from '../storage/object-store.js';
import { findConfig, readConfig } from './config-file.js';
import { countRequests } from './count-requests.js';
import type { CommandFlags } from './flags.js';
import { readByteLimit } from './limit-bytes.js';
import { parseBytes } from './memory-limit.js';
import { openSources } from './open-sources.js';
import type { Config } from './parse-config.js';
import { readSelection, type Selection } from './read-selection.js';
import { resolveSources } from './resolve-sources.js';
import type { RunResources } from './run-resources.js';

/** The sources of a command line, listed. */
export interface ReadingPlan {
  readonly plan: ScanPlan;
  readonly stores: readonly ObjectStore[];
  readonly selection: Selection;
  readonly userFormats: readonly LogFormat[];
}

/**
 * Finds the sources that the command line, the environment and the configuration name, and lists what is to be read.
 * @throws UserError when there is no source, it cannot be read, or nothing in it can hold the window
 */
export async function planReading(
  sources: readonly string[],
  flags: CommandFlags,
  resources: RunResources,
): Promise<ReadingPlan> {
  // A mistyped amount is told before anything is asked of a server.
  if (flags.memory !== undefined) parseBytes(flags.memory);
  readByteLimit(flags['max-bytes']);
  resources.progress.begin('listing');
  const config = await findConfiguration(resources);
  const { bucket, prefix } = flags;
  const resolved = await resolveSources({ sources, bucket, prefix, env: process.env, config });
  const lateness = resolved.flatMap((source) => source.lateness ?? []);
  const selection = readSelection(flags, Date.now(), lateness);
  const userFormats = configFormats(config?.formats ?? [], 'formats');
  const stores = await openSources(resolved, flags, resources);
  const plan = await listStores(stores, selection, resources);
  if (plan.objects.length === 0 && plan.failed.length === 0) await refuseEmpty(stores, plan, selection);
  return { plan, stores, selection, userFormats };
}

async function findConfiguration({ progress }: RunResources): Promise<Config | undefined> {
  const { path, warnings } = await findConfig(process.cwd());
  for (const warning of warnings) progress.warn(`Warning: ${warning}`);
  return path === undefined ? undefined : readConfig(path);
}

async function listStores(
  stores: readonly ObjectStore[],
  { filters: { window }, latenessMs }: Selection,
  { progress }: RunResources,
): Promise<ScanPlan> {
  let found = 0;
  // Looked at when the line is drawn, which is far less often than an object is found.
  progress.update({
    get objectsFound() {
      return found;
    },
    get requests() {
      return sumOf(countRequests(stores));
    },
  });
  return planScan({ stores, window, latenessMs, onFound: (objects) => (found = objects) });
}

function sumOf(counts: Readonly<Record<string, number>> | undefined): number | undefined {
  return counts === undefined ? undefined : Object.values(counts).reduce((sum, count) => sum + count, 0);
}

async function refuseEmpty(stores: readonly ObjectStore[], plan: ScanPlan, { latenessMs }: Selection): Promise<never> {
  const names = stores.map(({ name }) => name).join(', ');
  // Where requests cost something, one object is enough to know that it is the window's doing.
  const isFar = stores.some(({ requests }) => requests !== undefined);
  const all = await planScan({ stores, window: {}, latenessMs, ...(isFar ? { enough: 1 } : {}) });
  if (all.objects.length > 0) {
    throw new UserError(`Nothing in ${names} can hold calls of the window${isFar ? '' : describeSpan(all)}`, {
      wayOut: 'Ask for another window with --since and --until, or allow for late objects with --lateness.',
    });
  }
  const skipped = plan.skipped.slice(0, 5).map(({ key, reason }) => `Skipped ${key}: ${reason}.`);
  throw new UserError(`There is nothing to read in ${names}`, {
    wayOut: [...skipped, 'Give the folder, file or glob that the logs are in.'],
  });
}

function describeSpan({ keyTime }: ScanPlan): string {
  return keyTime === undefined ? '' : `; the keys there are from ${isoText(keyTime.from)} to ${isoText(keyTime.to)}`;
}

/** Epoch milliseconds as ISO text, without a fraction of zero. */
export function isoText(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('.000Z', 'Z');
}
