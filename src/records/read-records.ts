import { isUtf8 } from 'node:buffer';
import { BrokenContainer } from './broken-container.js';
import { DEFAULT_UNPACK_LIMITS, gunzipWhole, RATIO_FREE_BYTES, withoutByteOrderMark } from './decode-body.js';
import { findEnvelope, findShipperEnvelope, isEnvelopeKey, type Envelope } from './envelopes.js';
import { JsonScanner } from './json-scanner.js';
import { KIND } from './value-scanner.js';
import type { RecordKernel, RecordRun, RowPlan, TakenRun } from './record-kernel.js';
import { readJsonString } from './json-string.js';
import { shapeKeys, type ShapeNode, type ShapeTree } from './record-shapes.js';
import { RecordSplitter } from './split-records.js';
import type { ByteSpan, ValueSink } from './value-sink.js';
import { sniffBody } from './sniff-body.js';
import { PROBE_BYTES, splitLines, type LineFormat } from './split-lines.js';

/** Where the records of one format go. */
export interface RecordTarget {
  /** Whether a bare `-` in place of a value is taken as absent, as API Gateway's templates write it. */
  readonly takesDashes: boolean;
  /** How records become rows, where the kernel may write them. */
  readonly rows?: RowPlan;
  /** A record; the scanner's notes are about it. */
  record(scanner: JsonScanner, span: ByteSpan): void;
}

/** What records with certain top-level keys are. */
export type Recognition =
  | { readonly kind: 'target'; readonly target: RecordTarget }
  | { readonly kind: 'decoy'; readonly reason: string }
  | { readonly kind: 'unknown' };

/** Told of everything that is in a body, in order. */
export interface BodyListener {
  recognise(keys: readonly string[], shape: ShapeNode): Recognition;
  /** Bytes that are put aside, with the reason. */
  quarantined(span: ByteSpan, reason: string): void;
  /** A JSON object that is no record of any format. */
  unrecognised(span: ByteSpan, keys: readonly string[]): void;
  /** A record that is no call: a control message, a notification. */
  passedOver(reason: string): void;
  /** A record that was taken after bare dashes in it were read as absent. */
  repaired(): void;
  /** Formats of plain text lines. */
  readonly lineFormats: readonly LineFormat[];
  /** Reads records that leave no doubt, past `record` of their target. */
  readonly kernel?: RecordKernel;
}

/** What records of one shape are, envelopes among them. */
type Meaning =
  | { readonly kind: 'envelope'; readonly envelope: Envelope; readonly index: number; readonly keys: readonly string[] }
  | { readonly kind: 'target'; readonly target: RecordTarget }
  | { readonly kind: 'decoy'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly keys: readonly string[] };

/** Envelopes inside envelopes are followed this far: SNS around EventBridge around a shipper's nesting. */
const MAX_WRAPPINGS = 5;
/** What is not of the alphabet is passed over by the decoder, so that it has to be looked for. */
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const CONTROL_MESSAGE = 'CWL CONTROL MESSAGE';

/**
 * Reads one unpacked body and tells `listener` of every record in it.
 * @throws BrokenContainer when the body's container is broken; what was told before then does not count
 */
export async function readRecords(
  chunks: AsyncIterable<Uint8Array>,
  shapes: ShapeTree,
  listener: BodyListener,
): Promise<void> {
  const reader = new BodyReader(shapes, listener);
  let held: Uint8Array | undefined;
  for await (const chunk of chunks) {
    if (chunk.length === 0) continue;
    if (held !== undefined) reader.push(held, false);
    held = chunk;
  }
  reader.push(held ?? new Uint8Array(0), true);
}

/** How many bytes all packed bodies inside envelopes of one object have, and unpack to. */
interface InnerBytes {
  packed: number;
  unpacked: number;
}

/** Like `readRecords`, for an unpacked body that is held whole. */
export function readWholeBody(bytes: Uint8Array, shapes: ShapeTree, listener: BodyListener): void {
  new BodyReader(shapes, listener).push(bytes, true);
}

class BodyReader implements ValueSink {
  readonly #scanner: JsonScanner;
  readonly #listener: BodyListener;
  #feed: ((chunk: Uint8Array, last: boolean) => void) | undefined;
  /** The beginning of the body, until there is enough of it to tell how to read it. */
  #head: Uint8Array = new Uint8Array(0);
  /** Whether some chunk was not UTF-8, so that each value is looked at. */
  #suspect = false;
  #depth: number;
  readonly #innerBytes: InnerBytes;
  /** The outermost record while one inside its envelope is read; it is what is put aside. */
  #outer: ByteSpan | undefined;

