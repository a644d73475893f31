import type { UnpackLimits } from '../records/decode-body.js';
import { WHOLE_FILE_LIMIT } from '../storage/read-file.js';

/** The objects that a second thread is to read next, in order, whatever it had to do before. Flat, because copying thousands of small values to a thread takes time. */
export interface ReadAheadTask {
  /** Of all tasks of the thread. */
  readonly number: number;
  /** The files' paths, byte for byte (Latin-1), with a NUL between them. */
  readonly paths: string;
  /** As they were listed, with a NUL between them. */
  readonly versions: string;
  /** Bytes of each file. */
  readonly sizes: Float64Array;
  readonly limits: UnpackLimits;
  /** Whether the bytes as stored are to be hashed. */
  readonly hashes: boolean;
}

/** Where the text of one object lies. */
export interface ReadyText {
  /** The object's place in the task. */
  readonly place: number;
  /** Bytes as stored. */
  readonly packedBytes: number;
  /** The bytes that it lies in, where they are not those of the batch. */
  readonly own?: ArrayBuffer;
  readonly start: number;
  readonly length: number;
  /** Of the bytes as stored, in hexadecimal. */
  readonly sha256?: string;
}

/** What the second thread gives: the texts of objects up to a place. An object in between that has none is to be read with care. */
export interface ReadAheadBatch {
  /** Of the task. */
  readonly number: number;
  readonly bytes: ArrayBuffer;
  readonly texts: readonly ReadyText[];
  /** The place behind the last object that was looked at. */
  readonly upTo: number;
}

/** The first thread gives as many of these as may be filled at once, and each back when it is through with it. */
export interface EmptyBatch {
  /** Of the task that it is for. */
  readonly number: number;
  readonly bytes: ArrayBuffer;
}

/** Each batch has room for the largest file that is read in one call: larger ones are not read ahead. */
export const BATCH_BYTES = WHOLE_FILE_LIMIT;
