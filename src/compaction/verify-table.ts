import type { Engine } from '../engines/engine.js';
import { findFormat } from '../formats/format-catalog.js';
import type { LogFormat } from '../formats/log-format.js';
import { storedColumns, type StoredColumn } from '../formats/stored-columns.js';
import type { WritableStore } from '../storage/writable-store.js';
import { checkRows } from './check-rows.js';
import { encodeCommit, type CommitRecord } from './commit-record.js';
import type { DestinationDescription } from './destination-description.js';
import { compareSlots } from './compare-slots.js';
import { findSlots } from './find-slots.js';
import { inParallel } from './in-parallel.js';
import { lookAtSlot, type LookStores, type SlotLook } from './look-at-slot.js';
import { compareChecksums } from './prove-bytes.js';
import { unknownFormat } from './prepare-compaction.js';
import { commitKey } from './slot-key.js';
import type { SlotProblem } from './slot-problem.js';

export interface VerifyRequest {
  readonly stores: LookStores & { readonly commits: Pick<WritableStore, 'create'> };
  readonly destination: string;
  readonly description: DestinationDescription;
  readonly userFormats: readonly LogFormat[];
  /** Gives the engine; a new one after the last has crashed. */
  readonly openEngine: () => Promise<Engine>;
  /** The run's own folder. */
  readonly folder: string;
  /** Write the copy of a slot's facts where it is missing. */
  readonly mayRecord: boolean;
  /** Told how many slots of how many are checked. */
  readonly onProgress: (done: number, total: number) => void;
}

/** What a table was found to be. */
export interface VerifiedTable {
  readonly slots: number;
  /** As the slots say. */
  readonly rows: number;
  /** Of the slots that are there. */
  readonly bytes: number;
  /** Slots of which the copy of their facts was missing. */
  readonly unrecorded: number;
  /** Of these, those that have it now. */
  readonly recorded: number;
  /** Slots whose fingerprint another version of the engine took: their rows were counted, and their bytes compared. */
  readonly countedOnly: number;
  readonly problems: readonly SlotProblem[];
}

/** How many slots' facts are asked for at once. */
const IN_FLIGHT = 16;

/**
 * Checks again what earlier runs have written: that every slot is there, its bytes, its rows, its plan, and the copy of its
 * facts. What is found is told and not mended, but for copies that are missing.
 * @throws UserError when the store cannot be asked, or the table's format is not known
 */
export async function verifyTable(request: VerifyRequest): Promise<VerifiedTable> {
  const { stores, onProgress } = request;
  const { slots: found } = await findSlots(stores, () => 'descend');
  onProgress(0, found.length);
  const looks = await inParallel(found, IN_FLIGHT, (one) => lookAtSlot(one, stores));
  const among = compareSlots(looks);
  const inDoubt = new Set(among.map(({ slot }) => slot));
  const results: CheckedSlot[] = [];
  // One after the other: a store that is far away keeps one downloaded object at a time.
  for (const look of looks) {
    results.push(await checkSlot(look, { ...request, mayRecord: request.mayRecord && !inDoubt.has(look.key) }));
    onProgress(results.length, found.length);
  }
  const count = (pick: (result: CheckedSlot) => boolean): number => results.filter(pick).length;
  return {
    slots: looks.length,
    rows: looks.reduce((sum, { facts, copy }) => sum + (facts ?? copy ?? { rows: 0 }).rows, 0),
    bytes: looks.reduce((sum, { stored }) => sum + (stored?.size ?? 0), 0),
    unrecorded: found.filter(({ commit }) => commit === undefined).length,
    recorded: count(({ isRecorded }) => isRecorded),
    countedOnly: count(({ isCountedOnly }) => isCountedOnly),
    problems: [
      ...looks.flatMap((look) => look.problems),
      ...among,
      ...results.flatMap((result) => result.problems),
    ].sort(bySlot),
  };
}

interface CheckedSlot {
  readonly problems: readonly SlotProblem[];
  readonly isRecorded: boolean;
  readonly isCountedOnly: boolean;
}

async function checkSlot(look: SlotLook, request: VerifyRequest): Promise<CheckedSlot> {
  const { data } = request.stores;
  if (look.stored === undefined || data === undefined) return { problems: [], isRecorded: false, isCountedOnly: false };
  const columnsOf = (format: string): readonly StoredColumn[] => columnsOfFormat(format, request);
  const { problems, sha256, isCountedOnly } = await checkRows(look, { ...request, data, columnsOf });
  const all = [...problems, ...checksumProblems(look)];
  const isSound = all.length + look.problems.length === 0;
  const isRecorded = isSound && sha256 !== undefined && (await recordAgain(look, sha256, request));
  return { problems: all, isRecorded, isCountedOnly };
}

function columnsOfFormat(name: string, request: VerifyRequest): readonly StoredColumn[] {
  const { userFormats, description, destination } = request;
  const format = findFormat(name, userFormats);
  if (format === undefined) throw unknownFormat(destination, { format: name });
  return storedColumns(format, description.partitionKeys);
}

function checksumProblems(look: SlotLook): SlotProblem[] {
  if (compareChecksums(look) !== 'different') return [];
  return [{ slot: look.key, kind: 'damaged', reason: 'its checksum is another one than when it was written' }];
}

async function recordAgain(
  { found, facts, stored, plan }: SlotLook,
  sha256: string,
  { mayRecord, stores }: VerifyRequest,
): Promise<boolean> {
  if (found.commit !== undefined || !mayRecord || !facts || !stored || !plan) return false;
  const { crc64nvme } = stored;
  const record: CommitRecord = { ...facts, size: stored.size, sha256, inputs: plan.inputs };
  const bytes = encodeCommit(crc64nvme === undefined ? record : { ...record, crc64nvme });
  await stores.commits.create(commitKey(found.place), { bytes });
  return true;
}

function bySlot(a: SlotProblem, b: SlotProblem): number {
  return a.slot === b.slot ? 0 : a.slot < b.slot ? -1 : 1;
}
