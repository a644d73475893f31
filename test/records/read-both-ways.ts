import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { StageSet } from '../../src/dataset/stage-set.js';
import { ALL_COLUMNS } from '../../src/dataset/needed-columns.js';
import { detectFormat } from '../../src/formats/format-catalog.js';
import { BrokenContainer } from '../../src/records/broken-container.js';
import { readRecords, type BodyListener } from '../../src/records/read-records.js';
import { RecordKernel, type RecordRun, type TakenRun } from '../../src/records/record-kernel.js';
import { ShapeTree, type ShapeNode } from '../../src/records/record-shapes.js';
import type { ByteSpan } from '../../src/records/value-sink.js';
import { cutIntoChunks } from './split-body.js';
import { each } from './tell-all.js';

/** What came of reading bodies: the rows of each format as they are staged, and all that was told of the rest. */
export interface ReadBodies {
  readonly staged: Readonly<Record<string, unknown>>;
  readonly told: readonly string[];
  /** Bytes that the kernel took. */
  readonly byKernel: number;
}

export interface WayToRead {
  readonly kernel: boolean;
  readonly chunkBytes?: number;
}

/** Reads bodies one after the other into staged rows of the real formats, with the kernel or without it. */
export async function readBodies(bodies: readonly Uint8Array[], way: WayToRead): Promise<ReadBodies> {
  const folder = mkdtempSync(join(tmpdir(), 'awsusage-test-rows-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  let files = 0;
  const stages = new StageSet({
    columns: ALL_COLUMNS,
    asked: ALL_COLUMNS,
    raw: false,
    newPath: () => join(folder, String(++files)),
  });
  const told: string[] = [];
  const kernel = new WatchedKernel();
  const listener = listen(stages, told, way.kernel ? kernel : undefined);
  const shapes = new ShapeTree();
  for (const [index, body] of bodies.entries()) {
    stages.cursor.objectNumber = index + 1;
    kernel.setFirstColumn(String(index + 1));
    try {
      const chunks = cutIntoChunks(body, way.chunkBytes ?? Number.MAX_SAFE_INTEGER);
      await readRecords(each(chunks), shapes, listener);
    } catch (error) {
      if (!(error instanceof BrokenContainer)) throw error;
      told.push(`broken: ${error.message}`);
    }
  }
  return { staged: stagedRows(stages), told, byKernel: kernel.bytesTaken };
}

class WatchedKernel extends RecordKernel {
  bytesTaken = 0;

  override take(run: RecordRun): TakenRun | undefined {
    const taken = super.take(run);
    this.bytesTaken += taken === undefined ? 0 : taken.next - run.start;
    return taken;
  }
}

function listen(stages: StageSet, told: string[], kernel: RecordKernel | undefined): BodyListener {
  const tell = (what: string, span: ByteSpan): void => {
    const text = Buffer.from(span.bytes.subarray(span.start, span.end)).toString('latin1');
    told.push(`${what} at ${span.offset}: ${text}`);
  };
  return {
    recognise: (keys: readonly string[], node: ShapeNode) => {
      const detection = detectFormat(keys, []);
      if (detection.kind !== 'format') return detection;
      return { kind: 'target', target: stages.targetOf(detection.format, node) };
    },
    quarantined: (span, reason) => tell(reason, span),
    unrecognised: (span) => tell('unrecognised', span),
    passedOver: (reason) => told.push(reason),
    repaired: () => told.push('repaired'),
    lineFormats: stages.lineFormats,
    ...(kernel === undefined ? {} : { kernel }),
  };
}

function stagedRows(stages: StageSet): Record<string, unknown> {
  const staged = [...stages.stages].map((stage) => {
    const taken = stage.rows.take();
    const text = taken === undefined ? '' : readFileSync(taken.path, 'latin1');
    return [
      `${stage.format.name} ${stage.withIds ? 'with' : 'without'} ids`,
      { text, rows: taken?.rows, longest: taken?.longestRow, total: stage.total },
    ] as const;
  });
  return Object.fromEntries(staged);
}
