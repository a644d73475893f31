import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { countOf, expectObject, expectVersion, listOf, parseObject, textOf, type JsonObject } from './json-shape.js';

const SCHEMA_VERSION = 1;
/** More is no plan, whoever wrote it. */
export const MAX_UNPACKED_BYTES = 256 * 1024 * 1024;

/** One source object that went into a batch, as it was when it was read. */
export interface BatchInput {
  /** The key below the source, exactly: Latin-1 for the bytes of a file's path. */
  readonly key: string;
  /** As the listing told it: an ETag, or a file's device, inode, size and times. */
  readonly version: string;
  /** Bytes as stored. */
  readonly size: number;
  /** Of the bytes as stored, in hexadecimal digits. */
  readonly sha256: string;
  readonly rows: number;
  /** Records that were put aside, into the ledger's quarantine. */
  readonly quarantined: number;
  /** Records that are no calls: control messages, notifications. */
  readonly passedOver: number;
}

/** What one slot is made of. Never changed once it is written. */
export interface BatchPlan {
  readonly batchId: string;
  readonly partition: string;
  readonly format: string;
  readonly rows: number;
  /** Order-free, over all stored columns. */
  readonly fingerprint: string;
  readonly inputs: readonly BatchInput[];
}

/** A plan as it is stored, with the hash that its slot names it by. */
export interface EncodedPlan {
  readonly bytes: Uint8Array;
  /** Of `bytes`, in hexadecimal digits. */
  readonly sha256: string;
}

export function encodePlan(plan: BatchPlan): EncodedPlan {
  const bytes = gzipSync(JSON.stringify({ schemaVersion: SCHEMA_VERSION, ...plan }), { level: 6 });
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/**
 * Reads a stored plan.
 * @param sha256 the hash that its slot names
 * @throws ShapeError where it is no plan, Error where it is not the one that was named
 */
export function decodePlan(bytes: Uint8Array, sha256: string): BatchPlan {
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== sha256) throw new Error('it is not the plan that its slot was written with');
  const object = parseObject(gunzipSync(bytes, { maxOutputLength: MAX_UNPACKED_BYTES }).toString('utf8'));
  expectVersion(object, SCHEMA_VERSION);
  return {
    batchId: textOf(object, 'batchId'),
    partition: textOf(object, 'partition'),
    format: textOf(object, 'format'),
    rows: countOf(object, 'rows'),
    fingerprint: textOf(object, 'fingerprint'),
    inputs: readInputs(object),
  };
}

/** @throws ShapeError where `inputs` is no list of inputs */
export function readInputs(object: JsonObject): readonly BatchInput[] {
  return listOf(object, 'inputs').map((value) => {
    const input = expectObject(value, 'an input');
    return {
      key: textOf(input, 'key'),
      version: textOf(input, 'version'),
      size: countOf(input, 'size'),
      sha256: textOf(input, 'sha256'),
      rows: countOf(input, 'rows'),
      quarantined: countOf(input, 'quarantined'),
      passedOver: countOf(input, 'passedOver'),
    };
  });
}
