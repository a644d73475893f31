import { detectFormat } from '../formats/format-catalog.js';
import type { LogFormat } from '../formats/log-format.js';
import { parseS3AccessLine, S3_ACCESS } from '../formats/s3-access.js';
import { BrokenContainer } from '../records/broken-container.js';
import { decodeBody, ParquetBody } from '../records/decode-body.js';
import { readRecords, type BodyListener } from '../records/read-records.js';
import { ShapeTree } from '../records/record-shapes.js';
import { ObjectReadError } from '../storage/object-store.js';
import { announceObjects } from './announce-objects.js';
import type { PlannedObject } from './plan-scan.js';

/** So many objects are looked into, evenly over all. */
const SAMPLED_OBJECTS = 32;
/** So many records of each. */
const SAMPLED_RECORDS = 200;

/** How many of the objects that were looked into hold records of each format, by the formats' names. */
export type SampledFormats = ReadonlyMap<LogFormat, number>;

/** Looks into some of the objects to tell of which formats their records are. What cannot be read tells nothing. */
export async function sampleFormats(
  objects: readonly PlannedObject[],
  userFormats: readonly LogFormat[],
): Promise<SampledFormats> {
  const step = Math.max(1, objects.length / SAMPLED_OBJECTS);
  const count = Math.min(objects.length, SAMPLED_OBJECTS);
  const sampled = Array.from({ length: count }, (_, index) => objects[Math.floor(index * step)]!);
  announceObjects(sampled);
  const found = new Map<LogFormat, number>();
  for (const planned of sampled) {
    for (const format of await formatsOf(planned, userFormats)) found.set(format, (found.get(format) ?? 0) + 1);
  }
  return found;
}

async function formatsOf({ store, object }: PlannedObject, userFormats: readonly LogFormat[]): Promise<Set<LogFormat>> {
  const found = new Set<LogFormat>();
  try {
    await readRecords(decodeBody(store.read(object)), new ShapeTree(), listenTo(found, userFormats));
  } catch (error) {
    const isExpected = [Enough, ParquetBody, BrokenContainer, ObjectReadError].some((kind) => error instanceof kind);
    if (!isExpected) throw error;
  }
  return found;
}

/** Ends the reading of a body. */
class Enough extends Error {}

function listenTo(found: Set<LogFormat>, userFormats: readonly LogFormat[]): BodyListener {
  let left = SAMPLED_RECORDS;
  const add = (format: LogFormat): void => {
    found.add(format);
    if (--left === 0) throw new Enough();
  };
  return {
    recognise: (keys) => {
      const detection = detectFormat(keys, userFormats);
      if (detection.kind !== 'format') return detection;
      const { format } = detection;
      return { kind: 'target', target: { takesDashes: format.takesDashes === true, record: () => add(format) } };
    },
    quarantined: () => undefined,
    unrecognised: () => undefined,
    passedOver: () => undefined,
    repaired: () => undefined,
    lineFormats: [{ fits: (line) => parseS3AccessLine(line) !== undefined, take: () => add(S3_ACCESS) }],
  };
}
