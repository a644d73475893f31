import { open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { findProcessState, ownIdentity, type ProcessIdentity } from './process-identity.js';

/** A process of another container may be at it for so long. */
const LOCK_MS = 3_600_000;
/** And one that has not written its name yet for so long. */
const NAMELESS_MS = 10_000;

/**
 * Makes sure that one process at a time fills a cache: two would do no harm, and the same work twice.
 * @param folder the cache's own
 * @returns what gives the cache free again; undefined where another process is at it
 * @throws an error of the system where nothing can be written there
 */
export async function lockFilling(folder: string): Promise<(() => Promise<void>) | undefined> {
  const file = join(folder, 'filling.json');
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const handle = await open(file, 'wx', 0o600);
      try {
        await handle.writeFile(JSON.stringify(ownIdentity()));
      } finally {
        await handle.close();
      }
      return () => rm(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (await isHeld(file)) return undefined;
      await rm(file, { force: true, recursive: true });
    }
  }
  return undefined;
}

async function isHeld(file: string): Promise<boolean> {
  const ageMs = await stat(file).then(
    ({ mtimeMs }) => Math.abs(Date.now() - mtimeMs),
    () => Infinity,
  );
  try {
    const state = findProcessState(JSON.parse(await readFile(file, 'utf8')) as ProcessIdentity);
    return state === 'running' || (state === 'unknown' && ageMs < LOCK_MS);
  } catch {
    return ageMs < NAMELESS_MS;
  }
}
