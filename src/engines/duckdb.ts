import type { DuckDBConnection, DuckDBResult } from '@duckdb/node-api';
import { UserError } from '../errors.js';
import { columnReaders } from './duckdb-values.js';
import { SqlError, type Column, type Engine, type Parameters, type Row, type RowStream } from './engine.js';
import { SHARED_SQL_MACROS } from './shared-sql-macros.js';

export interface DuckDBOptions {
  /** Where DuckDB may spill to; inside the run's own temporary folder. */
  readonly spillFolder: string;
  /** Bytes that DuckDB may hold in memory. The process takes up to 350 MB more. */
  readonly memoryLimit: number;
  /** Threads for one statement. */
  readonly threads: number;
}

/** What the engine counts of the memory that it takes; the rest goes to buffers and fragments that its own limit does not see. */
const COUNTED_SHARE = 3 / 4;

/**
 * Opens an in-memory DuckDB that loads no extension, reaches no network, and spills into the run's folder. Its time zone is UTC.
 * `lock` it before it sees a user's SQL.
 */
export async function openDuckDB(options: DuckDBOptions): Promise<Engine> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${Math.floor((options.memoryLimit * COUNTED_SHARE) / 1000)}KB`,
    threads: String(options.threads),
    temp_directory: options.spillFolder,
    preserve_insertion_order: 'false',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    allow_persistent_secrets: 'false',
  });
  const connection = await instance.connect();
  const engine = new DuckDBEngine(connection, () => instance.closeSync());
  await engine.run(`SET TimeZone = 'UTC'`);
  for (const macro of SHARED_SQL_MACROS) await engine.run(macro);
  return engine;
}

class DuckDBEngine implements Engine {
  readonly #connection: DuckDBConnection;
  readonly #closeInstance: () => void;

  constructor(connection: DuckDBConnection, closeInstance: () => void) {
    this.#connection = connection;
    this.#closeInstance = closeInstance;
  }

  async run(sql: string, parameters?: Parameters): Promise<bigint> {
    const result = await translated(() => this.#connection.run(sql, given(parameters)));
    return BigInt(result.rowsChanged);
  }

  async stream(sql: string, parameters?: Parameters): Promise<RowStream> {
    const result = await translated(() => this.#connection.stream(sql, given(parameters)));
    return rowStream(result);
  }

  async rows(sql: string, parameters?: Parameters): Promise<readonly Row[]> {
    const { chunks } = await this.stream(sql, parameters);
    const rows: Row[] = [];
    for await (const chunk of chunks) rows.push(...chunk);
    return rows;
  }

  async lock(): Promise<void> {
    await this.run('SET enable_external_access = false');
    await this.run('SET lock_configuration = true');
  }

  interrupt(): void {
    this.#connection.interrupt();
  }

  close(): void {
    this.#connection.closeSync();
    this.#closeInstance();
  }
}

function given(
  parameters: Parameters | undefined,
): Record<string, string | bigint | number | boolean | null> | undefined {
  return parameters === undefined || Object.keys(parameters).length === 0 ? undefined : { ...parameters };
}

function rowStream(result: DuckDBResult): RowStream {
  const { columns, readers } = columnReaders(result);
  return { columns, chunks: chunksOf(result, columns, readers) };
}

async function* chunksOf(
  result: DuckDBResult,
  columns: readonly Column[],
  readers: ReturnType<typeof columnReaders>['readers'],
): AsyncGenerator<readonly Row[], void, void> {
  for (;;) {
    const chunk = await translated(() => result.fetchChunk());
    if (chunk === null || chunk.rowCount === 0) return;
    const read = columns.map((_, i) => chunk.getColumnValues(i).map(readers[i]!));
    yield Array.from({ length: chunk.rowCount }, (_, row) => read.map((values) => values[row]!));
  }
}

/** DuckDB's classes of error that the SQL or the machine is to blame for, by how their messages begin. */
const USER_ERRORS =
  /^(Parser|Binder|Catalog|Conversion|Invalid|Invalid Input|Out of Range|Permission|Constraint|Not implemented|IO) Error/;

async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translateError(error);
  }
}

/** What does not fit into memory goes to the temporary folder, of whose disk DuckDB takes nine tenths at most. */
const SPILLED_TOO_MUCH = /failed to offload data block|max_temp_directory_size/i;

function translateError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const message = error.message.replace(/^Error: /, '');
  if (/^Out of Memory Error/.test(message) && !SPILLED_TOO_MUCH.test(message)) {
    return new UserError(`The answer needs more memory than it may take: ${firstLine(message)}`, {
      wayOut: 'Give more with --memory (for example --memory 4GB), or ask for a smaller window with --since.',
      cause: error,
    });
  }
  if (
    (SPILLED_TOO_MUCH.test(message) || /No space left on device|temp_directory/i.test(message)) &&
    /IO Error|Out of/.test(message)
  ) {
    return new UserError(`The temporary folder is full: ${firstLine(message)}`, {
      wayOut: 'Free some space, or set AWSUSAGE_TMPDIR to a folder on a larger disk.',
      cause: error,
    });
  }
  return USER_ERRORS.test(message) ? new SqlError(message, { cause: error }) : error;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
