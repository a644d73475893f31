import type { Engine } from '../engines/engine.js';

import { checkConservation, type Accounting } from './accounting.js';
import { commonKnowledge, createFoundCalls, foundIn, withFilesInPlace, type CallsInPlace } from './calls-in-place.js';
import { createCallsView, createRawViews } from './calls-view.js';
import { checkFormat, formatStatement } from './check-format.js';
import { dropDuplicates, IDENTITY_COLUMNS } from './drop-duplicates.js';
import { checkWhere, filterCalls, filterStatements, type CallFilters } from './filter-calls.js';
import { filterInPlace } from './filter-in-place.js';
import { loadObjects, type FormatCount, type LoadedObjects, type LoadRequest } from './load-objects.js';
import { storedColumns, type LoadShape } from './load-sql.js';
import { ALL_COLUMNS, findNeeds, type Needs, type Statement } from './needed-columns.js';
import type { ScanPlan } from './plan-scan.js';
import { NO_QUARANTINE } from './quarantine.js';

export interface DatasetRequest extends Omit<LoadRequest, 'shape' | 'inPlace'> {
  readonly filters: CallFilters;
  /** The statements that will be asked: only what they read is loaded. */
  readonly statements: readonly Statement[];
  /** Statements that make views over `api_calls` under other names. */
  readonly views: readonly string[];
  /** Opens another engine, in which a user's own SQL is tried before anything is read. */
  readonly openProbe: () => Promise<Engine>;
  /** Plans anew, where an object that cannot be read may be merged and removed by now: its rows are in a slot then. */
  readonly replan?: () => Promise<ScanPlan>;
  /** Plans anew, where merged files stand in for objects: with the objects themselves. */
  readonly planWithout?: () => Promise<ScanPlan>;
  /** Records with the same id count once. */
  readonly dedupe: boolean;
  /**
   * Calls of merged files may stay where they lie: they are asked a few times, by statements of ours, and `withFilesInPlace`.
   */
  readonly inPlace?: boolean;
  readonly showSecrets: boolean;
}

/** What is gone again and again is gone for another reason. */
const MOST_REPLANS = 3;

/** A source that was read: `api_calls` can be asked, and nothing else happens to it any more. */
export interface Dataset {
  readonly accounting: Accounting;
  /** The first and the last time of the records before any filter, as ISO text; undefined where no record has a time, or nobody asked. */
  readonly timeSpan: { readonly first: string; readonly last: string } | undefined;
  /** The formats found, most records first. */
  readonly formats: readonly FormatCount[];
  /** The keys of the first record, where there are records, but none of a known format. */
  readonly unknownKeys: readonly string[] | undefined;
  /** The calls that are asked where they lie. */
  readonly inPlace: readonly CallsInPlace[];
}

/**
 * Reads what the plan says into the engine, drops duplicates, applies the filters, makes the view `api_calls` (and `raw_…`
 * where a statement reads them), and locks the engine.
 * @throws UserError when a filter or a format of the user's is wrong; ChangedInPlace (see withFilesInPlace)
 */
export async function openDataset(request: DatasetRequest): Promise<Dataset> {
  const { engine, filters, showSecrets } = request;
  await checkWhere(engine, filters);
  for (const format of request.userFormats) await checkFormat(engine, format);
  const asked = { ...(await findShape(request)), showSecrets };
  const { loaded, shape } = await loadOnce(request, asked);
  const { inPlace } = loaded;
  return withFilesInPlace(inPlace, async () => {
    await createViews(request, shape, loaded);
    await engine.lock(inPlace.flatMap(({ paths }) => paths));
    const timeSpan = shape.asked.includes('timestamp')
      ? await findTimeSpan(engine, foundIn(loaded.inPlace))
      : undefined;
    const ofLoaded = await filterCalls(engine, shape, filters);
    const ofOthers = inPlace.length > 0 ? await filterInPlace(engine, shape, filters) : [];
    for (const { reason, count } of [...ofLoaded, ...ofOthers]) loaded.tally.filtered(count, reason);
    const unknownKeys = loaded.tally.staged > 0 ? undefined : loaded.unknownKeys;
    return { accounting: await account(engine, loaded), timeSpan, formats: loaded.formats, unknownKeys, inPlace };
  });
}

interface Loaded {
  readonly loaded: LoadedObjects;
  readonly shape: LoadShape;
}

/** Reads what is planned, each record once; more columns of it where records of the same id cannot be told apart otherwise. */
async function loadOnce(request: DatasetRequest, asked: LoadShape): Promise<Loaded> {
  const inPlace = mayStay(request, asked) ? 'where-cheap' : 'never';
  const isDistinct = isKnownDistinct(request.plan);
  if (isDistinct) {
    const shape = { ...asked, columns: asked.columns.filter((column) => asked.asked.includes(column)) };
    const { loaded, isAsPlanned } = await loadPlanned({ ...request, shape, inPlace });
    if (isAsPlanned) {
      await settleDuplicates({ ...request, dedupe: false }, shape, loaded);
      return { loaded, shape };
    }
  }
  const quarantine = isDistinct ? NO_QUARANTINE : request.quarantine;
  const { loaded } = await loadPlanned({ ...request, shape: asked, inPlace, quarantine });
  if (await settleDuplicates(request, asked, loaded)) return { loaded, shape: asked };
  const isKeyed = asked.columns.includes('object_key');
  const shape = { ...asked, columns: ALL_COLUMNS.filter((column) => isKeyed || column !== 'object_key') };
  const { loaded: again } = await loadPlanned({ ...request, shape, inPlace, quarantine: NO_QUARANTINE });
  await settleDuplicates(request, shape, again);
  return { loaded: again, shape };
}

