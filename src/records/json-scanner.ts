import { ROOT_SHAPES, type ShapeNode, type ShapeTree } from './record-shapes.js';

/** What a top-level value of a record is. `escaped` is a string with at least one escape; `integer` has at most 15 digits. */
export const KIND = {
  string: 1,
  escaped: 2,
  integer: 3,
  number: 4,
  true: 5,
  false: 6,
  null: 7,
  object: 8,
  array: 9,
  /** A bare `-` in place of a value, as API Gateway templates write it. Not JSON. */
  dash: 10,
} as const;

/** The value is not JSON; `reason` and `failedAt` say why and where. */
export const INVALID = -1;
/** The bytes end inside the value. */
export const CUT = -2;
/** A key that holds records (`Records`) with an array of objects after it; `containerAt` is the position behind its `[`. */
export const CONTAINER = -3;

/** Values nested deeper than this are refused: engines crash on far deeper ones. */
export const MAX_DEPTH = 512;
/** A record with more top-level keys than this is refused. */
export const MAX_KEYS = 10_000;

const PLAIN = 0;
const QUOTE = 1;
const BACKSLASH = 2;
const STRING_CLASS = new Uint8Array(256);
STRING_CLASS.fill(3, 0, 32);
STRING_CLASS[0x22] = QUOTE;
STRING_CLASS[0x5c] = BACKSLASH;

/** What may stand behind a backslash, but for `u`. */
const SHORT_ESCAPE = new Uint8Array(256);
for (const character of '"\\/bfnrt') SHORT_ESCAPE[character.charCodeAt(0)] = 1;

const HEX = new Int8Array(256).fill(-1);
for (let digit = 0; digit < 16; digit++) {
  HEX[digit.toString(16).charCodeAt(0)] = digit;
  HEX[digit.toString(16).toUpperCase().charCodeAt(0)] = digit;
}

/**
 * A strict scanner for RFC 8259 JSON over bytes. It accepts and refuses exactly what the grammar does, up to MAX_DEPTH,
 * builds no values, and notes where the top-level members of an object lie. It does not check UTF-8.
 *
 * One scanner serves many values; what it noted holds until the next scan.
 */
export class JsonScanner {
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
  /** Whether a string held `\u0000` or half a surrogate pair, which engines refuse. */
  oddEscape = false;
  /** Whether the value spans lines. */
  multiline = false;
  /** How many bare dashes stand in place of values. */
  dashes = 0;
  containerAt = 0;
  reason = '';
  failedAt = 0;

  #bytes: Uint8Array = new Uint8Array(0);
  #end = 0;
  #lastKind = 0;
  #containers = false;

  constructor(readonly shapes: ShapeTree) {}

  /**
   * Scans the value that begins at `start`, which is not white space.
   * With `containers`, an object stops at the first key that holds records: the answer is CONTAINER.
   * @returns the position behind the value, or INVALID, CUT or CONTAINER
   */
  scan(bytes: Uint8Array, start: number, end: number, containers = false): number {
    this.#bytes = bytes;
    this.#end = end;
    this.#containers = containers;
    this.count = 0;
    this.oddEscape = false;
    this.multiline = false;
    this.dashes = 0;
    return bytes[start] === 0x7b ? this.#record(start) : this.#value(start, 1);
  }

  /** Scans one string, key or other, that begins with its opening quote at `start`. Like `scan`. */
  scanString(bytes: Uint8Array, start: number, end: number): number {
    this.#bytes = bytes;
    this.#end = end;
    return bytes[start] === 0x22 ? this.#string(start + 1) : this.#fail(start, 'a key must be a string');
  }

