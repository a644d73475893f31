import { BrokenContainer } from '../records/broken-container.js';
import { decodeBody, decodeWhole, ParquetBody, type UnpackLimits } from '../records/decode-body.js';
import { readRecords, readWholeBody, type BodyListener, type Recognition } from '../records/read-records.js';
import type { RecordKernel } from '../records/record-kernel.js';
import type { ShapeNode, ShapeTree } from '../records/record-shapes.js';
import type { LineFormat } from '../records/split-lines.js';
import type { ByteSpan } from '../records/value-sink.js';
import { ObjectReadError, type ObjectStore, type StoredObject } from '../storage/object-store.js';
import type { StageCursor } from './format-stage.js';
import { showKeys } from './lone-documents.js';
import type { Quarantine, QuarantinedBytes } from './quarantine.js';
import type { ReadyBody } from './read-ahead.js';
import { addReason, newOutcome, type ObjectOutcome } from './tally.js';

/** Where records are staged, as far as reading has to know. */
export interface ReadStages {
  readonly cursor: StageCursor;
  readonly lineFormats: readonly LineFormat[];
}

export interface ReadContext {
  readonly shapes: ShapeTree;
  readonly kernel: RecordKernel;
  readonly stages: ReadStages;
  /** What records with these keys are, and where they go. */
  readonly recognise: (keys: readonly string[], shape: ShapeNode) => Recognition;
  readonly quarantine: Quarantine;
  readonly limits?: UnpackLimits;
  /** Told of the keys of records of no known format. */
  readonly sawUnknown: (keys: readonly string[]) => void;
}

/** Holding more than this of one object would cost too much memory. */
const MAX_HELD_BYTES = 32 * 1024 * 1024;

const UNKNOWN_FORMAT = 'a record of an unknown format';

/** An object, and what it can be read from. */
export interface ReadableObject {
  readonly store: Pick<ObjectStore, 'read' | 'readOnce'>;
  readonly object: StoredObject;
  /** What was read of it already. */
  readonly ready?: ReadyBody | undefined;
}

/**
 * What came of reading one object. `keys` are those of a document that is no log. `isUnread`: its store did not give its bytes.
 * `parquet`: it is for the engine to read.
 */
export type ReadResult =
  | { readonly kind: 'read'; readonly outcome: ObjectOutcome }
  | { readonly kind: 'skipped'; readonly reason: string; readonly keys?: readonly string[] }
  | { readonly kind: 'failed'; readonly reason: string; readonly isUnread?: boolean }
  | { readonly kind: 'parquet' };

/**
 * Reads one object with care: unpacks it, stages its records, puts aside what is none. When it fails, the caller takes back
 * what was staged of it.
 */
export async function readObject({ store, object, ready }: ReadableObject, context: ReadContext): Promise<ReadResult> {
  const outcome = newOutcome(object.key);
  const listener = new ObjectListener(outcome, context);
  const { cursor } = context.stages;
  cursor.staged = 0;
  try {
    if (ready !== undefined) readText(ready, { outcome, listener, context });
    else await readBody(store.read(object), { outcome, listener, context });
  } catch (error) {
    if (error instanceof ParquetBody) return { kind: 'parquet' };
    if (!(error instanceof BrokenContainer) && !(error instanceof ObjectReadError)) throw error;
    const { message: reason } = error;
    if (context.quarantine.keeps && store.readOnce !== true) {
      await context.quarantine.putObject({ key: object.key, reason, chunks: store.read(object) });
    }
    return { kind: 'failed', reason, isUnread: error instanceof ObjectReadError };
  }
  outcome.staged = cursor.staged;
  return listener.conclude();
}

interface BodyReading {
  readonly outcome: ObjectOutcome;
  readonly listener: BodyListener;
  readonly context: ReadContext;
}

function readText({ packedBytes, text }: Pick<ReadyBody, 'packedBytes' | 'text'>, reading: BodyReading): void {
  const { outcome, listener, context } = reading;
  outcome.bytesRead = packedBytes;
  outcome.bytesDecompressed = text.length;
  readWholeBody(text, context.shapes, listener);
}

/** A body of one chunk, as small objects are, is read without streams, which would cost more than the reading. */
async function readBody(chunks: AsyncIterable<Uint8Array>, reading: BodyReading): Promise<void> {
  const { outcome, listener, context } = reading;
  const iterator = chunks[Symbol.asyncIterator]();
  const first = await iterator.next();
  const second = first.done === true ? first : await iterator.next();
  const whole = first.done === true ? new Uint8Array(0) : first.value;
  const text = second.done === true ? decodeWhole(whole, context.limits) : undefined;
  if (text !== undefined) {
    readText({ packedBytes: whole.length, text }, reading);
    return;
  }
  const packed = countBytes(rejoin([first, second], iterator), (bytes) => (outcome.bytesRead += bytes));
  const unpacked = countBytes(decodeBody(packed, context.limits), (bytes) => (outcome.bytesDecompressed += bytes));
  try {
    await readRecords(unpacked, context.shapes, listener);
  } finally {
    // A body that is left before its end, as Parquet is, must not keep its file open.
    await iterator.return?.();
  }
}

