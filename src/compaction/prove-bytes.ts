import { ObjectReadError, type ObjectStore, type StoredObject } from '../storage/object-store.js';
import { hashObject } from './hash-object.js';
import type { SlotLook } from './look-at-slot.js';
import type { SlotProblem } from './slot-problem.js';

/**
 * Proves that a slot's bytes are those that were written: by the checksum that its store keeps, where the copy of its facts
 * has one to compare with, else by reading them. Undefined where they are.
 */
export async function proveBytes(look: SlotLook, data: ObjectStore | undefined): Promise<SlotProblem | undefined> {
  const kept = compareChecksums(look);
  if (kept === 'same') return undefined;
  if (kept === 'different') return damaged(look, 'its checksum is another one than when it was written');
  const { object } = look.found;
  if (object === undefined || data === undefined) return damaged(look, 'a listing does not show it');
  return proveByReading(look, data, object);
}

/** By what the store keeps, without the bytes. */
export function compareChecksums({ stored, copy }: SlotLook): 'same' | 'different' | 'unknown' {
  if (stored?.crc64nvme === undefined || copy?.crc64nvme === undefined) return 'unknown';
  return stored.crc64nvme === copy.crc64nvme ? 'same' : 'different';
}

async function proveByReading(
  look: SlotLook,
  data: ObjectStore,
  object: StoredObject,
): Promise<SlotProblem | undefined> {
  const expected = look.copy?.sha256 ?? '';
  if (expected === '') return damaged(look, 'nobody knows the hash of its bytes');
  try {
    if ((await hashObject(data, object)) === expected) return undefined;
    return damaged(look, 'its bytes are not those that were written');
  } catch (error) {
    if (!(error instanceof ObjectReadError)) throw error;
    return damaged(look, error.message);
  }
}

function damaged({ key }: SlotLook, reason: string): SlotProblem {
  return { slot: key, kind: 'damaged', reason };
}
