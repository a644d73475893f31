/** What a value is. `escaped` is a string with at least one escape; `integer` has at most 15 digits. */
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
/** Values nested deeper than this are refused: engines crash on far deeper ones. */
export const MAX_DEPTH = 512;
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
 * Scans single JSON values, strictly by the grammar of RFC 8259, up to MAX_DEPTH. It builds nothing and does not check UTF-8.
 * Every scan gives the position behind what it has scanned, or INVALID or CUT.
 */
export class ValueScanner {
  /** Whether a string held `\u0000` or half a surrogate pair, which engines refuse. */
  oddEscape = false;
  /** Whether the value holds a line break (LF or CR). */
  multiline = false;
  /** Why the last scan failed, and where. */
  reason = '';
  failedAt = 0;

  protected bytes: Uint8Array = new Uint8Array(0);
  protected end = 0;
  /** The KIND of the value that was scanned last. */
  protected lastKind = 0;
  /** How many escapes there were so far. */
  protected escapes = 0;

  /** Scans one string, key or other, that begins with its opening quote at `start`. Like `scan`. */
  scanString(bytes: Uint8Array, start: number, end: number): number {
    this.bytes = bytes;
    this.end = end;
    return bytes[start] === 0x22 ? this.stringFrom(start + 1) : this.fail(start, 'a key must be a string');
  }

  /** The position of the next byte that is not white space, from `at` on; the end where there is none. */
  skipSpace(at: number): number {
    const bytes = this.bytes;
    const end = this.end;
    let i = at;
    for (; i < end; i++) {
      const byte = bytes[i];
      if (byte === 0x0a || byte === 0x0d) this.multiline = true;
      else if (byte !== 0x20 && byte !== 0x09) break;
    }
    return i;
  }

  protected valueAt(i: number, depth: number): number {
    if (i >= this.end) return this.cutOff();
    const byte = this.bytes[i]!;
    switch (byte) {
      case 0x22: {
        const escapesBefore = this.escapes;
        const next = this.stringFrom(i + 1);
        this.lastKind = this.escapes === escapesBefore ? KIND.string : KIND.escaped;
        return next;
      }
      case 0x7b:
        return this.nested(i, depth, true);
      case 0x5b:
        return this.nested(i, depth, false);
      case 0x74:
        this.lastKind = KIND.true;
        return this.literal(i, 'true');
      case 0x66:
        this.lastKind = KIND.false;
        return this.literal(i, 'false');
      case 0x6e:
        this.lastKind = KIND.null;
        return this.literal(i, 'null');
      default:
        return byte === 0x2d || (byte >= 0x30 && byte <= 0x39) ? this.numberAt(i) : this.fail(i, 'not a JSON value');
    }
  }

  /** The end is looked at before each byte: once one is read from behind the buffer, the engine makes every such loop slow. */
  protected stringFrom(from: number): number {
    const bytes = this.bytes;
    const end = this.end;
    let i = from;
    for (;;) {
      let kind: number | undefined = PLAIN;
      while (i < end && (kind = STRING_CLASS[bytes[i]!]) === PLAIN) i++;
      if (i >= end) return this.cutOff();
      if (kind === QUOTE) return i + 1;
      if (kind !== BACKSLASH) return this.fail(i, 'a control character in a string');
      this.escapes++;
      if (i + 1 < end && SHORT_ESCAPE[bytes[i + 1]!] === 1) {
        i += 2;
      } else {
        i = this.escape(i + 1);
        if (i < 0) return i;
      }
    }
  }

  protected escape(i: number): number {
    if (i >= this.end) return this.cutOff();
    return this.bytes[i] === 0x75 ? this.unicodeEscape(i + 1) : this.fail(i, 'an unknown escape in a string');
  }

