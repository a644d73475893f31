import { STORED_SCHEMA_VERSION } from './stored-columns.js';

/** The key of a merged file's own text among the metadata in a Parquet footer. */
export const STORED_FOOTER_KEY = 'awsusage';

/** What the footer of a merged file has to tell its readers; it may tell more. */
export interface StoredFooter {
  readonly schemaVersion: number;
  /** The name of the records' format. */
  readonly format: string;
  /** The names of the partitions that fields have no columns for. */
  readonly partitionKeys: readonly string[];
  /** The fields of which some row has a value that only `extra` holds. */
  readonly lookups: readonly string[];
}

/** What a footer's text tells; undefined where it is no text of ours. The text may be anyone's. */
export function parseStoredFooter(text: string): StoredFooter | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const { schemaVersion, format, partitionKeys, lookups } = parsed as Readonly<Record<string, unknown>>;
  if (!Number.isSafeInteger(schemaVersion) || typeof format !== 'string') return undefined;
  if (!isNames(partitionKeys) || !isNames(lookups)) return undefined;
  return { schemaVersion: Number(schemaVersion), format, partitionKeys, lookups };
}

/** Whether a file of this footer can be read by this version. */
export function isReadable({ schemaVersion }: StoredFooter): boolean {
  return schemaVersion >= 1 && schemaVersion <= STORED_SCHEMA_VERSION;
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}
