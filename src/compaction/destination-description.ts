import { PARTITION_MODES, type PartitionMode } from '../layouts/output-partition.js';
import { expectVersion, parseObject, ShapeError, textOf, textsOf } from './json-shape.js';

const SCHEMA_VERSION = 1;

/** The key of a destination's description, below its ledger. */
export const DESCRIPTION_KEY = 'source.json';

/** What a destination is made from, and how: fixed when it is made. */
export interface DestinationDescription {
  /** `s3://bucket/prefix/`, or a path relative to the folder that the destination lies in. */
  readonly source: string;
  readonly format: string;
  readonly partitionBy: PartitionMode;
  /** The partitions' names, in their order. */
  readonly partitionKeys: readonly string[];
}

export function encodeDescription(description: DestinationDescription): Uint8Array {
  return Buffer.from(`${JSON.stringify({ schemaVersion: SCHEMA_VERSION, ...description }, undefined, 2)}\n`);
}

/** @throws ShapeError where the bytes are no description */
export function decodeDescription(bytes: Uint8Array): DestinationDescription {
  const object = parseObject(Buffer.from(bytes).toString('utf8'));
  expectVersion(object, SCHEMA_VERSION);
  const text = textOf(object, 'partitionBy');
  const partitionBy = PARTITION_MODES.find((mode) => mode === text);
  if (partitionBy === undefined) throw new ShapeError(`"partitionBy" is ${JSON.stringify(text)}`);
  return {
    source: textOf(object, 'source'),
    format: textOf(object, 'format'),
    partitionBy,
    partitionKeys: textsOf(object, 'partitionKeys'),
  };
}