  protected unicodeEscape(i: number): number {
    const unit = this.hex4(i);
    if (unit < 0) return unit;
    if (unit === 0) this.oddEscape = true;
    if (unit < 0xd800 || unit > 0xdfff) return i + 4;
    const low = unit < 0xdc00 && this.bytes[i + 4] === 0x5c && this.bytes[i + 5] === 0x75 ? this.hex4(i + 6) : -1;
    if (low >= 0xdc00 && low <= 0xdfff) return i + 10;
    this.oddEscape = true;
    return i + 4;
  }

  protected hex4(i: number): number {
    if (i + 4 > this.end) return this.cutOff();
    let unit = 0;
    for (let k = i; k < i + 4; k++) {
      const digit = HEX[this.bytes[k]!]!;
      if (digit < 0) return this.fail(k, 'an escape \\u without four hexadecimal digits');
      unit = unit * 16 + digit;
    }
    return unit;
  }

  protected numberAt(from: number): number {
    const bytes = this.bytes;
    const end = this.end;
    let i = bytes[from] === 0x2d ? from + 1 : from;
    if (i >= end) return this.cutOff();
    const digits = i;
    if (bytes[i] === 0x30) i++;
    else i = this.digits(i);
    if (i < 0) return i;
    this.lastKind = i - digits > 15 || (bytes[from] === 0x2d && bytes[digits] === 0x30) ? KIND.number : KIND.integer;
    if (i < end && bytes[i] === 0x2e) {
      this.lastKind = KIND.number;
      i = this.digits(i + 1);
      if (i < 0) return i;
    }
    if (i < end && (bytes[i] === 0x65 || bytes[i] === 0x45)) {
      this.lastKind = KIND.number;
      i++;
      if (i < end && (bytes[i] === 0x2b || bytes[i] === 0x2d)) i++;
      i = this.digits(i);
    }
    return i;
  }

  protected digits(from: number): number {
    const bytes = this.bytes;
    const end = this.end;
    let i = from;
    while (i < end && bytes[i]! >= 0x30 && bytes[i]! <= 0x39) i++;
    if (i > from) return i;
    return i >= end ? this.cutOff() : this.fail(i, 'a number lacks digits');
  }

  protected literal(i: number, word: string): number {
    for (let k = 1; k < word.length; k++) {
      if (i + k >= this.end) return this.cutOff();
      if (this.bytes[i + k] !== word.charCodeAt(k)) return this.fail(i, 'not a JSON value');
    }
    return i + word.length;
  }

  protected nested(open: number, depth: number, isObject: boolean): number {
    if (depth > MAX_DEPTH) return this.fail(open, `nested deeper than ${MAX_DEPTH} levels`);
    const bytes = this.bytes;
    const end = this.end;
    const close = isObject ? 0x7d : 0x5d;
    let i = this.skipSpace(open + 1);
    if (i < end && bytes[i] === close) {
      this.lastKind = isObject ? KIND.object : KIND.array;
      return i + 1;
    }
    for (;;) {
      if (i >= end) return this.cutOff();
      if (isObject) {
        i = this.keyAt(i);
        if (i < 0) return i;
      }
      i = this.valueAt(i, depth + 1);
      if (i < 0) return i;
      i = this.skipSpace(i);
      if (i >= end) return this.cutOff();
      if (bytes[i] === close) {
        this.lastKind = isObject ? KIND.object : KIND.array;
        return i + 1;
      }
      if (bytes[i] !== 0x2c) return this.fail(i, 'values must be separated by commas');
      i = this.skipSpace(i + 1);
    }
  }

  protected keyAt(at: number): number {
    if (this.bytes[at] !== 0x22) return this.fail(at, 'a key must be a string');
    let i = this.stringFrom(at + 1);
    if (i < 0) return i;
    i = this.skipSpace(i);
    if (i >= this.end) return this.cutOff();
    if (this.bytes[i] !== 0x3a) return this.fail(i, 'a key must be followed by a colon');
    return this.skipSpace(i + 1);
  }

  protected fail(at: number, reason: string): number {
    this.failedAt = at;
    this.reason = reason;
    return INVALID;
  }

  protected cutOff(): number {
    this.failedAt = this.end;
    this.reason = 'the value is cut off';
    return CUT;
  }
}