async function* rejoin(
  taken: readonly IteratorResult<Uint8Array, unknown>[],
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, void> {
  for (const { done, value } of taken) {
    if (done === true) return;
    yield value;
  }
  for (;;) {
    const { done, value } = await rest.next();
    if (done === true) return;
    yield value;
  }
}

class ObjectListener implements BodyListener {
  readonly lineFormats: readonly LineFormat[];
  readonly kernel: RecordKernel;
  readonly #outcome: ObjectOutcome;
  readonly #context: ReadContext;
  /** The first JSON object of no known format: alone in its object it is a document, no log. */
  #held: { bytes: Uint8Array; offset: number; keys: readonly string[] } | undefined;
  #unrecognised = 0;
  /** What was put aside of the object; kept when it is known that the object itself does not fail. */
  #aside: QuarantinedBytes[] = [];
  #asideBytes = 0;
  #passedReason = '';
  /** How many records there were when something was put aside, as long as nothing has followed it. */
  #stagedBeforeEnd = -1;

  constructor(outcome: ObjectOutcome, context: ReadContext) {
    this.#outcome = outcome;
    this.#context = context;
    this.lineFormats = context.stages.lineFormats;
    this.kernel = context.kernel;
  }

  recognise(keys: readonly string[], shape: ShapeNode): Recognition {
    return this.#context.recognise(keys, shape);
  }

  quarantined(span: ByteSpan, reason: string): void {
    this.#putAside(span.bytes.subarray(span.start, span.end), span.offset, reason);
    this.#stagedBeforeEnd = this.#context.stages.cursor.staged;
  }

  unrecognised(span: ByteSpan, keys: readonly string[]): void {
    this.#unrecognised++;
    this.#stagedBeforeEnd = -1;
    this.#context.sawUnknown(keys);
    const bytes = span.bytes.subarray(span.start, span.end);
    if (this.#unrecognised === 1) this.#held = { bytes: Buffer.from(bytes), offset: span.offset, keys };
    else this.#putAside(bytes, span.offset, UNKNOWN_FORMAT, keys);
  }

  passedOver(reason: string): void {
    this.#outcome.passedOver++;
    this.#stagedBeforeEnd = -1;
    this.#passedReason = reason;
    addReason(this.#outcome.reasons, reason, this.#outcome.key);
  }

  repaired(): void {
    addReason(this.#outcome.reasons, 'an unquoted - was read as absent', this.#outcome.key);
  }

  conclude(): ReadResult {
    const { staged, quarantined, passedOver } = this.#outcome;
    const held = this.#held;
    this.#outcome.endsBroken = this.#stagedBeforeEnd === staged;
    if (staged + quarantined === 0) {
      if (held === undefined && passedOver > 0) return { kind: 'skipped', reason: this.#passedReason };
      if (held !== undefined && this.#unrecognised === 1 && passedOver === 0) {
        return { kind: 'skipped', reason: 'a JSON document that is no log', keys: held.keys };
      }
    }
    if (held !== undefined) this.#putAside(held.bytes, held.offset, UNKNOWN_FORMAT, held.keys);
    this.#keepAside();
    return { kind: 'read', outcome: this.#outcome };
  }

  #putAside(bytes: Uint8Array, offset: number, reason: string, keys?: readonly string[]): void {
    this.#outcome.quarantined++;
    const example = `${this.#outcome.key} at byte ${offset}`;
    addReason(this.#outcome.reasons, reason, keys === undefined ? example : `${example}, ${showKeys(keys)}`);
    if (!this.#context.quarantine.keeps) return;
    this.#aside.push({ key: this.#outcome.key, offset, reason, bytes: Buffer.from(bytes) });
    this.#asideBytes += bytes.length;
    if (this.#asideBytes > MAX_HELD_BYTES) this.#keepAside();
  }

  #keepAside(): void {
    for (const item of this.#aside) this.#context.quarantine.put(item);
    this.#aside = [];
    this.#asideBytes = 0;
  }
}

async function* countBytes(
  chunks: AsyncIterable<Uint8Array>,
  count: (bytes: number) => void,
): AsyncGenerator<Uint8Array, void, void> {
  for await (const chunk of chunks) {
    count(chunk.length);
    yield chunk;
  }
}
