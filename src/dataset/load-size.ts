import type { StagedRows } from './staged-rows.js';

/** DuckDB's row groups have so many rows. */
const ROW_GROUP_ROWS = 122_880;
const MOST_ROWS = 4 * ROW_GROUP_ROWS;
const FIRST_BYTES = 12 * 1024 * 1024;
/** Staged rows lie on the disk until they are loaded, and the engine takes more memory for larger loads. */
const MOST_BYTES = 48 * 1024 * 1024;

/**
 * Tells when there are enough staged rows for a load. The engine keeps whole row groups as they come and copies what is left
 * over, so that many small loads take twice the time of a few; the first ones are small nevertheless, so that it has work soon.
 */
export class LoadSize {
  #rows = ROW_GROUP_ROWS;
  #bytes = FIRST_BYTES;

  /** Whether rows are to be loaded now; the next load is to be twice as large, up to a limit. */
  isReached({ rows, bytes }: Pick<StagedRows, 'rows' | 'bytes'>): boolean {
    if (rows < this.#rows && bytes < this.#bytes) return false;
    this.#rows = Math.min(MOST_ROWS, 2 * this.#rows);
    this.#bytes = Math.min(MOST_BYTES, 2 * this.#bytes);
    return true;
  }
}
