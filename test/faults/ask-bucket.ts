import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Accounting } from '../../src/dataset/accounting.js';
import { openDataset } from '../../src/dataset/open-dataset.js';
import { type LeftOut, planScan } from '../../src/dataset/plan-scan.js';
import { openDuckDB } from '../../src/engines/duckdb.js';
import { UserError } from '../../src/errors.js';
import type { TimeWindow } from '../../src/layouts/time-window.js';
import type { ObjectStore } from '../../src/storage/object-store.js';
import { openS3Store, type S3Access } from '../../src/storage/s3-store.js';
import { PLAIN_READING } from '../dataset/open-source.js';

export interface Asked {
  readonly bucket: string;
  readonly prefix: string;
  readonly access: S3Access;
  readonly window: TimeWindow;
  /** How late keys may be; 0 unless given. */
  readonly latenessMs?: number;
}

/** What a question came to. */
export type Outcome =
  | {
      readonly kind: 'answered';
      /** The ids of the records by the keys of their objects, in order. */
      readonly rows: ReadonlyMap<string, readonly string[]>;
      readonly accounting: Accounting;
      /** The folders that could not be listed. */
      readonly unlisted: readonly LeftOut[];
    }
  | { readonly kind: 'refused'; readonly error: UserError };

export interface Asking {
  readonly outcome: Outcome;
  /** Files of the store that are still there when it is closed. */
  readonly files: readonly string[];
}

const SQL = 'SELECT object_key, event_id FROM api_calls ORDER BY object_key, event_id';

/** Asks a bucket for the ids of all records, as a command does, with an engine of its own; all is closed at the end. */
export async function askBucket(asked: Asked): Promise<Asking> {
  const folder = mkdtempSync(join(tmpdir(), 'awsusage-test-run-'));
  let store: ObjectStore | undefined;
  try {
    store = await openS3Store({ ...asked, folder: () => Promise.resolve(folder) });
    const outcome = await answer(store, asked, folder);
    store.close?.();
    return { outcome, files: await filesLeft(folder) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    store?.close?.();
    return { outcome: { kind: 'refused', error }, files: await filesLeft(folder) };
  } finally {
    store?.close?.();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function answer(store: ObjectStore, { window, latenessMs = 0 }: Asked, folder: string): Promise<Outcome> {
  const plan = await planScan({ stores: [store], window, latenessMs });
  const openEngine = () => openDuckDB({ spillFolder: join(folder, 'spill'), memoryLimit: 200_000_000, threads: 1 });
  const engine = await openEngine();
  try {
    const { accounting } = await openDataset({
      plan,
      engine,
      folder,
      filters: { window, values: {}, errorsOnly: false, where: [] },
      statements: [{ sql: SQL, parameters: {} }],
      views: [],
      openProbe: openEngine,
      ...PLAIN_READING,
    });
    const rows = new Map<string, string[]>();
    for (const [key, id] of await engine.rows(SQL)) {
      const name = String(key);
      rows.set(name, [...(rows.get(name) ?? []), String(id)]);
    }
    return { kind: 'answered', rows, accounting, unlisted: plan.failed };
  } finally {
    engine.close();
  }
}

/** Downloads that were under way are given up, and removed, a moment after the store is closed. */
async function filesLeft(folder: string): Promise<string[]> {
  const files = (): string[] => readdirSync(folder).filter((name) => name.startsWith('object-'));
  for (let turns = 0; files().length > 0 && turns < 100; turns++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  return files();
}
