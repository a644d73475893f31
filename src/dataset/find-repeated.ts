import type { Engine } from '../engines/engine.js';
import { ChangedInPlace, createFoundCalls, foundIn, withFilesInPlace } from './calls-in-place.js';
import { IDENTITY_COLUMNS, IDENTITY_HASH } from './drop-duplicates.js';
import { loadObjects } from './load-objects.js';
import type { LoadShape } from './load-sql.js';
import type { PlannedObject, RepeatedIdentities, ScanPlan } from './plan-scan.js';
import { NO_QUARANTINE } from './quarantine.js';

export interface FindRepeatedRequest {
  readonly engine: Engine;
  /** The run's own folder. */
  readonly folder: string;
  /** Merged files that nothing is known of. */
  readonly fresh: readonly PlannedObject[];
  /** Merged files that all is known of, and what. */
  readonly known: readonly PlannedObject[];
  readonly repeated: RepeatedIdentities;
  readonly requireFreeBytes: (bytes: number) => Promise<void>;
}

const FRESH = 'fresh_identities';
/** The hash is of these. */
const COLUMNS = IDENTITY_COLUMNS.filter((column) => column !== 'timestamp');
/** Where more are repeated, each question does as well without the list. */
const MOST_REPEATED = 100_000;

/**
 * Finds out which identities more than one row of merged files has; nothing where they are very many.
 * @throws ChangedInPlace when a file is not what it was
 */
export async function findRepeated(request: FindRepeatedRequest): Promise<RepeatedIdentities | undefined> {
  const { engine, fresh, known, repeated } = request;
  const shape: LoadShape = { columns: COLUMNS, asked: COLUMNS, raw: false, showSecrets: true };
  const loaded = await loadObjects({
    ...request,
    plan: planOf([...fresh, ...known]),
    shape,
    inPlace: 'where-possible',
    userFormats: [],
    quarantine: NO_QUARANTINE,
    onProgress: () => undefined,
  });
  const { inPlace, hasStale, hasUnread } = loaded;
  if (hasStale || hasUnread) throw new ChangedInPlace('files changed before they were read');
  return withFilesInPlace(inPlace, async () => {
    await createFoundCalls(engine, { shape, inPlace, dedupe: false });
    const calls = foundIn(inPlace);
    // Objects are numbered in the plan's order.
    const identities = `SELECT ${IDENTITY_HASH} AS id_hash FROM ${calls} WHERE event_id IS NOT NULL AND object_number`;
    await engine.run(`CREATE OR REPLACE TEMP TABLE ${FRESH} AS ${identities} <= ${fresh.length}`);
    const among = `SELECT id_hash FROM ${FRESH} GROUP BY id_hash HAVING count(*) > 1`;
    const before = `${identities} > ${fresh.length} AND id_hash IN (SELECT id_hash FROM ${FRESH})`;
    const all = known.length === 0 ? among : `${among} UNION ${before}`;
    const rows = await engine.rows(`SELECT CAST(id_hash AS VARCHAR) FROM (${all}) LIMIT ${MOST_REPEATED + 1}`);
    const hashes = [...new Set([...repeated.hashes, ...rows.map(([hash]) => BigInt(String(hash)))])];
    return hashes.length > MOST_REPEATED ? undefined : { hashes };
  });
}

function planOf(objects: readonly PlannedObject[]): ScanPlan {
  const bytes = objects.reduce((sum, { object }) => sum + object.size, 0);
  return { objects, skipped: [], failed: [], bytes, layouts: new Map(), keyTime: undefined, outside: 0 };
}
