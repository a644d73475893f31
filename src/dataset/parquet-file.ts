import type { StoredObject } from '../storage/object-store.js';
import { isAsListed } from './is-as-listed.js';
import type { StandsFor } from './plan-scan.js';

/** A Parquet file and the object that it is, or a copy of. */
export interface ParquetFile {
  readonly object: StoredObject;
  readonly path: Buffer;
  /** False for the object itself, which others may change. */
  readonly isCopy: boolean;
  /** A path to it in the run's folder. */
  readonly link: string;
  /** Its number among the objects. */
  readonly number: number;
  readonly standsFor?: StandsFor | undefined;
}

/** Whether a file was the listed object all the time; to be asked when it was read. */
export function isStillListed({ object, path, isCopy }: ParquetFile): boolean {
  return isCopy || isAsListed(object, path);
}
