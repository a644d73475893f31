import type { Engine } from '../engines/engine.js';
import { createFoundCalls, FOUND_CALLS } from './calls-in-place.js';
import { IDENTITY_COLUMNS, IDENTITY_HASH } from './drop-duplicates.js';
import { loadObjects } from './load-objects.js';
import { LOADED_TABLE, type LoadShape } from './load-sql.js';
import type { PlannedObject, RepeatedIdentities } from './plan-scan.js';
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
/** Where more are repeated, each question does as well without the list. */
const MOST_REPEATED = 100_000;

/**
 * Finds out which identities more than one row of merged files has. Undefined where a file is not what it was, or the list would
 * be long.
 */
export async function findRepeated(request: FindRepeatedRequest): Promise<RepeatedIdentities | undefined> {
  const { engine, fresh, known, repeated } = request;
  const shape: LoadShape = { columns: IDENTITY_COLUMNS, asked: IDENTITY_COLUMNS, raw: false, showSecrets: true };
  const loaded = await loadObjects({
    ...request,
    plan: planOf([...fresh, ...known]),
    shape,
    inPlace: true,
    userFormats: [],
    quarantine: NO_QUARANTINE,
    onProgress: () => undefined,
  });
  if (loaded.hasStale || loaded.hasUnread) return undefined;
  const { inPlace } = loaded;
  if (inPlace.length > 0) await createFoundCalls(engine, { shape, inPlace, dedupe: false });
  const calls = inPlace.length > 0 ? FOUND_CALLS : LOADED_TABLE;
  const identities = `SELECT ${IDENTITY_HASH} AS id_hash FROM ${calls} WHERE event_id IS NOT NULL AND object_number`;
  // Objects are numbered in the plan's order.
  await engine.run(`CREATE OR REPLACE TEMP TABLE ${FRESH} AS ${identities} <= ${fresh.length}`);
  const among = `SELECT id_hash FROM ${FRESH} GROUP BY id_hash HAVING count(*) > 1`;
  const before = `${identities} > ${fresh.length} AND id_hash IN (SELECT id_hash FROM ${FRESH})`;
  const rows = await engine.rows(
    `SELECT CAST(id_hash AS VARCHAR) FROM (${among}${known.length === 0 ? '' : ` UNION ${before}`}) LIMIT ${MOST_REPEATED + 1}`,
  );
  const hashes = [...new Set([...repeated.hashes, ...rows.map(([hash]) => BigInt(String(hash)))])];
  return hashes.length > MOST_REPEATED ? undefined : { hashes };
}

function planOf(objects: readonly PlannedObject[]): Parameters<typeof loadObjects>[0]['plan'] {
  const bytes = objects.reduce((sum, { object }) => sum + object.size, 0);
  return { objects, skipped: [], failed: [], bytes, layouts: new Map(), keyTime: undefined, outside: 0 };
}
