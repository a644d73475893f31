import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A slot that is being made, or what is to become an object of the ledger. What gc has put aside is called otherwise, and stays. */
const LEFT_BEHIND = /^(?:[0-9a-f-]{36}\.parquet|new-.*)$/;
const STALE_MS = 24 * 3_600_000;

/**
 * Removes what runs that were killed have left in a local destination's staging folder, a day after. A run that is stopped for
 * that long and goes on loses its work, and nothing else.
 * @param now epoch milliseconds
 */
export async function sweepStaging(folder: string, now: number): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((each) => LEFT_BEHIND.test(each))) {
    const path = join(folder, name);
    const modified = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => now,
    );
    if (now - modified > STALE_MS) await rm(path, { force: true });
  }
}
