import { gunzipSync, gzipSync } from 'node:zlib';
import { type BatchInput, readInputs } from './batch-plan.js';
import { countOf, expectVersion, parseObject, textOf } from './json-shape.js';

const SCHEMA_VERSION = 1;

/**
 * The facts of a slot with its inputs: a copy that saves a look at the slot and its plan. It can be made again from them at
 * any time, by anyone, and is always the same.
 */
export interface CommitRecord {
  readonly batchId: string;
  readonly planSha256: string;
  readonly rows: number;
  readonly fingerprint: string;
  /** Of the engine that took the fingerprint: another one may count another. */
  readonly engine: string;
  /** The slot's bytes. */
  readonly size: number;
  /** Of the slot's bytes, in hexadecimal digits; empty where the copy was made again without reading them. */
  readonly sha256: string;
  /** What the store keeps as the checksum of the whole slot, base64; absent where it keeps none. */
  readonly crc64nvme?: string;
  readonly inputs: readonly BatchInput[];
}

export function encodeCommit(record: CommitRecord): Uint8Array {
  return gzipSync(JSON.stringify({ schemaVersion: SCHEMA_VERSION, ...record }), { level: 6 });
}

/** @throws ShapeError where it is no such copy, Error where it cannot be unpacked */
export function decodeCommit(bytes: Uint8Array): CommitRecord {
  const object = parseObject(gunzipSync(bytes).toString('utf8'));
  expectVersion(object, SCHEMA_VERSION);
  return {
    batchId: textOf(object, 'batchId'),
    planSha256: textOf(object, 'planSha256'),
    rows: countOf(object, 'rows'),
    fingerprint: textOf(object, 'fingerprint'),
    engine: textOf(object, 'engine'),
    size: countOf(object, 'size'),
    sha256: textOf(object, 'sha256'),
    inputs: readInputs(object),
    ...('crc64nvme' in object ? { crc64nvme: textOf(object, 'crc64nvme') } : {}),
  };
}
