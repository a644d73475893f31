import { ROOT_SHAPES, type ShapeNode, type ShapeTree } from './record-shapes.js';
import { KIND, ValueScanner } from './value-scanner.js';

/** A key that holds records (`Records`) with an array of objects after it; `containerAt` is the position behind its `[`. */
export const CONTAINER = -3;

/** A record with more top-level keys than this is refused. */
export const MAX_KEYS = 10_000;

/**
 * A strict scanner for RFC 8259 JSON over bytes. It accepts and refuses exactly what the grammar does, up to MAX_DEPTH,
 * builds no values, and notes where the top-level members of an object lie. It does not check UTF-8.
 *
 * One scanner serves many values; what it noted holds until the next scan.
 */
export class JsonScanner extends ValueScanner {
  /** How many members the last object had. */
  count = 0;
  /** Where each member's key lies, without its quotes. */
  keyStart = new Int32Array(64);
  keyEnd = new Int32Array(64);
  /** Where each member's value lies, with its quotes or brackets. */
  valueStart = new Int32Array(64);
  valueEnd = new Int32Array(64);
  /** A KIND for each member. */
  kind = new Uint8Array(64);
  /** The key sequence of the last object. */
  shape: ShapeNode = ROOT_SHAPES.root;
  /** How many bare dashes stand in place of values. */
  dashes = 0;
  containerAt = 0;
  #containers = false;

  constructor(readonly shapes: ShapeTree) {
    super();
  }

  /**
   * Scans the value that begins at `start`, which is not white space.
   * With `containers`, an object stops at the first key that holds records: the answer is CONTAINER.
   * @returns the position behind the value, or INVALID, CUT or CONTAINER
   */
  scan(bytes: Uint8Array, start: number, end: number, containers = false): number {
    this.bytes = bytes;
    this.end = end;
    this.#containers = containers;
    this.count = 0;
    this.oddEscape = false;
    this.multiline = false;
    this.dashes = 0;
    return bytes[start] === 0x7b ? this.#record(start) : this.valueAt(start, 1);
  }

  #record(start: number): number {
    const bytes = this.bytes;
    let node = this.shapes.root;
    let i = this.skipSpace(start + 1);
    if (bytes[i] === 0x7d && i < this.end) {
      this.shape = node;
      return i + 1;
    }
    for (;;) {
      if (i >= this.end) return this.cutOff();
      if (bytes[i] !== 0x22) return this.fail(i, 'a key must be a string');
      const keyStart = i + 1;
      const expected = node.latest;
      const isExpected = expected !== undefined && expected.plain && startsWithKey(expected.key, bytes, keyStart);
      i = isExpected ? keyStart + expected.key.length + 1 : this.stringFrom(keyStart);
      if (i < 0) return i;
      if (i > this.end) return this.cutOff();
      const keyEnd = i - 1;
      if (bytes[i] !== 0x3a || i >= this.end) {
        i = this.skipSpace(i);
        if (i >= this.end) return this.cutOff();
        if (bytes[i] !== 0x3a) return this.fail(i, 'a key must be followed by a colon');
      }
      i++;
      if (bytes[i]! <= 0x20) i = this.skipSpace(i);
      node = isExpected ? expected : this.shapes.step(node, bytes, keyStart, keyEnd);
      if (this.#containers && node.holdsRecords && bytes[i] === 0x5b) {
        const opened = this.#openContainer(i);
        if (opened !== 0) return opened;
      }
      const index = this.count;
      if (index === MAX_KEYS) return this.fail(i, `more than ${MAX_KEYS} keys`);
      if (index === this.kind.length) this.#grow();
      const valueStart = i;
      let kind: number = KIND.string;
      if (bytes[i] === 0x22) {
        const escapesBefore = this.escapes;
        i = this.stringFrom(i + 1);
        if (this.escapes !== escapesBefore) kind = KIND.escaped;
      } else {
        i = this.#member(i);
        kind = this.lastKind;
      }
      if (i < 0) return i;
      this.keyStart[index] = keyStart;
      this.keyEnd[index] = keyEnd;
      this.valueStart[index] = valueStart;
      this.valueEnd[index] = i;
      this.kind[index] = kind;
      this.count = index + 1;
      if (i < this.end && bytes[i]! <= 0x20) i = this.skipSpace(i);
      if (i >= this.end) return this.cutOff();
      const byte = bytes[i];
      if (byte === 0x7d) {
        this.shape = node;
        return i + 1;
      }
      if (byte !== 0x2c) return this.fail(i, 'members must be separated by commas');
      i++;
      if (i < this.end && bytes[i]! <= 0x20) i = this.skipSpace(i);
    }
  }

  #openContainer(bracket: number): number {
    const first = this.skipSpace(bracket + 1);
    if (first >= this.end) return this.cutOff();
    if (this.bytes[first] !== 0x7b) return 0;
    this.containerAt = bracket + 1;
    return CONTAINER;
  }

  #member(i: number): number {
    if (this.bytes[i] === 0x2d && i + 1 < this.end) {
      const next = this.bytes[i + 1]!;
      if (next === 0x2c || next === 0x7d || next === 0x20 || next === 0x09 || next === 0x0a || next === 0x0d) {
        this.dashes++;
        this.lastKind = KIND.dash;
        return i + 1;
      }
    }
    return this.valueAt(i, 2);
  }

  #grow(): void {
    const size = this.kind.length * 2;
    this.keyStart = grown(this.keyStart, size);
    this.keyEnd = grown(this.keyEnd, size);
    this.valueStart = grown(this.valueStart, size);
    this.valueEnd = grown(this.valueEnd, size);
    const kind = new Uint8Array(size);
    kind.set(this.kind);
    this.kind = kind;
  }
}

/** Whether the key stands at `start`, with its closing quote. */
function startsWithKey(key: Uint8Array, bytes: Uint8Array, start: number): boolean {
  const { length } = key;
  for (let i = 0; i < length; i++) if (key[i] !== bytes[start + i]) return false;
  return bytes[start + length] === 0x22;
}

function grown(array: Int32Array, size: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(size);
  larger.set(array);
  return larger;
}