  /** The position of the next byte that is not white space, from `at` on; the end where there is none. */
  skipSpace(at: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let i = at;
    for (; i < end; i++) {
      const byte = bytes[i];
      if (byte === 0x0a) this.multiline = true;
      else if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) break;
    }
    return i;
  }

  #record(start: number): number {
    const bytes = this.#bytes;
    let node = this.shapes.root;
    let i = this.skipSpace(start + 1);
    if (bytes[i] === 0x7d && i < this.#end) {
      this.shape = node;
      return i + 1;
    }
    for (;;) {
      if (i >= this.#end) return this.#cut();
      if (bytes[i] !== 0x22) return this.#fail(i, 'a key must be a string');
      const keyStart = i + 1;
      const expected = node.latest;
      const isExpected = expected !== undefined && expected.plain && startsWithKey(expected.key, bytes, keyStart);
      i = isExpected ? keyStart + expected.key.length + 1 : this.#string(keyStart);
      if (i < 0) return i;
      if (i > this.#end) return this.#cut();
      const keyEnd = i - 1;
      if (bytes[i] !== 0x3a || i >= this.#end) {
        i = this.skipSpace(i);
        if (i >= this.#end) return this.#cut();
        if (bytes[i] !== 0x3a) return this.#fail(i, 'a key must be followed by a colon');
      }
      i++;
      if (bytes[i]! <= 0x20) i = this.skipSpace(i);
      node = isExpected ? expected : this.shapes.step(node, bytes, keyStart, keyEnd);
      if (this.#containers && node.holdsRecords && bytes[i] === 0x5b) {
        const opened = this.#openContainer(i);
        if (opened !== 0) return opened;
      }
      const index = this.count;
      if (index === MAX_KEYS) return this.#fail(i, `more than ${MAX_KEYS} keys`);
      if (index === this.kind.length) this.#grow();
      const valueStart = i;
      i = this.#member(i);
      if (i < 0) return i;
      this.keyStart[index] = keyStart;
      this.keyEnd[index] = keyEnd;
      this.valueStart[index] = valueStart;
      this.valueEnd[index] = i;
      this.kind[index] = this.#lastKind;
      this.count = index + 1;
      if (i < this.#end && bytes[i]! <= 0x20) i = this.skipSpace(i);
      if (i >= this.#end) return this.#cut();
      const byte = bytes[i];
      if (byte === 0x7d) {
        this.shape = node;
        return i + 1;
      }
      if (byte !== 0x2c) return this.#fail(i, 'members must be separated by commas');
      i++;
      if (i < this.#end && bytes[i]! <= 0x20) i = this.skipSpace(i);
    }
  }

  #openContainer(bracket: number): number {
    const first = this.skipSpace(bracket + 1);
    if (first >= this.#end) return this.#cut();
    if (this.#bytes[first] !== 0x7b) return 0;
    this.containerAt = bracket + 1;
    return CONTAINER;
  }

  #member(i: number): number {
    if (this.#bytes[i] === 0x2d && i + 1 < this.#end) {
      const next = this.#bytes[i + 1]!;
      if (next === 0x2c || next === 0x7d || next === 0x20 || next === 0x09 || next === 0x0a || next === 0x0d) {
        this.dashes++;
        this.#lastKind = KIND.dash;
        return i + 1;
      }
    }
    return this.#value(i, 2);
  }

  #value(i: number, depth: number): number {
    if (i >= this.#end) return this.#cut();
    const byte = this.#bytes[i]!;
    switch (byte) {
      case 0x22: {
        const escapesBefore = this.#escapes;
        const next = this.#string(i + 1);
        this.#lastKind = this.#escapes === escapesBefore ? KIND.string : KIND.escaped;
        return next;
      }
      case 0x7b:
        return this.#nested(i, depth, true);
      case 0x5b:
        return this.#nested(i, depth, false);
      case 0x74:
        this.#lastKind = KIND.true;
        return this.#literal(i, 'true');
      case 0x66:
        this.#lastKind = KIND.false;
        return this.#literal(i, 'false');
      case 0x6e:
        this.#lastKind = KIND.null;
        return this.#literal(i, 'null');
      default:
        return byte === 0x2d || (byte >= 0x30 && byte <= 0x39) ? this.#number(i) : this.#fail(i, 'not a JSON value');
    }
  }

  #escapes = 0;

  /** Bytes behind the end are undefined or another value's; either way the loop stops, and the end is looked at then. */
  #string(from: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let i = from;
    for (;;) {
      let kind = STRING_CLASS[bytes[i]!];
      while (kind === PLAIN) kind = STRING_CLASS[bytes[++i]!];
      if (i >= end) return this.#cut();
      if (kind === QUOTE) return i + 1;
      if (kind !== BACKSLASH) return this.#fail(i, 'a control character in a string');
      this.#escapes++;
      if (i + 1 < end && SHORT_ESCAPE[bytes[i + 1]!] === 1) {
        i += 2;
      } else {
        i = this.#escape(i + 1);
        if (i < 0) return i;
      }
    }
  }

  #escape(i: number): number {
    if (i >= this.#end) return this.#cut();
    return this.#bytes[i] === 0x75 ? this.#unicodeEscape(i + 1) : this.#fail(i, 'an unknown escape in a string');
  }

  #unicodeEscape(i: number): number {
    const unit = this.#hex4(i);
    if (unit < 0) return unit;
    if (unit === 0) this.oddEscape = true;
    if (unit < 0xd800 || unit > 0xdfff) return i + 4;
    const low = unit < 0xdc00 && this.#bytes[i + 4] === 0x5c && this.#bytes[i + 5] === 0x75 ? this.#hex4(i + 6) : -1;
    if (low >= 0xdc00 && low <= 0xdfff) return i + 10;
    this.oddEscape = true;
    return i + 4;
  }

  #hex4(i: number): number {
    if (i + 4 > this.#end) return this.#cut();
    let unit = 0;
    for (let k = i; k < i + 4; k++) {
      const digit = HEX[this.#bytes[k]!]!;
      if (digit < 0) return this.#fail(k, 'an escape \\u without four hexadecimal digits');
      unit = unit * 16 + digit;
    }
    return unit;
  }

  #number(from: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let i = bytes[from] === 0x2d ? from + 1 : from;
    if (i >= end) return this.#cut();
    const digits = i;
    if (bytes[i] === 0x30) i++;
    else i = this.#digits(i);
    if (i < 0) return i;
    this.#lastKind = i - digits > 15 || (bytes[from] === 0x2d && bytes[digits] === 0x30) ? KIND.number : KIND.integer;
    if (i < end && bytes[i] === 0x2e) {
      this.#lastKind = KIND.number;
      i = this.#digits(i + 1);
      if (i < 0) return i;
    }
    if (i < end && (bytes[i] === 0x65 || bytes[i] === 0x45)) {
      this.#lastKind = KIND.number;
      i++;
      if (i < end && (bytes[i] === 0x2b || bytes[i] === 0x2d)) i++;
      i = this.#digits(i);
    }
    return i;
  }

  #digits(from: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let i = from;
    while (i < end && bytes[i]! >= 0x30 && bytes[i]! <= 0x39) i++;
    if (i > from) return i;
    return i >= end ? this.#cut() : this.#fail(i, 'a number lacks digits');
  }

  #literal(i: number, word: string): number {
    for (let k = 1; k < word.length; k++) {
      if (i + k >= this.#end) return this.#cut();
      if (this.#bytes[i + k] !== word.charCodeAt(k)) return this.#fail(i, 'not a JSON value');
    }
    return i + word.length;
  }

  #nested(open: number, depth: number, isObject: boolean): number {
    if (depth > MAX_DEPTH) return this.#fail(open, `nested deeper than ${MAX_DEPTH} levels`);
    const bytes = this.#bytes;
    const end = this.#end;
    const close = isObject ? 0x7d : 0x5d;
    let i = this.skipSpace(open + 1);
    if (i < end && bytes[i] === close) {
      this.#lastKind = isObject ? KIND.object : KIND.array;
      return i + 1;
    }
    for (;;) {
      if (i >= end) return this.#cut();
      if (isObject) {
        i = this.#key(i);
        if (i < 0) return i;
      }
      i = this.#value(i, depth + 1);
      if (i < 0) return i;
      i = this.skipSpace(i);
      if (i >= end) return this.#cut();
      if (bytes[i] === close) {
        this.#lastKind = isObject ? KIND.object : KIND.array;
        return i + 1;
      }
      if (bytes[i] !== 0x2c) return this.#fail(i, 'values must be separated by commas');
      i = this.skipSpace(i + 1);
    }
  }

  #key(at: number): number {
    if (this.#bytes[at] !== 0x22) return this.#fail(at, 'a key must be a string');
    let i = this.#string(at + 1);
    if (i < 0) return i;
    i = this.skipSpace(i);
    if (i >= this.#end) return this.#cut();
    if (this.#bytes[i] !== 0x3a) return this.#fail(i, 'a key must be followed by a colon');
    return this.skipSpace(i + 1);
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

  #fail(at: number, reason: string): number {
    this.failedAt = at;
    this.reason = reason;
    return INVALID;
  }

  #cut(): number {
    this.failedAt = this.#end;
    this.reason = 'the value is cut off';
    return CUT;
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
