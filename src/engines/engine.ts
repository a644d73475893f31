/** How a column's values are to be written. `json` is JSON text, already valid JSON. */
export type ColumnType = 'text' | 'integer' | 'decimal' | 'double' | 'boolean' | 'timestamp' | 'date' | 'json';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

/**
 * One value of a row, by its column's type: `integer` is a bigint; `decimal` is a string of its digits (`12.50`);
 * `timestamp` is UTC ISO text (`2026-10-01T00:00:00Z`, with a fraction only where there is one: `…:00.25Z`);
 * `date` is `2026-10-01`; `json` is JSON text; a `double` may be NaN or infinite.
 */
export type Value = string | bigint | number | boolean | null;

export type Row = readonly Value[];

/** An answer: its columns at once, its rows in chunks as they come. */
export interface RowStream {
  readonly columns: readonly Column[];
  readonly chunks: AsyncIterable<readonly Row[]>;
}

/** What can be bound to a `$name` in SQL. Text goes in as text, never as SQL. */
export type Parameter = string | bigint | number | boolean | null;

export type Parameters = Readonly<Record<string, Parameter>>;

/** Runs SQL. One engine serves one run. */
export interface Engine {
  /** Runs one statement and waits for its end. Gives the number of rows changed, 0 where there are none. */
  run(sql: string, parameters?: Parameters): Promise<bigint>;
  /** Runs one statement and gives its rows as they come. */
  stream(sql: string, parameters?: Parameters): Promise<RowStream>;
  /** Runs one statement and gives all its rows; for small answers. */
  rows(sql: string, parameters?: Parameters): Promise<readonly Row[]>;
  /** From now on no statement reaches the network, the settings or files other than these. There is no way back. */
  lock(readable?: readonly string[]): Promise<void>;
  /** Stops the statement that is running; its promise rejects. */
  interrupt(): void;
  /** May be called again. */
  close(): void;
}

/**
 * A statement that the engine refused, or data that it could not take. The message is the engine's own. Where the SQL is the
 * user's, it is to be told as a UserError; where it is ours, it is a bug.
 */
export class SqlError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'SqlError';
  }
}
