import type { BatchInput } from './batch-plan.js';
import { countOf, expectObject, expectVersion, listOf, parseObject, textOf } from './json-shape.js';

const SCHEMA_VERSION = 1;

/** A file in the trash: called by its number there. */
export interface TrashedFile {
  readonly number: number;
  /** Where it was, below the source, as people read it. */
  readonly key: string;
  /** The bytes of that path, in hexadecimal digits: names need not be text. */
  readonly keyBytes: string;
  readonly size: number;
  readonly sha256: string;
}

/** The key of the list of what the trash has of a batch, below the ledger. */
export function trashIndexKey(batchId: string): string {
  return `trash/${batchId}/index.json`;
}

/** Lists all inputs of a batch, whether they are removed or not: what is there of them is in the folder. */
export function encodeTrashIndex(source: string, inputs: readonly BatchInput[]): Uint8Array {
  const files = inputs.map(({ key, size, sha256 }, index): TrashedFile => {
    const bytes = Buffer.from(key, 'latin1');
    return { number: index + 1, key: bytes.toString('utf8'), keyBytes: bytes.toString('hex'), size, sha256 };
  });
  return Buffer.from(`${JSON.stringify({ schemaVersion: SCHEMA_VERSION, source, files }, undefined, 1)}\n`);
}

/** @throws ShapeError where it is no such list */
export function decodeTrashIndex(bytes: Uint8Array): readonly TrashedFile[] {
  const object = parseObject(Buffer.from(bytes).toString('utf8'));
  expectVersion(object, SCHEMA_VERSION);
  return listOf(object, 'files').map((value) => {
    const file = expectObject(value, 'a file');
    return {
      number: countOf(file, 'number'),
      key: textOf(file, 'key'),
      keyBytes: textOf(file, 'keyBytes'),
      size: countOf(file, 'size'),
      sha256: textOf(file, 'sha256'),
    };
  });
}