  constructor(shapes: ShapeTree, listener: BodyListener, outer?: { depth: number; innerBytes: InnerBytes }) {
    this.#scanner = new JsonScanner(shapes);
    this.#listener = listener;
    this.#depth = outer?.depth ?? 0;
    this.#innerBytes = outer?.innerBytes ?? { packed: 0, unpacked: 0 };
  }

  push(chunk: Uint8Array, last: boolean): void {
    this.#suspect ||= !isUtf8(chunk);
    if (this.#feed !== undefined) {
      this.#feed(chunk, last);
      return;
    }
    const head = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk]);
    this.#head = head;
    if (!last && !beginsAsJson(head) && head.length < PROBE_BYTES) return;
    this.#feed = this.#chooseFeed(head);
    this.#head = new Uint8Array(0);
    this.#feed(head, last);
  }

  #chooseFeed(head: Uint8Array): (chunk: Uint8Array, last: boolean) => void {
    const lines = beginsAsJson(head) ? undefined : splitLines(head, this.#listener.lineFormats, this);
    if (lines !== undefined) return lines;
    const splitter = new RecordSplitter(this.#scanner, this);
    return (bytes, last) => splitter.push(bytes, last);
  }

  bad(span: ByteSpan, reason: string): void {
    this.#listener.quarantined(this.#outer ?? span, reason);
  }

  value(span: ByteSpan): void {
    const { bytes, start, end } = span;
    if (this.#suspect && !isUtf8(bytes.subarray(start, end))) {
      this.bad(span, 'not UTF-8 text');
    } else if (bytes[start] === 0x7b) {
      this.#object(span);
    } else if (!isEmptyArray(bytes, start, end)) {
      this.bad(span, 'a JSON value that is not an object');
    }
  }

  run(run: RecordRun): TakenRun | undefined {
    return this.#suspect ? undefined : this.#listener.kernel?.take(run);
  }

  #object(span: ByteSpan): void {
    const meaning = meaningOf(this.#scanner.shape, this.#listener);
    if (this.#scanner.dashes > 0 && meaning.kind !== 'target') {
      this.bad(span, 'not a JSON value');
      return;
    }
    switch (meaning.kind) {
      case 'target':
        this.#take(meaning.target, span);
        break;
      case 'envelope':
        this.#unwrap(meaning.envelope, meaning.index, span);
        break;
      case 'decoy':
        this.#listener.passedOver(meaning.reason);
        break;
      case 'unknown':
        if (!this.#isEmptyList(span, meaning.keys)) this.#listener.unrecognised(this.#outer ?? span, meaning.keys);
        break;
    }
  }

  /** Whether an object of no known format is an envelope without records. */
  #isEmptyList({ bytes }: ByteSpan, keys: readonly string[]): boolean {
    if (!keys.every(isEnvelopeKey)) return false;
    const { shape, count, valueStart, valueEnd } = this.#scanner;
    let index = count - 1;
    for (let node: ShapeNode | undefined = shape; node !== undefined && index >= 0; node = node.parent, index--) {
      if (node.holdsRecords && isEmptyArray(bytes, valueStart[index]!, valueEnd[index]!)) return true;
    }
    return false;
  }

  #take(target: RecordTarget, span: ByteSpan): void {
    const { dashes } = this.#scanner;
    if (dashes > 0 && !target.takesDashes) {
      this.bad(span, 'not a JSON value');
      return;
    }
    if (dashes > 0) this.#listener.repaired();
    target.record(this.#scanner, span);
    if (target.rows !== undefined) this.#listener.kernel?.learn(this.#scanner.shape, target.rows);
  }

  #unwrap({ field, wrapping }: Envelope, index: number, span: ByteSpan): void {
    const scanner = this.#scanner;
    const kind = scanner.kind[index]!;
    const start = scanner.valueStart[index]!;
    const end = scanner.valueEnd[index]!;
    const isString = kind === KIND.string || kind === KIND.escaped;
    if (this.#depth >= MAX_WRAPPINGS || isString === (wrapping === 'object') || (!isString && kind !== KIND.object)) {
      this.bad(span, `no record in "${field}" of its envelope`);
      return;
    }
    this.#depth++;
    const outermost = this.#outer === undefined;
    this.#outer ??= span;
    if (wrapping === 'object') this.#inner(span.bytes, start, end, field);
    else if (wrapping === 'text') this.#innerText(readJsonString(span.bytes, start, end), field);
    else this.#innerBody(readJsonString(span.bytes, start, end));
    if (outermost) this.#outer = undefined;
    this.#depth--;
  }

  #innerText(text: string, field: string): void {
    const bytes = Buffer.from(text.trim(), 'utf8');
    if (text.startsWith(CONTROL_MESSAGE)) this.#listener.passedOver('a CloudWatch Logs control message');
    else this.#inner(bytes, 0, bytes.length, field);
  }

  #inner(bytes: Uint8Array, start: number, end: number, field: string): void {
    const span = { bytes, start, end, offset: this.#outer?.offset ?? 0 };
    if (bytes[start] !== 0x7b || this.#scanner.scan(bytes, start, end) !== end) {
      this.bad(span, `no record in "${field}" of its envelope`);
    } else {
      this.#object(span);
    }
  }

  #innerBody(base64: string): void {
    const inner = new BodyReader(this.#scanner.shapes, this.#innerListener(), {
      depth: this.#depth,
      innerBytes: this.#innerBytes,
    });
    try {
      inner.push(withoutByteOrderMark(this.#unpackInner(base64)), true);
    } catch (error) {
      if (!(error instanceof BrokenContainer)) throw error;
      this.bad(this.#outer!, `no record in "rawData" of its envelope: ${error.message}`);
    }
  }

  #unpackInner(base64: string): Uint8Array {
    if (!BASE64.test(base64) || base64.length % 4 !== 0) throw new BrokenContainer('not base64');
    const packed = Buffer.from(base64, 'base64');
    if (packed.length === 0) throw new BrokenContainer('no data');
    if (sniffBody(packed) !== 'gzip') return packed;
    const total = this.#innerBytes;
    const { maxBytes, maxRatio } = DEFAULT_UNPACK_LIMITS;
    total.packed += packed.length;
    const allowed = Math.min(maxBytes, Math.max(RATIO_FREE_BYTES, total.packed * maxRatio));
    const unpacked = gunzipWhole(packed, { maxBytes: Math.max(1, allowed - total.unpacked), maxRatio });
    total.unpacked += unpacked.length;
    return unpacked;
  }

  /** Positions inside a decoded body mean nothing to people: what is put aside is the envelope. */
  #innerListener(): BodyListener {
    const outer = this.#outer!;
    const listener = this.#listener;
    return {
      lineFormats: listener.lineFormats,
      recognise: (keys, shape) => listener.recognise(keys, shape),
      passedOver: (reason) => listener.passedOver(reason),
      repaired: () => listener.repaired(),
      quarantined: (_span, reason) => listener.quarantined(outer, reason),
      unrecognised: (_span, keys) => listener.unrecognised(outer, keys),
    };
  }
}

