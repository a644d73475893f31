import type { Engine } from '../engines/engine.js';
import type { LogFormat } from '../formats/log-format.js';
import type { UnpackLimits } from '../records/decode-body.js';
import type { AccountingReason } from './accounting.js';
import type { ScanProgress } from './load-objects.js';
import type { PlannedObject } from './plan-scan.js';
import type { Quarantine } from './quarantine.js';

export interface StoredRowsRequest {
  /** An object's number is its place here, from 1 on. */
  readonly objects: readonly PlannedObject[];
  readonly engine: Engine;
  /** The run's own folder. */
  readonly folder: string;
  /** The format whose records are taken. */
  readonly format: LogFormat;
  readonly userFormats: readonly LogFormat[];
  /** The names of the destination's partitions. */
  readonly partitionKeys: readonly string[];
  /** Where what is put aside of an object goes. */
  readonly quarantine: (objectNumber: number) => Quarantine;
  readonly limits?: UnpackLimits;
  readonly onProgress: (progress: ScanProgress) => void;
  /** Throws when the temporary folder has not that many bytes left. */
  readonly requireFreeBytes: (bytes: number) => Promise<void>;
}

/** What came of one object. */
export type StoredInput =
  | StoredObjectRead
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string }
  /** It holds records of another format, counted by the formats' names; nothing of it is in the table. */
  | { readonly kind: 'foreign'; readonly formats: Readonly<Record<string, number>> }
  /** It is a Parquet file. */
  | { readonly kind: 'parquet' };

export interface StoredObjectRead {
  readonly kind: 'read';
  /** Its records that are in the table. */
  readonly rows: number;
  readonly quarantined: number;
  /** Records that are no calls. */
  readonly passedOver: number;
  /** Of the bytes as stored, in hexadecimal. */
  readonly sha256: string;
  /** Bytes as stored. */
  readonly bytesRead: number;
  /** Bytes after unpacking. */
  readonly bytesDecompressed: number;
  /** The last thing in it was put aside: it may not be written to its end yet. */
  readonly endsBroken: boolean;
  /** What was put aside, passed over or repaired, and why. */
  readonly reasons: readonly AccountingReason[];
}

/**
 * Reads objects of one format into the engine's table `stored_rows`: `object_number` and the columns of `storedColumns`. The
 * columns give every record back, value for value. What was there of an earlier call is gone.
 * @returns what came of each object, in order
 */
export function loadStoredRows(request: StoredRowsRequest): Promise<readonly StoredInput[]> {
  return Promise.reject(new Error(`not there yet: ${request.format.name}`));
}

/**
 * The fields of which some row of `stored_rows` has a value that only `extra` holds: readers of a merged file have to be
 * told of them in its footer.
 * @param where a condition over `object_number`, for a part of the rows
 */
export function findLookups(engine: Engine, format: LogFormat, where = 'true'): Promise<readonly string[]> {
  return Promise.reject(new Error(`not there yet: ${format.name} ${where} ${typeof engine}`));
}
