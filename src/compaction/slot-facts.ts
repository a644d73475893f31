import { open } from 'node:fs/promises';
import { STORED_SCHEMA_VERSION } from '../formats/stored-columns.js';
import { STORED_FOOTER_KEY, type StoredFooter } from '../formats/stored-footer.js';
import type { ObjectStore, StoredObject } from '../storage/object-store.js';
import { countOf, expectVersion, parseObject, ShapeError, textOf } from './json-shape.js';

const METADATA_PREFIX = 'awsusage-';
const BATCH_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What a slot says of itself: in its footer, and in the user metadata of an object. */
export interface SlotFacts {
  readonly batchId: string;
  readonly planSha256: string;
  readonly rows: number;
  readonly fingerprint: string;
  /** The version of the engine that took the fingerprint. */
  readonly engine: string;
}

/** What the footer says beyond the facts: how the rows are to be read. */
export interface SlotFooter extends SlotFacts, Omit<StoredFooter, 'schemaVersion'> {
  readonly toolVersion: string;
}

/** The text of the footer's entry. */
export function encodeFooter(footer: SlotFooter): string {
  return JSON.stringify({ schemaVersion: STORED_SCHEMA_VERSION, ...footer });
}

/** The facts as the user metadata of an object. */
export function factsToMetadata({ batchId, planSha256, rows, fingerprint, engine }: SlotFacts): Record<string, string> {
  const facts = { schemaVersion: STORED_SCHEMA_VERSION, batchId, planSha256, rows, fingerprint, engine };
  return { [`${METADATA_PREFIX}slot`]: JSON.stringify(facts) };
}

/** The facts in the user metadata of an object; undefined where it has none. */
export function factsFromMetadata(metadata: Readonly<Record<string, string>>): SlotFacts | undefined {
  const text = metadata[`${METADATA_PREFIX}slot`];
  return text === undefined ? undefined : decodeFacts(text);
}

/**
 * Reads the facts of a slot: from its metadata where its store keeps such, else from the footer of the file.
 * @throws ShapeError where it has none: it is no slot, or damaged
 */
export async function readSlotFacts(store: ObjectStore, object: StoredObject): Promise<SlotFacts> {
  const metadata = await store.metadata?.(object);
  const facts = metadata === undefined ? undefined : factsFromMetadata(metadata);
  if (facts !== undefined) return facts;
  const path = store.localPath?.(object) ?? (await store.download?.(object));
  if (path === undefined) throw new ShapeError('it has no facts of a slot');
  return readFooter(path);
}

/** @throws ShapeError where the file is no Parquet or has no facts */
export async function readFooter(path: Buffer): Promise<SlotFacts> {
  const { parquetMetadataAsync } = await import('hyparquet');
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const slice = async (start: number, end = size): Promise<ArrayBuffer> => {
      const bytes = new Uint8Array(end - start);
      await file.read(bytes, 0, bytes.length, start);
      return bytes.buffer;
    };
    const { key_value_metadata: entries = [] } = await parquetMetadataAsync({ byteLength: size, slice });
    const text = entries.find(({ key }) => key === STORED_FOOTER_KEY)?.value;
    if (text === undefined) throw new ShapeError('its footer has no facts of a slot');
    return decodeFacts(text);
  } catch (error) {
    if (error instanceof ShapeError || !(error instanceof Error)) throw error;
    throw new ShapeError(`it is no Parquet file that can be read: ${error.message}`);
  } finally {
    await file.close();
  }
}

function decodeFacts(text: string): SlotFacts {
  const object = parseObject(text);
  expectVersion(object, STORED_SCHEMA_VERSION);
  const batchId = textOf(object, 'batchId');
  if (!BATCH_ID.test(batchId)) throw new ShapeError('"batchId" is no id of a batch');
  return {
    batchId,
    planSha256: textOf(object, 'planSha256'),
    rows: countOf(object, 'rows'),
    fingerprint: textOf(object, 'fingerprint'),
    engine: textOf(object, 'engine'),
  };
}