/** What records with the keys of `shape` are; found out once for each shape. */
function meaningOf(shape: ShapeNode, listener: Pick<BodyListener, 'recognise'>): Meaning {
  return ((shape.meaning as Meaning | undefined) ??= findMeaning(shape, listener));
}

function findMeaning(shape: ShapeNode, listener: Pick<BodyListener, 'recognise'>): Meaning {
  const keys = shapeKeys(shape);
  const envelope = findEnvelope(keys);
  if (envelope !== undefined) return { kind: 'envelope', envelope, index: keys.lastIndexOf(envelope.field), keys };
  const recognition = listener.recognise(keys, shape);
  if (recognition.kind !== 'unknown') return recognition;
  const shipper = findShipperEnvelope(keys);
  if (shipper === undefined) return { kind: 'unknown', keys };
  return { kind: 'envelope', envelope: shipper, index: keys.lastIndexOf(shipper.field), keys };
}

/** No format of text lines has lines that begin with a bracket. */
function beginsAsJson(head: Uint8Array): boolean {
  let i = 0;
  while (i < head.length && head[i]! <= 0x20) i++;
  return head[i] === 0x7b || head[i] === 0x5b;
}

function isEmptyArray(bytes: Uint8Array, start: number, end: number): boolean {
  if (bytes[start] !== 0x5b) return false;
  for (let i = start + 1; i < end - 1; i++) if (bytes[i]! > 0x20) return false;
  return true;
}
