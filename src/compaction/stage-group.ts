import { loadStoredRows, type StoredInput } from '../dataset/load-stored-rows.js';
import type { ScanProgress } from '../dataset/reading-pace.js';
import type { Quarantine } from '../dataset/quarantine.js';
import { LOADED_ROWS } from '../dataset/stored-rows-sql.js';
import type { Engine } from '../engines/engine.js';
import type { LogFormat } from '../formats/log-format.js';
import { STORED_ROWS } from '../formats/stored-columns.js';
import type { BatchInput } from './batch-plan.js';
import type { Candidate, PlannedBatch } from './plan-compaction.js';

/** What a destination's rows look like. */
export interface RowShape {
  readonly format: LogFormat;
  readonly userFormats: readonly LogFormat[];
  readonly partitionKeys: readonly string[];
}

export interface StagingOptions extends RowShape {
  readonly engine: Engine;
  /** The run's own folder. */
  readonly folder: string;
  /** Takes what is put aside of a batch, by the batch's place in the group. */
  readonly quarantineOf: (batch: number) => Quarantine;
  /** Told of objects and bytes that were read since the last call. */
  readonly onProgress: (objects: number, bytes: number) => void;
  readonly requireFreeBytes: (bytes: number) => Promise<void>;
  /** Whether an object whose last record is cut may still be written to. */
  readonly mayGrow: (candidate: Candidate) => boolean;
}

/** A batch whose rows are in the engine. */
export interface StagedBatch {
  readonly batch: PlannedBatch;
  readonly inputs: readonly BatchInput[];
  /** The numbers of its objects in the engine's table: from the first to the last. */
  readonly from: number;
  readonly to: number;
  readonly rows: number;
}

/** An object of a batch that is not merged, and why. */
export interface LeftInput {
  readonly candidate: Candidate;
  readonly kind: 'failed' | 'skipped' | 'foreign' | 'growing' | 'parquet';
  readonly reason: string;
}

export interface StagedGroup {
  readonly batches: readonly StagedBatch[];
  readonly left: readonly LeftInput[];
  /** How many objects are in batches without a single row. */
  readonly empty: number;
}

/**
 * Reads the objects of several batches into the engine's table, and checks that the engine has as many rows of each as were
 * read. Objects that cannot be merged leave no row.
 */
export async function stageGroup(batches: readonly PlannedBatch[], options: StagingOptions): Promise<StagedGroup> {
  const candidates = batches.flatMap(({ inputs }) => inputs);
  const batchOf = batches.flatMap(({ inputs }, index) => inputs.map(() => index));
  const { engine, folder, format, userFormats, partitionKeys, onProgress, requireFreeBytes } = options;
  const found = await loadStoredRows({
    objects: candidates,
    engine,
    folder,
    format,
    userFormats,
    partitionKeys,
    requireFreeBytes,
    onProgress: growth(onProgress),
    quarantine: (number) => options.quarantineOf(batchOf[number - 1] ?? 0),
  });
  const judged = candidates.map((candidate, index) => judgeInput(candidate, found[index]!, options));
  await removeRows(engine, judged);
  await checkRows(engine, judged);
  const staged = toBatches(batches, judged);
  const unusable = staged.filter(({ rows }) => rows === 0).flatMap(findUnusable);
  return {
    // A slot without a row would be read in vain for ever; its inputs are looked at again by the next run.
    batches: staged.filter(({ rows }) => rows > 0),
    empty: staged.reduce((sum, { rows, inputs }) => (rows === 0 ? sum + inputs.length : sum), 0) - unusable.length,
    left: [...judged.flatMap((one) => (one.kind === 'left' ? one.left : [])), ...unusable],
  };
}

/** Turns counts since the beginning into counts since the last call. */
function growth(tell: StagingOptions['onProgress']): (progress: ScanProgress) => void {
  let last = { objectsDone: 0, bytesDone: 0 };
  return (progress) => {
    tell(progress.objectsDone - last.objectsDone, progress.bytesDone - last.bytesDone);
    last = progress;
  };
}

type Judged =
  | { readonly kind: 'taken'; readonly input: BatchInput }
  | { readonly kind: 'left'; readonly left: LeftInput; readonly hasRows: boolean };

function judgeInput(candidate: Candidate, found: StoredInput, { format, mayGrow }: StagingOptions): Judged {
  const leave = (kind: LeftInput['kind'], reason: string, hasRows = false): Judged => {
    return { kind: 'left', left: { candidate, kind, reason }, hasRows };
  };
  if (found.kind === 'failed') return leave('failed', found.reason);
  if (found.kind === 'skipped') return leave('skipped', found.reason);
  if (found.kind === 'parquet') return leave('parquet', 'it is Parquet already');
  if (found.kind === 'foreign')
    return leave('foreign', `records of ${listFormats(found.formats)}, not of ${format.name}`);
  // Whoever makes a file writes to it only then; once merged, what is written to it would never be taken.
  if (candidate.object.size === 0 && mayGrow(candidate)) return leave('growing', 'nothing is written to it yet');
  if (found.endsBroken && mayGrow(candidate)) return leave('growing', 'its last record is not whole yet', true);
  const { exactKey, object } = candidate;
  const { sha256, rows, quarantined, passedOver } = found;
  const { version, size } = object;
  return { kind: 'taken', input: { key: exactKey, version, size, sha256, rows, quarantined, passedOver } };
}

function listFormats(formats: Readonly<Record<string, number>>): string {
  return Object.keys(formats).sort().join(', ');
}

async function removeRows(engine: Engine, judged: readonly Judged[]): Promise<void> {
  const numbers = judged.flatMap((one, index) => (one.kind === 'left' && one.hasRows ? [index + 1] : []));
  if (numbers.length > 0) await engine.run(`DELETE FROM ${LOADED_ROWS} WHERE object_number IN (${numbers.join(', ')})`);
}

async function checkRows(engine: Engine, judged: readonly Judged[]): Promise<void> {
  const counted = await engine.rows(`SELECT object_number, count(*) FROM ${STORED_ROWS} GROUP BY object_number`);
  const counts = new Map(counted.map(([number, count]) => [Number(number), Number(count)]));
  for (const [index, one] of judged.entries()) {
    const expected = one.kind === 'taken' ? one.input.rows : 0;
    const has = counts.get(index + 1) ?? 0;
    if (has !== expected) throw new Error(`${expected} records of an object were read, but the engine has ${has}`);
  }
}

/** Objects of a batch without a single row that hold something, though nothing that can be read. */
function findUnusable({ batch, inputs }: StagedBatch): LeftInput[] {
  return batch.inputs.flatMap((candidate): LeftInput[] => {
    const { quarantined = 0 } = inputs.find(({ key }) => key === candidate.exactKey) ?? {};
    if (quarantined === 0) return [];
    return [{ candidate, kind: 'failed', reason: 'nothing in it is a record that can be read' }];
  });
}

function toBatches(batches: readonly PlannedBatch[], judged: readonly Judged[]): StagedBatch[] {
  let from = 1;
  const staged: StagedBatch[] = [];
  for (const batch of batches) {
    const to = from + batch.inputs.length - 1;
    const inputs = judged.slice(from - 1, to).flatMap((one) => (one.kind === 'taken' ? one.input : []));
    const rows = inputs.reduce((sum, input) => sum + input.rows, 0);
    staged.push({ batch, inputs, from, to, rows });
    from = to + 1;
  }
  return staged;
}
