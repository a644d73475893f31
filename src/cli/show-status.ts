import { prepareCompaction } from '../compaction/prepare-compaction.js';
import { tableStatus } from '../compaction/table-status.js';
import { parseDuration } from '../layouts/time-window.js';
import { countRequests } from './count-requests.js';
import { openCompaction } from './open-compaction.js';
import { refuseFormats, ROW_FORMATS } from './print-sections.js';
import { printStatus } from './print-status.js';
import { withRunResources } from './run-resources.js';
import { WHOLE_SOURCE, type StatusFlags } from './status-flags.js';

/**
 * Says how far the merging of a source is.
 * @throws UserError where the source or the table cannot be listed, or a run could not merge the source
 */
export async function showStatus(sources: readonly string[], flags: StatusFlags): Promise<void> {
  refuseFormats('a status', ROW_FORMATS, flags);
  const minAgeMs = parseDuration(flags['min-age']);
  await withRunResources(flags, async (resources) => {
    resources.progress.begin('listing');
    const opened = await openCompaction(sources, { ...flags, ...WHOLE_SOURCE }, resources);
    const limits = { minAgeMs, minFiles: 1, maxWaitMs: Infinity, targetBytes: Infinity, now: Date.now() };
    const status = tableStatus(await prepareCompaction({ ...opened.prepare, limits }));
    resources.progress.stop();
    const { destination, own, counted } = opened;
    const requests = countRequests(counted);
    await printStatus({ table: destination.name, source: own.store.name, status, requests }, flags);
  });
}