/** Where files change, all is read anew, which standard input cannot be. */
function mayStay({ inPlace = false, filters, plan }: DatasetRequest, { raw }: LoadShape): boolean {
  return inPlace && !raw && filters.where.length === 0 && !plan.objects.some(({ store }) => store.readOnce === true);
}

/** Whether no identity occurs twice: all that is read are merged files that were compared with one another. */
function isKnownDistinct({ objects }: ScanPlan): boolean {
  const known = commonKnowledge(objects.map(({ standsFor }) => standsFor?.repeated));
  return known !== undefined && known.hashes.length === 0;
}

/** Other processes may merge and remove what was listed: then it is listed and read anew. */
async function loadPlanned(
  request: Omit<DatasetRequest, 'inPlace'> & LoadRequest,
): Promise<{ readonly loaded: LoadedObjects; readonly isAsPlanned: boolean }> {
  const { replan, planWithout } = request;
  const first = await loadObjects(request);
  let loaded = first;
  if (loaded.hasStale && planWithout !== undefined)
    loaded = await loadObjects({ ...request, plan: await planWithout(), quarantine: NO_QUARANTINE });
  for (let again = 0; loaded.hasUnread && replan !== undefined && again < MOST_REPLANS; again++)
    loaded = await loadObjects({ ...request, plan: await replan(), quarantine: NO_QUARANTINE });
  return { loaded, isAsPlanned: loaded === first };
}

async function findTimeSpan(engine: Engine, calls: string): Promise<Dataset['timeSpan']> {
  const [row] = await engine.rows(`SELECT min("timestamp"), max("timestamp") FROM ${calls}`);
  const [first = null, last = null] = row ?? [];
  return first === null ? undefined : { first: String(first), last: String(last) };
}

/** A source that can be read only once is loaded whole: there is no second look at what duplicates differ in. */
async function findShape(request: DatasetRequest): Promise<Omit<LoadShape, 'showSecrets'>> {
  const { columns, raw } = await askNeeds(request);
  const once = request.plan.objects.some(({ store }) => store.readOnce === true);
  const asked = once ? ALL_COLUMNS : columns;
  const needed = new Set([...asked, ...(request.dedupe ? IDENTITY_COLUMNS : [])]);
  return { columns: ALL_COLUMNS.filter((column) => needed.has(column)), asked, raw };
}

async function askNeeds(request: DatasetRequest): Promise<Needs> {
  const { engine, openProbe, statements, filters, views } = request;
  const all = [...statements, ...filterStatements(filters), ...request.userFormats.map(formatStatement)];
  if (all.every(({ explain }) => explain === undefined))
    return findNeeds(engine, { statements: all, views, lock: false });
  const probe = await openProbe();
  try {
    return await findNeeds(probe, { statements: all, views, lock: true });
  } finally {
    probe.close();
  }
}

async function createViews({ engine, views }: DatasetRequest, shape: LoadShape, loaded: LoadedObjects): Promise<void> {
  await createCallsView(engine, shape, foundIn(loaded.inPlace));
  for (const view of views) await engine.run(view);
  if (shape.raw)
    await createRawViews(
      engine,
      loaded.formats.map(({ format }) => format),
    );
}

/** @returns false when all columns have to be loaded before duplicates can be told apart */
async function settleDuplicates(
  { engine, dedupe }: DatasetRequest,
  shape: LoadShape,
  { tally, inPlace }: LoadedObjects,
): Promise<boolean> {
  await withFilesInPlace(inPlace, () => createFoundCalls(engine, { shape, inPlace, dedupe }));
  if (!dedupe) return true;
  const result = await dropDuplicates(engine, {
    columns: storedColumns(shape.columns),
    raw: shape.raw,
    keyed: shape.columns.includes('object_key'),
    complete: storedColumns(shape.columns).length === storedColumns(ALL_COLUMNS).length,
  });
  if (result.kind === 'undecided') return false;
  tally.duplicates(result.dropped);
  return true;
}

async function account(engine: Engine, loaded: LoadedObjects): Promise<Accounting> {
  const [row] = await engine.rows(`SELECT count(*) FROM ${foundIn(loaded.inPlace)}`);
  const accounting = loaded.tally.accounting(Number(row?.[0] ?? 0n));
  const trouble = checkConservation(accounting);
  if (trouble !== undefined) throw new Error(`the accounting does not add up: ${trouble}`);
  return accounting;
}
