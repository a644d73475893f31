import type { Engine } from '../engines/engine.js';
import type { ApiCallColumn } from '../formats/api-call-columns.js';
import { OBJECT_KEYS_TABLE } from './calls-view.js';
import { LOADED_TABLE } from './load-sql.js';

export interface DropDuplicatesOptions {
  /** The columns of the loaded table, in the order in which they decide. */
  readonly columns: readonly ApiCallColumn[];
  /** The rows have the numbers of their records. */
  readonly raw: boolean;
  /** Questions read the object that a row came from, so that rows which are the same in all loaded columns are not one as good as another. */
  readonly keyed: boolean;
  /** All columns of the view are loaded, so that the decision cannot hang on one that is not. */
  readonly complete: boolean;
}

export type DuplicatesDropped =
  | { readonly kind: 'done'; readonly dropped: number }
  /** Records of the same id and time differ, and columns that may decide between them are not loaded. */
  | { readonly kind: 'undecided' };

/** What makes two records the same one: their id, within a format and an account. */
export const IDENTITY_COLUMNS: readonly ApiCallColumn[] = ['timestamp', 'event_id', 'account_id', 'log_format'];

const IDENTITY = 'event_id, log_format, account_id';

/** SQL for a hash of what makes a record the same one as another, of a row that has an id. */
export const IDENTITY_HASH = `hash(${IDENTITY})`;

/** A SELECT of the hashes of identities that more than one row of a table or subquery has. */
export function repeatedSql(from: string): string {
  return `SELECT ${IDENTITY_HASH} AS id_hash FROM ${from} WHERE event_id IS NOT NULL GROUP BY 1 HAVING count(*) > 1`;
}

/**
 * Leaves of the records with the same id the one with the earliest time, then the one whose columns sort first, so that the
 * order of files does not matter; of those that are the same in every column the one whose object's key sorts first, which only
 * its key (or its raw record) can tell from the others. Only the rows whose hash of the id occurs twice are compared: that keeps within bounded memory.
 */
export async function dropDuplicates(
  engine: Engine,
  { columns, raw, keyed, complete }: DropDuplicatesOptions,
): Promise<DuplicatesDropped> {
  const [first] = await engine.rows(`SELECT count(*) FROM ${LOADED_TABLE} WHERE event_id IS NOT NULL`);
  if (first?.[0] === 0n) return { kind: 'done', dropped: 0 };
  await engine.run(`CREATE TEMP TABLE repeated AS ${repeatedSql(LOADED_TABLE)}`);
  const order = columns.map((column) => `"${column}"`).join(', ');
  // By the key, not by the listing: the same record may be listed in another order, or come from a merged file.
  const key = keyed ? `(SELECT any_value(key) FROM ${OBJECT_KEYS_TABLE} WHERE number = object_number), ` : '';
  const origin = `${key}object_number${raw ? ', record_number' : ''}`;
  await engine.run(
    `CREATE TEMP TABLE ranked AS SELECT row_id, row_number() OVER (PARTITION BY ${IDENTITY} ORDER BY "timestamp", ${order}, ${origin}) AS place, rank() OVER (PARTITION BY ${IDENTITY} ORDER BY "timestamp") AS time_rank, rank() OVER (PARTITION BY ${IDENTITY} ORDER BY "timestamp", ${order}) AS full_rank FROM (SELECT rowid AS row_id, * FROM ${LOADED_TABLE} WHERE event_id IS NOT NULL AND ${IDENTITY_HASH} IN (SELECT id_hash FROM repeated)) AS candidates`,
  );
  const undecided = complete
    ? []
    : await engine.rows(`SELECT 1 FROM ranked WHERE time_rank = 1 AND ${keyed ? 'place' : 'full_rank'} > 1 LIMIT 1`);
  const dropped =
    undecided.length > 0
      ? 0n
      : await engine.run(`DELETE FROM ${LOADED_TABLE} WHERE rowid IN (SELECT row_id FROM ranked WHERE place > 1)`);
  await engine.run('DROP TABLE repeated');
  await engine.run('DROP TABLE ranked');
  return undecided.length > 0 ? { kind: 'undecided' } : { kind: 'done', dropped: Number(dropped) };
}
