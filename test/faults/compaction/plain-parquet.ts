import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';

/** A row of a merged table, as any reader of Parquet sees it. */
export interface PlainRow {
  /** The file that it is in. */
  readonly file: string;
  readonly objectKey: string;
  /** The folders' values, by their names. */
  readonly partition: string;
  readonly timestamp: string;
  readonly operation: string;
  readonly status: number;
  readonly request: string;
  readonly extra: string;
}

let opening: Promise<DuckDBConnection> | undefined;

function open(): Promise<DuckDBConnection> {
  opening ??= DuckDBInstance.create(':memory:', { threads: '1', memory_limit: '300MB' }).then((one) => one.connect());
  return opening;
}

/** Reads a merged table as Athena and DuckDB's users do: all Parquet files below a folder, with the folders as columns. */
export async function readPlainRows(folder: string, partitionKeys: readonly string[]): Promise<readonly PlainRow[]> {
  const connection = await open();
  const partition = partitionKeys.map((key) => `'${key}=' || "${key}"`).join(` || '/' || `);
  const reader = await connection.runAndReadAll(
    `SELECT filename, object_key, ${partition === '' ? "''" : partition}, strftime("timestamp", '%Y-%m-%d %H:%M:%S'), operation,
       CAST(status_code AS INTEGER), request, CAST(extra AS VARCHAR)
     FROM read_parquet('${folder}/**/*.parquet', hive_partitioning = true, hive_types_autocast = false, filename = true)`,
  );
  return reader.getRows().map(([file, objectKey, folders, timestamp, operation, status, request, extra]) => ({
    file: String(file),
    objectKey: String(objectKey),
    partition: String(folders),
    timestamp: String(timestamp),
    operation: String(operation),
    status: Number(status),
    request: String(request),
    extra: String(extra),
  }));
}

/** What a merged file says of itself in its footer. */
export async function readFooterText(file: string): Promise<string | undefined> {
  const connection = await open();
  const reader = await connection.runAndReadAll(
    `SELECT decode(value) FROM parquet_kv_metadata('${file}') WHERE decode(key) = 'awsusage'`,
  );
  const [row] = reader.getRows();
  return row === undefined ? undefined : String(row[0]);
}
