import { planWithTables, type PlanWithTables } from '../compaction/read-tables.js';
import { planScan, type ScanPlan } from '../dataset/plan-scan.js';
import { UserError } from '../errors.js';
import { configFormats } from '../formats/config-format.js';
import type { LogFormat } from '../formats/log-format.js';
import { judgePrefix } from '../layouts/prune-prefix.js';
import type { ObjectStore } from '../storage/object-store.js';
import type { S3Access } from '../storage/s3-access.js';
import { countRequests } from './count-requests.js';
import { findConfiguration } from './find-configuration.js';
import type { CommandFlags } from './flags.js';
import type { Config } from './parse-config.js';
import { readByteLimit } from './limit-bytes.js';
import { parseBytes } from './memory-limit.js';
import { openBeside, type PlacedStore } from './open-beside.js';
import { openSources } from './open-sources.js';
import { readS3Access } from './read-s3-access.js';
import { readSelection, type Selection } from './read-selection.js';
import { resolveSources } from './resolve-sources.js';
import type { RunResources } from './run-resources.js';

/** The sources of a command line, listed. */
export interface ReadingPlan {
  readonly plan: ScanPlan;
  readonly stores: readonly ObjectStore[];
  readonly selection: Selection;
  readonly userFormats: readonly LogFormat[];
  readonly config: Config | undefined;
  /** The sources themselves, as they were opened. */
  readonly placed: readonly PlacedStore[];
  /** Merged tables are among what is read. */
  readonly hasTables: boolean;
  /** Lists everything anew, as it was listed before. */
  readonly list: () => Promise<ScanPlan>;
  /** Lists everything anew: what was to be read may have been merged and removed since. Absent where no table is read. */
  readonly replan?: () => Promise<ScanPlan>;
  /** Lists everything anew, for reading it without the cache. Absent where nothing comes from there. */
  readonly planWithout?: () => Promise<ScanPlan>;
}

/** What may be missing. */
export interface MayBeMissing {
  /** There may be no object at all, in a folder or bucket that is there. */
  readonly mayBeEmpty?: boolean;
}

/**
 * Finds the sources that the command line, the environment and the configuration name, and lists what is to be read.
 * @throws UserError when there is no source, it cannot be read, or nothing in it can hold the window
 */
export async function planReading(
  sources: readonly string[],
  flags: CommandFlags,
  resources: RunResources,
  { mayBeEmpty = false }: MayBeMissing = {},
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
  const placed = await openSources(resolved, flags, resources, { mayBeEmpty });
  const stores = placed.map(({ store }) => store);
  const list = lister(placed, { flags, selection, resources });
  const { plan, tables } = await list();
  if (plan.objects.length === 0 && plan.failed.length === 0 && !mayBeEmpty) await refuseEmpty(stores, plan, selection);
  const listAgain = async (): Promise<ScanPlan> => (await list()).plan;
  const opened = tables.flatMap(({ data, ledger, source }) => [data ?? [], ledger ?? [], source ?? []].flat());
  return {
    plan,
    stores: [...stores, ...opened],
    selection,
    userFormats,
    config,
    placed,
    hasTables: tables.length > 0,
    list: listAgain,
    ...(tables.length === 0 ? {} : { replan: listAgain }),
  };
}

interface Listing {
  readonly flags: CommandFlags;
  readonly selection: Selection;
  readonly resources: RunResources;
}

/** Lists the sources, each time anew; merged tables among them are read with what their sources hold besides. */
function lister(
  placed: readonly PlacedStore[],
  { flags, selection, resources }: Listing,
): () => Promise<PlanWithTables> {
  const { latenessMs, filters } = selection;
  const { window } = filters;
  const stores = placed.map(({ store }) => store);
  const accessTo = (): S3Access => readS3Access({ flags, source: {}, env: process.env });
  const neighbourhood = openBeside(placed, accessTo, resources);
  return () =>
    planWithTables({
      stores,
      neighbourhood,
      mergedOnly: flags['merged-only'],
      scan: (asked) => listStores(asked, selection, resources),
      judge: (prefix) => judgePrefix(prefix, { window, latenessMs }),
    });
}

/** Lists stores as far as the window reaches, with the progress on the line. */
export async function listStores(
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
