import { UserError } from '../errors.js';
import type { WritableStore } from '../storage/writable-store.js';
import { DESCRIPTION_KEY, encodeDescription, type DestinationDescription } from './destination-description.js';
import { readDescription } from './prepare-compaction.js';

/**
 * Writes down what a destination is made from. Where another run was faster, it has to have written the same.
 * @throws UserError where it has not
 */
export async function commitDescription(description: DestinationDescription, ledger: WritableStore): Promise<void> {
  const created = await ledger.create(DESCRIPTION_KEY, { bytes: encodeDescription(description) });
  if (created === 'created') return;
  const known = await readDescription(ledger);
  if (JSON.stringify(known) === JSON.stringify(description)) return;
  throw new UserError(`Another run has made ${ledger.name} for something else in the meantime`, {
    wayOut: 'Look at its source.json, and give another destination with --to.',
    exitCode: 'conflict',
  });
}
