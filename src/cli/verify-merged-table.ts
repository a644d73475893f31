import { verifyTable } from '../compaction/verify-table.js';
import { UserError } from '../errors.js';
import type { CompactFlags } from './compact-flags.js';
import { countRequests } from './count-requests.js';
import { engineSource } from './engine-source.js';
import { readMemoryLimit } from './memory-limit.js';
import { openIfThere } from './open-beside.js';
import { openMergedTable, type OpenedTable } from './open-merged-table.js';
import { refuseFormats, ROW_FORMATS } from './print-sections.js';
import { printVerification } from './print-verification.js';
import { withRunResources } from './run-resources.js';

/**
 * Checks again what earlier runs have written into a table, and prints what was found. With `--dry-run` nothing is written, a
 * missing copy of a slot's facts neither.
 * @throws UserError where there is no table, or it cannot be looked at
 */
export async function verifyMergedTable(sources: readonly string[], flags: CompactFlags): Promise<void> {
  refuseFormats('what was found', ROW_FORMATS, flags);
  const memoryLimit = readMemoryLimit(flags.memory);
  await withRunResources(flags, async (resources) => {
    resources.progress.begin('listing');
    const table = await openMergedTable(sources, flags, resources);
    const { destination, stores, userFormats } = table;
    const description = descriptionOf(table);
    const data = await openIfThere(destination.data, resources);
    const ledger = await openIfThere(destination.ledger, resources);
    const get = (key: string): Promise<Uint8Array | undefined> => stores.ledger.get(key);
    const verified = await verifyTable({
      stores: { data, ledger, get, slots: stores.slots, commits: stores.ledger },
      destination: destination.name,
      description,
      userFormats,
      openEngine: engineSource(memoryLimit, resources),
      folder: (await resources.folder()).path,
      mayRecord: !flags['dry-run'],
      onProgress: (objectsDone, objectsTotal) => {
        if (objectsDone === 0) resources.progress.begin('verifying');
        resources.progress.update({ objectsDone, objectsTotal, bytesDone: 0 });
      },
    });
    resources.progress.stop();
    const counted = [...table.counted, ...[data, ledger].flatMap((store) => store ?? [])];
    const seconds = (performance.now() - resources.started) / 1000;
    await printVerification({ table: destination.name, verified, seconds, requests: countRequests(counted) }, flags);
  });
}

/** @throws UserError where the table is not made yet */
export function descriptionOf({ description, destination }: OpenedTable): NonNullable<OpenedTable['description']> {
  if (description !== undefined) return description;
  throw new UserError(`There is no merged table in ${destination.name}`, {
    wayOut: 'Give the table itself, or its source with --to; awsusage compact makes one.',
  });
}
