import type { PlannedObject, ScanPlan } from '../dataset/plan-scan.js';
import type { ObjectStore } from '../storage/object-store.js';
import { DESCRIPTION_KEY } from './destination-description.js';
import { findTables } from './find-tables.js';
import type { Neighbourhood } from './open-table.js';

/**
 * Lists a source for merging, without the merged tables that lie in it.
 * @param scan lists the store as far as the window reaches
 */
export async function scanSource(
  store: ObjectStore,
  scan: (stores: readonly ObjectStore[]) => Promise<ScanPlan>,
  neighbourhood: Neighbourhood,
): Promise<ScanPlan> {
  const plan = await scan([store]);
  if (plan.objects.length === 0) return plan;
  const { context = '' } = store;
  const tables: string[] = [];
  for (const { path } of findTables([store], plan.objects)) {
    const ledger = await neighbourhood.openKeys(store, `${path.slice(0, -1)}.ledger/`);
    if ((await ledger.get(DESCRIPTION_KEY)) !== undefined) tables.push(path.slice(context.length));
  }
  if (tables.length === 0) return plan;
  const isTable = ({ object }: PlannedObject): boolean => tables.some((table) => object.key.startsWith(table));
  const inTables = plan.objects
    .filter(isTable)
    .map(({ object }) => ({ key: object.key, reason: 'part of a merged table' }));
  const objects = plan.objects.filter((planned) => !isTable(planned));
  return { ...plan, objects, skipped: [...plan.skipped, ...inTables] };
}
