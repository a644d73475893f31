import type { LeftOut, PlannedObject, ScanPlan } from '../dataset/plan-scan.js';
import type { PrefixVerdict, ObjectStore } from '../storage/object-store.js';
import { UserError } from '../errors.js';
import { exactKey } from './exact-key.js';
import { findTables } from './find-tables.js';
import { openTable, type Neighbourhood, type Table } from './open-table.js';
import { isVersion, type Candidate } from './plan-compaction.js';
import { compareVersions } from './prepare-compaction.js';
import { readLedger, type Ledger } from './read-ledger.js';
import { slotKey } from './slot-key.js';

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

const CHANGED = 'changed after it was merged; "awsusage compact status" names each';

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
  refuseTwins(tables);
  const sources = request.mergedOnly
    ? []
    : tables.flatMap(({ isNamed: named, source }) => (named ? (source ?? []) : []));
  const unnamed = sources.filter(({ root }) => stores.every((store) => store.root !== root));
  let plan = addPlans(listed, await scan(unnamed));
  if (!request.mergedOnly) plan = { ...plan, failed: [...plan.failed, ...missingSources(tables)] };
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

/** What one of them has merged the other may have merged, too: read together, their rows would count twice. */
function refuseTwins(tables: readonly FoundTable[]): void {
  for (const [index, { description, source, path }] of tables.entries()) {
    const twin = tables
      .slice(0, index)
      .find((other) => other.source?.root === source?.root && other.description.format === description.format);
    if (source === undefined || twin === undefined || twin.path === path) continue;
    throw new UserError(`${twin.path} and ${path} are merged from the same source, ${source.name}`, {
      wayOut: 'Read one of them.',
    });
  }
}

/** What a table's source holds besides is part of the answer; a source that is not there may only be out of reach. */
function missingSources(tables: readonly FoundTable[]): LeftOut[] {
  return tables
    .filter(({ isNamed: named, source }) => named && source === undefined)
    .map(({ description }) => ({
      key: description.source,
      reason: 'the source of a table is not there (--merged-only reads the table alone)',
    }));
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
  refuseMoved(others, table, ledger);
  const slots = await slotsOf(table, ledger, request);
  const { kept, merged, changed, unreadable } = await leaveMerged(others, table, ledger);
  const gone = goneSlots(ledger, kept, table);
  const objects = [...slots, ...kept];
  const mergedAway = merged.map(({ object }) => ({
    key: object.key,
    reason: `merged into ${table.data?.name ?? table.path}`,
  }));
  const changedNow = changed.map(({ object }) => ({ key: object.key, reason: CHANGED }));
  return {
    ...plan,
    objects,
    skipped: [...plan.skipped, ...mergedAway],
    failed: [...plan.failed, ...changedNow, ...unreadable, ...gone],
    bytes: objects.reduce((sum, { object }) => sum + object.size, 0),
    layouts: countLayouts(objects),
  };
}

/** Objects that a table was made of, at another place than it was made from: nobody knows them to be merged there. */
function refuseMoved(objects: readonly PlannedObject[], { source, description, path }: Table, ledger: Ledger): void {
  const moved = objects.find(({ store, object }) => {
    if (source?.root !== undefined && object.identity.startsWith(source.root)) return false;
    if (store.root === undefined) return false;
    return ledger.consumed.get(exactKey(store, object))?.some(({ input }) => input.size === object.size) === true;
  });
  if (moved === undefined) return;
  throw new UserError(
    `${moved.store.name}${moved.object.key} is merged into ${path}, as it seems, which was made from ${description.source}`,
    { wayOut: 'Read the table or the source alone; together their rows could count twice.' },
  );
}

/** Slots that are gone, with rows that nothing else holds. */
function goneSlots(ledger: Ledger, kept: readonly PlannedObject[], { source }: Table): LeftOut[] {
  const held = new Set(source === undefined ? [] : kept.flatMap((planned) => keyBelow(source, planned) ?? []));
  return ledger.slots
    .filter(({ object, inputs }) => object === undefined && inputs.some(({ key, rows }) => rows > 0 && !held.has(key)))
    .map((slot) => ({ key: slotKey(slot), reason: 'a merged file that is gone' }));
}

/** The exact key of an object below a source; undefined for one that lies elsewhere. */
function keyBelow(source: ObjectStore, { object }: PlannedObject): string | undefined {
  const { root } = source;
  return root !== undefined && object.identity.startsWith(root) ? exactKey(source, object) : undefined;
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
  if (source === undefined) return { kept: objects, merged: [], changed: [], unreadable: [] };
  const kept: PlannedObject[] = [];
  const merged: PlannedObject[] = [];
  const otherVersion: Candidate[] = [];
  for (const planned of objects) {
    const key = keyBelow(source, planned);
    const consumed =
      key === undefined ? [] : (ledger.consumed.get(key) ?? []).filter(({ slot }) => slot.object !== undefined);
    if (key === undefined || consumed.length === 0) kept.push(planned);
    else if (consumed.some(({ input }) => isVersion(planned, input))) merged.push(planned);
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
