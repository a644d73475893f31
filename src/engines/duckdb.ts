import type { DuckDBConnection, DuckDBResult } from '@duckdb/node-api';
import { UserError } from '../errors.js';
import { sqlLiteral } from '../formats/sql-literal.js';
import { columnReaders, type ValueReader } from './duckdb-values.js';
import { SqlError, type Engine, type Parameters, type Row, type RowStream } from './engine.js';
import { NeededMacros } from './needed-macros.js';

export interface DuckDBOptions {
  /** Where DuckDB may spill to; inside the run's own temporary folder. */
  readonly spillFolder: string;
  /** Bytes that DuckDB may hold in memory. The process takes up to 350 MB more. */
  readonly memoryLimit: number;
  /** Threads for one statement. */
  readonly threads: number;
}

/** What the driver calls the columns of a statement whose types hang on parameters. */
const UNKNOWN_NAME = 'unknown';

/** Holds the answer that is being streamed. */
const ANSWER_TABLE = 'awsusage_answer';

/** What the engine counts of the memory that it takes; the rest goes to buffers and fragments that its own limit does not see. */
const COUNTED_SHARE = 3 / 4;

/**
 * Opens an in-memory DuckDB that loads no extension, reaches no network, and spills into the run's folder. Its time zone is UTC.
 * The functions of `SHARED_SQL_MACROS` are there for every statement. `lock` it before it sees a user's SQL.
 */
export async function openDuckDB(options: DuckDBOptions): Promise<Engine> {
  const { DuckDBInstance } = await import('./duckdb-driver.js');
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
  return engine;
}

class DuckDBEngine implements Engine {
  readonly #connection: DuckDBConnection;
  readonly #closeInstance: () => void;
  readonly #macros = new NeededMacros();
  #making = Promise.resolve();
  #isClosed = false;
  /** Statements begun. The driver ends an answer that is being read, as if it were complete, when the next one begins. */
  #begun = 0;

  constructor(connection: DuckDBConnection, closeInstance: () => void) {
    this.#connection = connection;
    this.#closeInstance = closeInstance;
  }

  async run(sql: string, parameters?: Parameters): Promise<bigint> {
    const result = await this.#start(sql, parameters);
    return BigInt(result.rowsChanged);
  }

  /**
   * The driver gives an error in the middle of a stream out as the end of the stream, so the answer is completed first, into
   * a table that spills to disk, and that table is streamed.
   */
  async stream(sql: string, parameters?: Parameters): Promise<RowStream> {
    await this.#makeMacros(sql);
    const names = await translated(() => this.#columnNames(sql));
    const completed = this.run(`CREATE OR REPLACE TEMP TABLE ${ANSWER_TABLE} AS ${sql}`, parameters);
    const statement = this.#begun;
    await completed;
    const result = await translated(() => this.#connection.stream(`FROM ${ANSWER_TABLE}`));
    const { columns, readers } = columnReaders(result);
    const named = columns.map((column, i) => ({ ...column, name: names[i] ?? column.name }));
    return { columns: named, chunks: this.#answerOf({ result, readers, statement }) };
  }

  async rows(sql: string, parameters?: Parameters): Promise<readonly Row[]> {
    const result = await this.#start(sql, parameters);
    const { readers } = columnReaders(result);
    const rows: Row[] = [];
    for await (const chunk of chunksOf(result, readers)) rows.push(...chunk);
    return rows;
  }

  async #start(sql: string, parameters: Parameters | undefined): Promise<DuckDBResult> {
    this.#begun += 1;
    await this.#makeMacros(sql);
    return translated(() => this.#connection.run(sql, given(parameters)));
  }

  async #makeMacros(sql: string): Promise<void> {
    const missing = this.#macros.take(sql);
    if (missing.length > 0) this.#making = this.#making.then(() => this.#makeAll(missing));
    // What another statement has begun to make is not there yet.
    await this.#making;
  }

  async #makeAll(macros: readonly string[]): Promise<void> {
    for (const macro of macros) await translated(() => this.#connection.run(macro));
  }

  async *#answerOf({ result, readers, statement }: Answer): AsyncGenerator<readonly Row[], void, void> {
    const check = (): void => {
      if (this.#begun !== statement) throw new Error('Another statement began before this answer was read to its end');
    };
    try {
      for await (const chunk of chunksOf(result, readers)) {
        check();
        yield chunk;
      }
      check();
    } finally {
      if (this.#begun === statement) await this.run(`DROP TABLE IF EXISTS ${ANSWER_TABLE}`);
    }
  }

  /** As the statement says them: a table's columns would be renamed where two are called alike. */
  async #columnNames(sql: string): Promise<readonly string[]> {
    const prepared = await this.#connection.prepare(sql);
    try {
      const names = Array.from({ length: prepared.columnCount }, (_, i) => prepared.columnName(i));
      return names.includes(UNKNOWN_NAME) ? [] : names;
    } finally {
      prepared.destroySync();
    }
  }

  async lock(readable: readonly string[] = []): Promise<void> {
    if (readable.length > 0) await this.run(`SET allowed_paths = [${readable.map(sqlLiteral).join(', ')}]`);
    await this.run('SET enable_external_access = false');
    // Answers are kept in tables until they are printed, and their order is part of them.
    await this.run('SET preserve_insertion_order = true');
    await this.run('SET lock_configuration = true');
  }

  interrupt(): void {
    if (!this.#isClosed) this.#connection.interrupt();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#connection.closeSync();
    this.#closeInstance();
  }
}

/** An answer that is being read, and which statement it is the answer of. */
interface Answer {
  readonly result: DuckDBResult;
  readonly readers: readonly ValueReader[];
  readonly statement: number;
}

function given(
  parameters: Parameters | undefined,
): Record<string, string | bigint | number | boolean | null> | undefined {
  return parameters === undefined || Object.keys(parameters).length === 0 ? undefined : { ...parameters };
}

async function* chunksOf(
  result: DuckDBResult,
  readers: readonly ValueReader[],
): AsyncGenerator<readonly Row[], void, void> {
  for (;;) {
    const chunk = await translated(() => result.fetchChunk());
    if (chunk === null || chunk.rowCount === 0) return;
    const read = readers.map((reader, i) => chunk.getColumnValues(i).map(reader));
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
