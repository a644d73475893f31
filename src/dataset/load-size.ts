import type { StagedRows } from './staged-rows.js';

/** DuckDB's row groups have so many rows. */
const ROW_GROUP_ROWS = 122_880;
const MOST_ROWS = 4 * ROW_GROUP_ROWS;
/** Staged rows lie on the disk until they are loaded. */
const MOST_BYTES = 128 * 1024 * 1024;

/**
 * Tells when there are enough staged rows for a load. The engine keeps whole row groups as they come and copies what is left
 * over, so that many small loads take twice the time of a few; the first ones are small nevertheless, so that it has work soon.
 */
export class LoadSize {
  #rows = ROW_GROUP_ROWS;

  /** Whether rows are to be loaded now. */
  isReached({ rows, bytes }: Pick<StagedRows, 'rows' | 'bytes'>): boolean {
    if (rows < this.#rows && bytes < MOST_BYTES) return false;
    this.#rows = Math.min(MOST_ROWS, 2 * this.#rows);
    return true;
  }
}
