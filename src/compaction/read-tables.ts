import type { LeftOut, PlannedObject, ScanPlan } from '../dataset/plan-scan.js';
import type { PrefixVerdict, ObjectStore } from '../storage/object-store.js';
import { exactKey } from './exact-key.js';
import { findTables } from './find-tables.js';
import { openTable, type Neighbourhood, type Table } from './open-table.js';
import type { Candidate } from './plan-compaction.js';
import { compareVersions } from './prepare-compaction.js';
import { readLedger, type Ledger } from './read-ledger.js';

export interface ReadTablesRequest {
  readonly stores: readonly ObjectStore[];
  /** Lists stores as far as the window reaches. */
  readonly scan: (stores: readonly ObjectStore[]) => Promise<ScanPlan>;
  /** Which partitions of a table the window reaches. */
  readonly judge: (prefix: string) => PrefixVerdict;
  readonly neighbourhood: Neighbourhood;
  /** Leave out what the source of a table holds that is not merged yet. */
  readonly mergedOnly: boolean;
}

/** A plan that reads every record once, and the tables that it is made of. */
export interface PlanWithTables {
  readonly plan: ScanPlan;
  readonly tables: readonly Table[];
}

/**
 * Lists what is to be read. Where merged tables are among it, every record is read once: the tables' slots, and of their
 * sources what is not merged. A table that is named itself brings its source along. Sources are listed before ledgers: what a
 * listing lacks because it was merged and removed meanwhile is in the ledger then.
 * @throws UserError when a ledger cannot be read
 */
export async function planWithTables(request: ReadTablesRequest): Promise<PlanWithTables> {
  const { stores, scan, neighbourhood } = request;
  const listed = await scan(stores);
  const tables: FoundTable[] = [];
  for (const { store, path } of findTables(stores, listed.objects)) {
    const table = await openTable(path, store, neighbourhood);
    if (table !== undefined) tables.push({ ...table, isNamed: isNamed(store, path), within: store });
  }
  if (tables.length === 0) return { plan: listed, tables };
  const sources = request.mergedOnly
    ? []
    : tables.flatMap(({ isNamed: named, source }) => (named ? (source ?? []) : []));
  const unnamed = sources.filter(({ root }) => stores.every((store) => store.root !== root));
  let plan = addPlans(listed, await scan(unnamed));
  for (const table of tables) plan = await withTable(plan, table, request);
  return { plan, tables };
}

interface FoundTable extends Table {
  /** The user named the table itself, and not a folder that it lies in, or a part of it. */
  readonly isNamed: boolean;
  readonly within: ObjectStore;
}

function isNamed({ context = '' }: ObjectStore, path: string): boolean {
  return context === path || `${context}/` === path;
}

function addPlans(plan: ScanPlan, more: ScanPlan): ScanPlan {
  const known = new Set(plan.objects.map(({ object }) => object.identity));
  const objects = more.objects.filter(({ object }) => !known.has(object.identity));
  return {
    ...plan,
    objects: [...plan.objects, ...objects],
    skipped: [...plan.skipped, ...more.skipped],
    failed: [...plan.failed, ...more.failed],
  };
}

/** Takes a table's slots as its ledger lists them, and leaves out what they hold. */
async function withTable(plan: ScanPlan, table: FoundTable, request: ReadTablesRequest): Promise<ScanPlan> {
  const ledger = await readLedger(table, request.judge);
  const others = plan.objects.filter(({ object }) => !isBelow(table.data, object));
  const slots = await slotsOf(table, ledger, request);
  const { kept, merged, changed, unreadable } = await leaveMerged(others, table, ledger);
  const objects = [...slots, ...kept];
  const mergedAway = merged.map(({ object }) => ({
    key: object.key,
    reason: `merged into ${table.data?.name ?? table.path}`,
  }));
  const changedNow = changed.map(({ object }) => ({ key: object.key, reason: 'changed after it was merged' }));
  return {
    ...plan,
    objects,
    skipped: [...plan.skipped, ...mergedAway],
    failed: [...plan.failed, ...changedNow, ...unreadable],
    bytes: objects.reduce((sum, { object }) => sum + object.size, 0),
    layouts: countLayouts(objects),
  };
}

function isBelow(store: ObjectStore | undefined, { identity }: { readonly identity: string }): boolean {
  return store?.root !== undefined && identity.startsWith(store.root);
}

/** The slots, listed anew behind the commits, that the window and what the user named reach. */
async function slotsOf(
  { data, within }: FoundTable,
  ledger: Ledger,
  { scan }: ReadTablesRequest,
): Promise<PlannedObject[]> {
  if (data === undefined) return [];
  const slots = ledger.slots.flatMap(({ object }) => object ?? []).filter((object) => isBelow(within, object));
  const fixed: ObjectStore = {
    ...data,
    list: async function* () {
      for (const object of [...slots, ...ledger.others.filter((other) => isBelow(within, other))])
        yield { kind: 'object', object };
    },
  };
  return [...(await scan([fixed])).objects];
}

interface LeftMerged {
  readonly kept: readonly PlannedObject[];
  readonly merged: readonly PlannedObject[];
  readonly changed: readonly PlannedObject[];
  readonly unreadable: readonly LeftOut[];
}

async function leaveMerged(objects: readonly PlannedObject[], { source }: Table, ledger: Ledger): Promise<LeftMerged> {
  const root = source?.root;
  if (source === undefined || root === undefined) return { kept: objects, merged: [], changed: [], unreadable: [] };
  const kept: PlannedObject[] = [];
  const merged: PlannedObject[] = [];
  const otherVersion: Candidate[] = [];
  for (const planned of objects) {
    const { object } = planned;
    const key = object.identity.startsWith(root) ? exactKey(source, object) : undefined;
    const consumed = key === undefined ? undefined : ledger.consumed.get(key);
    if (key === undefined || consumed === undefined) kept.push(planned);
    else if (consumed.some(({ input }) => input.version === object.version)) merged.push(planned);
    else otherVersion.push({ ...planned, exactKey: key, partition: '' });
  }
  const { changed, rewritten, unreadable } = await compareVersions(otherVersion, ledger);
  return { kept, merged: [...merged, ...rewritten], changed, unreadable };
}

function countLayouts(objects: readonly PlannedObject[]): ScanPlan['layouts'] {
  const layouts = new Map<PlannedObject['layout'], number>();
  for (const { layout } of objects) layouts.set(layout, (layouts.get(layout) ?? 0) + 1);
  return layouts;
}
